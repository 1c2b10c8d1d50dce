"""Profiles: per author, each frame's share of passages, with an interval, and the contested part of it."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any, Final, Literal, get_args

import numpy as np
from pydantic import TypeAdapter

from pipeline.evaluation.tiers import EXPLORATORY
from pipeline.frames import FRAMES, Frame
from pipeline.params import ProfileParams
from pipeline.profile.correction import Calibration, Correction, fit_corrections
from pipeline.profile.estimate import Share, Shares, corrected_shares, labelled_shares, partly_labelled_shares
from pipeline.profile.resamples import Flags, Resamples, resamples

# What a share rests on.
Basis = Literal["reference labels", "reference labels and classifier", "classifier, corrected", "not enough text"]
HAND: Final = "reference labels"
PARTLY: Final = "reference labels and classifier"
CORRECTED: Final = "classifier, corrected"
TOO_LITTLE: Final = "not enough text"

Part = Literal["present", "advanced", "contested"]
PARTS: tuple[Part, ...] = get_args(Part)


@dataclass(frozen=True)
class ReadPassage:
    """A passage as the profile sees it: what the classifier decided, and what a hand label says where there is one.

    `uncertain` names the labels whose decision is, `unfamiliar` passages do not count for the classifier at all.
    Passages of a document stand together; `author` is the document's id where it is empty.
    """

    document: str
    decided: frozenset[Frame]
    decided_contested: frozenset[Frame]
    labelled: frozenset[Frame] | None = None
    labelled_contested: frozenset[Frame] | None = None
    uncertain: frozenset[str] = frozenset()
    unfamiliar: bool = False
    author: str = ""


@dataclass(frozen=True)
class FrameProfile:
    """One bar: shares of the passages that carry the frame, that advance it, that contest it.

    `share`, `advanced` and `contested` rest on what the profile's `basis` says; None where there is too little text,
    or where the classifier tells the frame too poorly. `counted` and the like are the classifier's plain counts,
    `corrected` and the like what it would say of a text that nobody labelled, `uncertain` the share of its decisions
    on the frame that are: all of them over the passages that are familiar to it. `tier` and `contested_tier` say how
    much may be claimed from the classifier's reading of what is advanced and of what is contested; None with reference
    labels.
    """

    frame: Frame
    share: Share | None
    advanced: Share | None
    contested: Share | None
    counted: float
    counted_advanced: float
    counted_contested: float
    corrected: Share | None
    corrected_advanced: Share | None
    corrected_contested: Share | None
    uncertain: float
    tier: str | None
    contested_tier: str | None


@dataclass(frozen=True)
class Profile:
    """The profile of an author, or of any group: `by` says of what, and `author` is its name.

    `stale` where the texts were read by an earlier model; `read` is text or notes. `unfamiliar` passages are among
    `passages`, but leave the denominators of what the classifier says. `labelled` counts the passages with hand
    labels. `uncertain` is the share of the familiar passages with an uncertain decision on some frame, `without_frame`
    the share in which no frame was found (by hand, where all is labelled). `years` are those of the first and the
    last document, None where none is dated.
    """

    author: str
    documents: int
    passages: int
    unfamiliar: int
    basis: Basis
    read: str
    stale: bool
    without_frame: float
    frames: tuple[FrameProfile, ...]
    by: str = "author"
    labelled: int = 0
    uncertain: float = 0.0
    years: tuple[int, int] | None = None


def build_profile(
    author: str,
    passages: Sequence[ReadPassage],
    others: Sequence[ReadPassage],
    params: ProfileParams,
    tiers: Mapping[str, str],
    *,
    read: str = "text",
    stale: bool = False,
    by: str = "author",
    years: tuple[int, int] | None = None,
) -> Profile:
    """The profile of one author, or of another group.

    Args:
        passages: all the author's passages, in order.
        others: hand-labelled passages of other authors, on which the classifier's errors are measured.
        tiers: of `advanced-FRAME` and `contested-FRAME`, how much may be claimed for the classifier's reading; what is
            absent is exploratory.

    Where every passage is labelled by hand, the hand labels are the profile. Where at least `min_passages` are, they
    put the classifier's decisions on the others right. Fewer have no say.
    """
    labelled = [passage.labelled is not None for passage in passages]
    by_hand = all(labelled)
    familiar = [passage for passage in passages if not passage.unfamiliar]
    counting = passages if by_hand else familiar
    enough = len(counting) >= params.min_passages
    readable = len(familiar) >= params.min_passages
    known = sum(passage.labelled is not None for passage in familiar)
    basis: Basis = HAND if by_hand else PARTLY if known >= params.min_passages else CORRECTED
    parts = {part: _estimates(passages, familiar, tuple(others), params, part) for part in PARTS}

    def estimate(part: Part, what: str, place: int, allowed: bool) -> Share | None:
        found = parts[part][what]
        return found[place] if allowed and found else None

    frames = [
        FrameProfile(
            frame=frame,
            share=estimate("present", basis, place, enough),
            advanced=estimate("advanced", basis, place, enough),
            contested=estimate("contested", basis, place, enough),
            counted=_mean([frame in p.decided for p in familiar]),
            counted_advanced=_mean([frame in p.decided - p.decided_contested for p in familiar]),
            counted_contested=_mean([frame in p.decided_contested for p in familiar]),
            corrected=estimate("present", CORRECTED, place, readable),
            corrected_advanced=estimate("advanced", CORRECTED, place, readable),
            corrected_contested=estimate("contested", CORRECTED, place, readable),
            uncertain=_mean([frame in p.uncertain for p in familiar]),
            tier=None if by_hand else tier_of(tiers, "advanced", frame),
            contested_tier=None if by_hand else tier_of(tiers, "contested", frame),
        )
        for place, frame in enumerate(FRAMES)
    ]
    empty = [not (p.labelled if by_hand else p.decided) for p in counting]
    return Profile(
        author=author,
        documents=len({passage.document for passage in passages}),
        passages=len(passages),
        unfamiliar=len(passages) - len(familiar),
        basis=basis if enough else TOO_LITTLE,
        read=read,
        stale=stale,
        without_frame=_mean(empty),
        frames=tuple(frames),
        by=by,
        labelled=sum(labelled),
        uncertain=_mean([bool(passage.uncertain & set(FRAMES)) for passage in familiar]),
        years=years,
    )


def tier_of(tiers: Mapping[str, str], part: Part, frame: Frame) -> str:
    """How much may be claimed for the classifier's reading of a part of a frame: nothing where nobody measured it."""
    return tiers.get(f"{part}-{frame}", EXPLORATORY)


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
            "by": profile.by,
            "author": profile.author,
            "first_year": profile.years[0] if profile.years else "",
            "last_year": profile.years[1] if profile.years else "",
            "documents": profile.documents,
            "passages": profile.passages,
            "unfamiliar": profile.unfamiliar,
            "labelled": profile.labelled,
            "uncertain_passages": profile.uncertain,
            "without_frame": profile.without_frame,
            "basis": profile.basis,
            "read": profile.read,
            "stale": profile.stale,
            "frame": bar.frame,
            "tier": bar.tier or "",
            "contested_tier": bar.contested_tier or "",
            **_cells("share", bar.share),
            **_cells("advanced", bar.advanced),
            **_cells("contested", bar.contested),
            "counted": bar.counted,
            "counted_advanced": bar.counted_advanced,
            "counted_contested": bar.counted_contested,
            **_cells("corrected", bar.corrected),
            **_cells("corrected_advanced", bar.corrected_advanced),
            **_cells("corrected_contested", bar.corrected_contested),
            "uncertain": bar.uncertain,
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
    passages: Sequence[ReadPassage],
    familiar: Sequence[ReadPassage],
    others: tuple[ReadPassage, ...],
    params: ProfileParams,
    part: Part,
) -> dict[str, list[Share | None] | None]:
    """Shares of each frame by what they rest on; None where that cannot be had."""
    level = params.interval_level
    found: dict[str, list[Share | None] | None] = {HAND: None, PARTLY: None, CORRECTED: None}
    known = [passage for passage in familiar if passage.labelled is not None]
    unknown = [passage for passage in familiar if passage.labelled is None]
    if all(passage.labelled is not None for passage in passages):
        found[HAND] = _each(labelled_shares(labels(passages, part), own_resamples(passages, params), level))
    elif len(known) >= params.min_passages and unknown:
        read, others_read = decisions(known, part), decisions(unknown, part)
        own, own_others = own_resamples(known, params), own_resamples(unknown, params, stream=1)
        found[PARTLY] = _each(partly_labelled_shares(labels(known, part), read, others_read, own, own_others, level))
    elif len(known) >= params.min_passages:
        found[PARTLY] = _each(labelled_shares(labels(known, part), own_resamples(known, params), level))
    correction = measure(others, params).get(part)
    if correction and familiar:
        shares = corrected_shares(decisions(familiar, part), own_resamples(familiar, params), correction, level)
        found[CORRECTED] = _each(shares, correction.known)
    return found


