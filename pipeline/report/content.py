"""What the report says of an author: sentences that the numbers support."""

from typing import Any

from pipeline.evaluation.tiers import EXPLORATORY
from pipeline.model.readings import ReadDocument
from pipeline.profile.estimate import Share
from pipeline.profile.profiles import HAND, PARTLY, TOO_LITTLE, FrameProfile, Profile

NBSP = "\u00a0"

# The sentence names a frame where the interval's lower end reaches this.
SAID_ABOVE = 0.15
CONTESTED_SAID_ABOVE = 0.03

_WAYS = {
    "realist": "power and interest",
    "identity": "identity and values",
    "status": "status and its recognition",
    "memory-politics": "the uses of the past",
}
_PARTS = {
    "realist": "the realist reading",
    "identity": "the reading through identity",
    "status": "the reading through status",
    "memory-politics": "the reading through the past",
}


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
    """Whether a sentence may say that the author advances the frame."""
    return bool(bar.advanced and bar.advanced.low >= SAID_ABOVE and bar.tier != EXPLORATORY)


def contests(bar: FrameProfile) -> bool:
    """Whether a sentence may say that the author argues against the frame."""
    return bool(bar.contested and bar.contested.low >= CONTESTED_SAID_ABOVE and bar.contested_tier != EXPLORATORY)


def sentence(profile: Profile) -> str:
    """One sentence that the profile's numbers support.

    It speaks of what the author advances, and apart from that of what he or she contests: a frame brought up to be
    rejected is a topic, not a stance. A frame is named where the lower end of its interval is above a bound, and
    `mostly` stands only where it is above a half. What is exploratory is not said at all.
    """
    if profile.basis == TOO_LITTLE:
        return f"{profile.author}: not enough text ({profile.passages} passages) for a profile."
    makes, argues = ("make", "argue") if " and " in profile.author else ("makes", "argues")
    strong = sorted(
        ((bar, bar.advanced) for bar in profile.frames if bar.advanced and advances(bar)),
        key=lambda pair: -pair[1].value,
    )
    if strong:
        (first, ahead), rest = strong[0], strong[1:]
        mostly = "mostly " if ahead.low > 0.5 else ""
        text = f"{profile.author} {makes} sense of things {mostly}through {_WAYS[first.frame]}"
        text += f", in {percent(ahead, ' of passages')}"
        if rest:
            text += ", also through " + " and ".join(f"{_WAYS[bar.frame]}, in {percent(a)}" for bar, a in rest)
    elif any(bar.advanced is None or bar.tier == EXPLORATORY for bar in profile.frames):
        text = f"{profile.author}: what shows is read too unreliably to be put in a sentence, see the table"
    else:
        text = f"{profile.author} {argues} through none of the four frames often: {_none(profile)}"
    against = [bar for bar in profile.frames if contests(bar)]
    if against:
        text += f"; {argues} against " + " and ".join(
            f"{_PARTS[bar.frame]} in {percent(bar.contested)}" for bar in against
        )
    return text + "."


def basis_note(profile: Profile) -> str:
    """What the profile rests on, in a sentence."""
    text = f"{counted(profile.passages, 'passage')} of {counted(profile.documents, 'document')}; "
    if profile.basis == HAND:
        text += "every passage was labelled by hand, so the hand labels are the profile, "
        text += "and the classifier's stands beside it as a test"
    elif profile.basis == TOO_LITTLE:
        text += "too few for a profile"
    elif profile.basis == PARTLY:
        text += (
            f"{profile.labelled} of them were labelled by hand, and show what is to be corrected in the classifier's "
        )
        text += "reading of the others"
    else:
        text += (
            "read by the classifier; its count is corrected as far as hand-labelled essays by other authors show that "
            "to help, and what it gets wrong on authors it never saw is in the interval"
        )
    if profile.unfamiliar:
        text += f"; {profile.unfamiliar} of them are unlike anything it was trained on and do not count for it"
    if "notes" in profile.read:
        text += "; the full text is absent, so our reading notes were read in its place"
    if profile.stale:
        text += "; read by an earlier model (stale): add the text and run `dvc repro`"
    return text + "."


def course(document: ReadDocument) -> list[dict[str, Any]]:
    """Frames and contested frames of each passage in order: by hand where labelled, else the classifier's."""
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
            }
        )
    return rows


def _none(profile: Profile) -> str:
    counted = profile.passages if profile.basis == HAND else profile.passages - profile.unfamiliar
    return f"{100 * profile.without_frame:.0f}{NBSP}% of {counted} passages carry none"
