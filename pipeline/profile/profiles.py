"""Profiles: per author, each frame's share of passages, with an interval, and the contested part of it."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

import numpy as np
from pydantic import TypeAdapter

from pipeline.frames import FRAMES, Frame
from pipeline.params import ProfileParams
from pipeline.profile.estimate import Calibrator, Flags, Share, corrected_share, labelled_share

# What a share rests on.
HAND = "hand labels"
CORRECTED = "classifier, corrected"
TOO_LITTLE = "not enough text"

Part = Literal["present", "advanced", "contested"]


@dataclass(frozen=True)
class ReadPassage:
    """A passage as the profile sees it: what the classifier decided, and what a hand label says where there is one."""

    document: str
    decided: frozenset[Frame]
    decided_contested: frozenset[Frame]
    labelled: frozenset[Frame] | None = None
    labelled_contested: frozenset[Frame] | None = None


@dataclass(frozen=True)
class FrameProfile:
    """One bar: shares of the passages that carry the frame, that advance it, that contest it.

    `share`, `advanced` and `contested` rest on what the profile's `basis` says; None where there is too little text,
    or where the classifier tells the frame too poorly. `counted` and `counted_contested` are the classifier's plain
    counts, `corrected` what the classifier would say of a text that nobody labelled.
    """

    frame: Frame
    share: Share | None
    advanced: Share | None
    contested: Share | None
    counted: float
    counted_contested: float
    corrected: Share | None
    corrected_contested: Share | None


@dataclass(frozen=True)
class Profile:
    """An author's profile. `stale` where the texts were read by an earlier model; `read` is text or notes."""

    author: str
    documents: int
    passages: int
    basis: str
    read: str
    stale: bool
    without_frame: float
    frames: tuple[FrameProfile, ...]


def build_profile(
    author: str,
    passages: Sequence[ReadPassage],
    others: Sequence[ReadPassage],
    params: ProfileParams,
    *,
    read: str = "text",
    stale: bool = False,
) -> Profile:
    """The profile of one author.

    Args:
        passages: all the author's passages, in order.
        others: hand-labelled passages of other authors, on which the classifier's errors are measured.

    Where every passage is labelled by hand, the hand labels are the profile.
    """
    documents = [passage.document for passage in passages]
    by_hand = all(passage.labelled is not None for passage in passages)
    enough = len(passages) >= params.min_passages
    frames = []
    for frame in FRAMES:
        present, ahead, against = (
            _estimates(frame, passages, others, documents, params, part) for part in get_args(Part)
        )
        basis = "hand" if by_hand else "corrected"
        frames.append(
            FrameProfile(
                frame=frame,
                share=present[basis] if enough else None,
                advanced=ahead[basis] if enough else None,
                contested=against[basis] if enough else None,
                counted=present["counted"],
                counted_contested=against["counted"],
                corrected=present["corrected"] if enough else None,
                corrected_contested=against["corrected"] if enough else None,
            )
        )
    empty = [not (p.labelled if by_hand else p.decided) for p in passages]
    return Profile(
        author=author,
        documents=len(set(documents)),
        passages=len(passages),
        basis=(HAND if by_hand else CORRECTED) if enough else TOO_LITTLE,
        read=read,
        stale=stale,
        without_frame=round(float(np.mean(empty)), 4),
        frames=tuple(frames),
    )


def to_json(profiles: Mapping[str, Sequence[Profile]]) -> dict[str, Any]:
    """Profiles by corpus as plain values."""
    return {corpus: [asdict(profile) for profile in found] for corpus, found in profiles.items()}


def from_json(values: Mapping[str, Any]) -> dict[str, list[Profile]]:
    """The profiles that `to_json` wrote."""
    return TypeAdapter(dict[str, list[Profile]]).validate_python(values)


def to_rows(profiles: Mapping[str, Sequence[Profile]]) -> list[dict[str, Any]]:
    """One row an author and frame, for CSV; an empty cell where there is no number."""
    return [
        {
            "corpus": corpus,
            "author": profile.author,
            "documents": profile.documents,
            "passages": profile.passages,
            "basis": profile.basis,
            "read": profile.read,
            "stale": profile.stale,
            "frame": bar.frame,
            **_cells("share", bar.share),
            **_cells("advanced", bar.advanced),
            **_cells("contested", bar.contested),
            "counted": bar.counted,
            "counted_contested": bar.counted_contested,
            **_cells("corrected", bar.corrected),
            **_cells("corrected_contested", bar.corrected_contested),
        }
        for corpus, found in profiles.items()
        for profile in found
        for bar in profile.frames
    ]


def _cells(name: str, share: Share | None) -> dict[str, float | str]:
    if share is None:
        return {name: "", f"{name}_low": "", f"{name}_high": ""}
    return {name: share.value, f"{name}_low": share.low, f"{name}_high": share.high}


def _estimates(
    frame: Frame,
    passages: Sequence[ReadPassage],
    others: Sequence[ReadPassage],
    documents: Sequence[str],
    params: ProfileParams,
    part: Part,
) -> dict[str, Any]:
    decided = _flags([_decided(passage, part) for passage in passages], frame)
    known = [passage for passage in others if passage.labelled is not None]
    calibrator = Calibrator(
        truth=_flags([_labelled(passage, part) for passage in known], frame),
        decided=_flags([_decided(passage, part) for passage in known], frame),
        documents=tuple(passage.document for passage in known),
    )
    by_hand = all(passage.labelled is not None for passage in passages)
    hand = _flags([_labelled(passage, part) for passage in passages], frame)
    return {
        "counted": round(float(decided.mean()), 4),
        "corrected": corrected_share(decided, documents, calibrator, params) if known else None,
        "hand": labelled_share(hand, documents, params) if by_hand else None,
    }


def _decided(passage: ReadPassage, part: Part) -> frozenset[Frame]:
    return _part(passage.decided, passage.decided_contested, part)


def _labelled(passage: ReadPassage, part: Part) -> frozenset[Frame]:
    return _part(passage.labelled or frozenset(), passage.labelled_contested or frozenset(), part)


def _part(frames: frozenset[Frame], contested: frozenset[Frame], part: Part) -> frozenset[Frame]:
    return {"present": frames, "advanced": frames - contested, "contested": contested}[part]


def _flags(sets: Sequence[frozenset[Frame]], frame: Frame) -> Flags:
    return np.array([frame in found for found in sets], dtype=bool)