# All texts but those of labelled authors are corrected alike.
@lru_cache(maxsize=64)
def measure(others: tuple[ReadPassage, ...], params: ProfileParams) -> dict[Part, Correction]:
    """How the classifier errs on the passages that are labelled by hand and familiar to it; empty if nobody can say."""
    known = [passage for passage in others if passage.labelled is not None and not passage.unfamiliar]
    found = fit_corrections(
        Calibration(
            truth=np.stack([labels(known, part) for part in PARTS], axis=1),
            decided=np.stack([decisions(known, part) for part in PARTS], axis=1),
            documents=tuple(passage.document for passage in known),
            authors=tuple(passage.author or passage.document for passage in known),
        ),
        params,
    )
    return dict(zip(PARTS, found, strict=True)) if found else {}


def own_resamples(passages: Sequence[ReadPassage], params: ProfileParams, stream: int = 0) -> Resamples:
    """Resamples of an author's passages; another `stream` for passages that are drawn apart from the others."""
    return _resamples(tuple(passage.document for passage in passages), params, stream)


# All shares of an author rest on the same resamples.
@lru_cache(maxsize=4)
def _resamples(documents: tuple[str, ...], params: ProfileParams, stream: int) -> Resamples:
    # Texts that are drawn apart need numbers of their own: by the same ones, documents of the two would come in pairs.
    seed = [params.seed, stream] if stream else params.seed
    return resamples(documents, params.resamples, params.block_passages, np.random.default_rng(seed))


