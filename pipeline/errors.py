"""One family of errors, each with the place, the value and the remedy; the command line maps them to exit code 2."""

from collections.abc import Iterable
from difflib import get_close_matches


class FramingError(Exception):
    """Something a user can mend. The message says where it is, what is wrong and what to do."""


class ParametersError(FramingError):
    """A parameter is missing, unknown or out of range."""


class LabelsError(FramingError):
    """A file of hand labels breaks the rules of the codebook or its schema."""


class DocumentError(FramingError):
    """A text cannot be read: where, why, and what would help; the remedy may be empty.

    >>> str(DocumentError("a.txt", "empty", "remove it"))
    'a.txt: empty; remove it'
    """

    def __init__(self, place: str, reason: str, remedy: str = "") -> None:
        super().__init__(place, reason, remedy)
        self.place, self.reason, self.remedy = place, reason, remedy

    def __str__(self) -> str:
        return f"{self.place}: {self.reason}" + (f"; {self.remedy}" if self.remedy else "")


class EncoderError(FramingError):
    """The pretrained encoder is absent, unknown or not the one that its publisher released."""


class ModelError(FramingError):
    """The trained model is absent or does not fit the encoder."""


class OutputError(FramingError):
    """A result cannot be written."""


class EngineError(FramingError):
    """The cluster that should classify is absent, or fails."""


class LostError(EngineError):
    """The cluster lost work through no fault of the user's: who goes on after the last part loses nothing."""


def did_you_mean(value: str, known: Iterable[str]) -> str:
    """A clause that names the nearest known value, or lists them all.

    >>> did_you_mean("realism", ["realist", "identity"])
    'did you mean "realist"?'
    """
    known = list(known)
    near = get_close_matches(value, known, n=1)
    return f'did you mean "{near[0]}"?' if near else "known: " + ", ".join(known)
