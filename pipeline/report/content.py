"""What the report says of an author: sentences that the numbers support."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from pipeline.evaluation.tiers import EXPLORATORY
from pipeline.model.readings import ReadDocument
from pipeline.profile.estimate import Share, wilson
from pipeline.profile.profiles import CORRECTED, HAND, PARTLY, TOO_LITTLE, FrameProfile, Profile
from pipeline.report.lines import Line
from pipeline.report.plain import isolated, plain

NBSP = "\u00a0"

# A sentence names a frame where the lower end of the interval reaches this: used uncontested, and contested.
SAID_ABOVE = 0.15
CONTESTED_SAID_ABOVE = 0.03

# A longer title is cut in a sentence.
_MOST_OF_A_TITLE = 100


def percent(share: Share | None, what: str = "") -> str:
    """`62 % (55-69)`, or `62 % of passages (55-69)`, with spaces that do not break; or why there is no number."""
    if share is None:
        return "not measurable"
    return f"{100 * share.value:.0f}{NBSP}%{what}{NBSP}({100 * share.low:.0f}-{100 * share.high:.0f})"


def rate(share: float) -> str:
    """A share that has no interval, such as a plain count: `62 %`."""
    return f"{100 * share:.0f}{NBSP}%"


def counted(count: int, what: str) -> str:
    """`1 passage`, `1,200 passages`."""
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def advances(bar: FrameProfile) -> bool:
    """Whether a sentence may say that the frame is used and not contested."""
    return bool(bar.advanced and bar.advanced.low >= SAID_ABOVE and bar.tier != EXPLORATORY)


def contests(bar: FrameProfile) -> bool:
    """Whether a sentence may say that the frame is contested."""
    return bool(bar.contested and bar.contested.low >= CONTESTED_SAID_ABOVE and bar.contested_tier != EXPLORATORY)


def sentence(profile: Profile, titles: Sequence[str] = (), level: float = 0.95) -> str:
    """One sentence that the profile's numbers support: the author, what was read of him or her, what stands in it.

    It tells apart what the passages use and what they contest: a frame brought up to be rejected is a topic, not a
    stance. A frame is named where the lower end of its interval reaches a bound, `most` stands only where it is above
    a half. What is exploratory is not said at all.

    Args:
        titles: of the texts that were read; a single one is named.
        level: of the interval of the passages that carry no frame; the others stand in the profile.
    """
    if profile.basis == TOO_LITTLE:
        return f"{profile.author}: not enough text ({counted(profile.passages, 'passage')}) for a profile."
    text = f"{profile.author}, in {_read(profile, titles)}"
    if any(map(advances, profile.frames)):
        text += f", {_used(profile)}"
    elif any(bar.advanced is None or bar.tier == EXPLORATORY for bar in profile.frames):
        text += ": too little is read reliably to be put in a sentence, see the table"
    else:
        text += f": {_none(profile, level)}"
    return f"{text}{_contested(profile)}."


def basis_note(profile: Profile) -> str:
    """What the profile rests on, in a sentence."""
    text = f"{counted(profile.passages, 'passage')} of {counted(profile.documents, 'document')}; "
    if profile.basis == HAND:
        text += (
            "every passage has a reference label, so these labels are the profile, and the classifier's reading stands "
            "beside it as a test"
        )
    elif profile.basis == TOO_LITTLE:
        text += "too few for a profile"
    elif profile.basis == PARTLY:
        text += (
            f"{profile.labelled} of them have reference labels, which show what is to be corrected in the classifier's "
            "reading of the others"
        )
    else:
        text += "read by the classifier: the shares are its " + (
            "plain counts"
            if _plainly_counted(profile)
            else "counts, corrected as far as labelled essays by other authors show that to help"
        )
        text += ", and the intervals allow for what it gets wrong on authors it never saw"
    if profile.unfamiliar:
        lies, is_left = ("lies", "is left") if profile.unfamiliar == 1 else ("lie", "are left")
        text += f"; {profile.unfamiliar} of them {lies} beyond what is familiar to the classifier and {is_left} out of "
        text += "its figures"
    if "notes" in profile.read:
        text += "; the full text is absent, so our reading notes were read in its place"
    if profile.stale:
        text += "; read by an earlier model (stale): add the text and run `dvc repro`"
    return text + "."


def rests_on(row: Profile | Line) -> str:
    """What a row of a table rests on; a count that no correction changed is called a plain count."""
    if row.basis != CORRECTED:
        return row.basis
    if not isinstance(row, Profile):
        return "classifier"
    return "classifier, plain count" if _plainly_counted(row) else row.basis


def course(document: ReadDocument) -> list[dict[str, Any]]:
    """Frames and contested frames of each passage in order: as labelled where it is, else the classifier's."""
    rows = []
    for row in document.rows:
        gold = document.gold(row)
        frames = gold.label.frames if gold else row["frames"]
        contested = gold.label.contested if gold else row["contested"]
        rows.append(
            {
                "passage": row["passage"],
                "start": row["start"],
                "end": row["end"],
                "frames": list(frames),
                "contested": list(contested),
                "unfamiliar": row["unfamiliar"],
                "note": gold.note if gold else "",
                "labelled": gold is not None,
            }
        )
    return rows


