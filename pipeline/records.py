"""What travels between the stages: documents, passages and hand labels, all frozen."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Self, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from pipeline.errors import LabelsError, did_you_mean
from pipeline.frames import FRAMES, Frame


@dataclass(frozen=True)
class Document:
    """One essay, op-ed or speech.

    `date` is as given: a year or an ISO date. `language` is an ISO 639-1 code. `place` says where it was read from: a
    file, and the record in it. `removed_share` is the share of its words that was not the author's running text
    (menus, captions, footnotes, references) and was left out.
    """

    id: str
    text: str
    title: str = ""
    authors: tuple[str, ...] = ()
    date: str = ""
    source: str = ""
    language: str = ""
    place: str = ""
    removed_share: float = 0.0

    @property
    def byline(self) -> str:
        """The author or authors, as a profile names them; the id where nobody is named."""
        return " and ".join(self.authors) or self.id


class Record(BaseModel):
    """A frozen record that is read from a file and refuses keys that it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Passage(Record):
    """A run of sentences, `document.text[start:end]`; offsets in characters, `sha256` of that text in UTF-8."""

    document: str
    passage: int
    start: int
    end: int
    words: int
    sha256: str


def _known_frame(value: object) -> object:
    if value not in FRAMES:
        raise ValueError(f'unknown frame "{value}"; {did_you_mean(str(value), FRAMES)}')
    return value


FrameName = Annotated[Frame, BeforeValidator(_known_frame)]


class Label(Record):
    """Frames, most prominent first, and which of them the passage's own author contests."""

    frames: tuple[FrameName, ...]
    contested: tuple[FrameName, ...] = ()

    @model_validator(mode="after")
    def _contested_among_frames(self) -> Self:
        if len(set(self.frames)) < len(self.frames):
            raise ValueError(f"a frame stands twice in frames: {', '.join(self.frames)}")
        for frame in self.contested:
            if frame not in self.frames:
                raise ValueError(f'contested "{frame}" is not among frames; add it there or take it out here')
        return self

    def same_sets(self, other: "Label") -> bool:
        """Whether two labels agree, prominence aside."""
        return set(self.frames) == set(other.frames) and set(self.contested) == set(other.contested)


class Annotation(Label):
    """One annotator's label for a passage."""

    annotator: str


class Settlement(Label):
    """The label that a third reading gave where two passes differed, with its reason in a line."""

    reason: str = Field(min_length=1)


class Labelled(Record):
    """A passage with every annotator's label; where they differ, `settled` decides."""

    annotations: tuple[Annotation, ...] = Field(min_length=1)
    settled: Settlement | None = None

    @property
    def label(self) -> Label:
        """The label that counts."""
        return self.settled or self.annotations[0]


class WrittenPassage(Labelled):
    """A passage that was written for this project: what the classifier trains on."""

    id: str
    voice: str
    matter: str
    case: str
    text: str = Field(min_length=1)

    @property
    def batch(self) -> str:
        """The batch it was written in, `b01` of `b01-017`."""
        return self.id.split("-", 1)[0]


class GoldPassage(Labelled):
    """A hand-labelled passage of a document: place and label without its text, and a reading note."""

    passage: int
    start: int
    end: int
    words: int
    sha256: str
    note: str = ""


class UnfamiliarText(Record):
    """A text of a kind that the classifier was never meant to read."""

    id: str
    kind: str
    text: str = Field(min_length=1)


R = TypeVar("R", bound=Record)


def read_jsonl(path: Path, kind: type[R]) -> list[R]:
    """The records of a JSON Lines file.

    Raises: LabelsError with file and line, the value and the remedy.
    """
    records = []
    try:
        with path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    records.append(_parse(line, kind, f"{path}:{number}"))
    except FileNotFoundError:
        raise LabelsError(
            f"{path}: no such file; make it with `dvc repro`, or restore it with `git checkout`"
        ) from None
    except UnicodeDecodeError as error:
        raise LabelsError(f"{path}: not UTF-8 at byte {error.start}; save it as UTF-8") from None
    return records


def write_jsonl(path: Path, records: Iterable[Record]) -> None:
    """One record a line, in the order given, the same bytes for the same records."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(record.model_dump_json(exclude_none=True) + "\n" for record in records), encoding="utf-8")


def _parse(line: str, kind: type[R], place: str) -> R:
    try:
        return kind.model_validate_json(line)
    except ValidationError as error:
        raise LabelsError(f"{place}: {describe(error)}") from None


def describe(error: ValidationError) -> str:
    """The first fault that pydantic found, in one line."""
    fault = error.errors(include_url=False)[0]
    where = ".".join(str(part) for part in fault["loc"])
    message = fault["msg"].removeprefix("Value error, ")
    return f"{where}: {message}" if where else message