def _each(shares: Shares, known: Flags | None = None) -> list[Share | None]:
    return [shares.at(place) if known is None or known[place] else None for place in range(len(FRAMES))]


def _mean(flags: Sequence[bool]) -> float:
    """A share; 0 of nothing is 0, and no bar is drawn from it."""
    return round(float(np.mean(flags)), 4) if len(flags) else 0.0


def decisions(passages: Sequence[ReadPassage], part: Part) -> Flags:
    """Which frames the classifier found in each passage, shape (n_passages, n_frames)."""
    return _flags([_part(passage.decided, passage.decided_contested, part) for passage in passages])


def labels(passages: Sequence[ReadPassage], part: Part) -> Flags:
    """Which frames a passage has by hand, shape (n_passages, n_frames); none where nobody labelled it."""
    nothing: frozenset[Frame] = frozenset()
    return _flags([_part(p.labelled or nothing, p.labelled_contested or nothing, part) for p in passages])


def _part(frames: frozenset[Frame], contested: frozenset[Frame], part: Part) -> frozenset[Frame]:
    return {"present": frames, "advanced": frames - contested, "contested": contested}[part]


def _flags(sets: Sequence[frozenset[Frame]]) -> Flags:
    """Shape (n_passages, n_frames)."""
    return np.array([[frame in found for frame in FRAMES] for found in sets], dtype=bool).reshape(-1, len(FRAMES))