def _read(profile: Profile, titles: Sequence[str]) -> str:
    """Which texts the sentence speaks of, and who read them: one text, or a few, are not all that an author wrote."""
    read = "read by the classifier" if profile.basis == CORRECTED else "read"
    when = ""
    if profile.years:
        first, last = profile.years
        when = f" ({first})" if first == last else f" ({first} to {last})"
    if profile.documents > 1:
        return f"the {profile.documents:,} texts {read}{when}"
    named = plain(titles[0]) if titles else ""
    if not named:
        return f"the one text {read}{when}"
    cut = named if len(named) <= _MOST_OF_A_TITLE else named[: _MOST_OF_A_TITLE - 1].rstrip() + "\u2026"
    return f"\u201c{isolated(cut)}\u201d{when}, the one text {read}"


def _used(profile: Profile) -> str:
    bars = sorted(
        ((bar.frame, bar.advanced) for bar in profile.frames if bar.advanced and advances(bar)),
        key=lambda found: -found[1].value,
    )
    (frame, share), *rest = bars
    text = f"{'use' if ' and ' in profile.author else 'uses'} the {frame} frame uncontested in "
    if share.low > 0.5:
        text += f"most passages, {percent(share, f' of {_counting(profile):,}')}"
    else:
        text += percent(share, f" of {counted(_counting(profile), 'passage')}")
    return text + "".join(f", the {frame} frame in {percent(share)}" for frame, share in rest)


def _contested(profile: Profile) -> str:
    bars = [(bar.frame, bar.contested) for bar in profile.frames if contests(bar)]
    if not bars:
        return ""
    (frame, share), *rest = bars
    text = f"; the {frame} frame is rejected or called insufficient in {percent(share)}"
    return text + "".join(f", the {frame} frame in {percent(share)}" for frame, share in rest)


def _none(profile: Profile, level: float) -> str:
    passages = _counting(profile)
    without = round(profile.without_frame * passages)
    low, high = (float(end) for end in wilson(np.array(without / passages), passages, level))
    how_many = f"{without} of them ({100 * low:.0f}-{100 * high:.0f}{NBSP}%)"
    none = f"{how_many} carry no frame" if profile.basis == HAND else f"the classifier finds no frame in {how_many}"
    return (
        f"no frame is certain to be used uncontested in {100 * SAID_ABOVE:.0f}{NBSP}% or more of the "
        f"{counted(passages, 'passage')}; {none}"
    )


def _counting(profile: Profile) -> int:
    """How many passages the shares are of."""
    return profile.passages if profile.basis == HAND else profile.passages - profile.unfamiliar


def _plainly_counted(profile: Profile) -> bool:
    """Whether the correction changed no share."""
    return not any(
        share and abs(share.value - count) > 1e-3
        for bar in profile.frames
        for share, count in (
            (bar.share, bar.counted),
            (bar.advanced, bar.counted_advanced),
            (bar.contested, bar.counted_contested),
        )
    )
