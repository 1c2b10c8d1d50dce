"""Many authors as compact numbers, from which the page's script draws the rows that a reader asks for."""

from typing import Any

from pipeline.evaluation.tiers import EXPLORATORY
from pipeline.frames import FRAMES
from pipeline.profile.estimate import Share
from pipeline.report import content
from pipeline.report.sections import AuthorSection, CorpusSection

COLUMNS = ("author", "page", "about", "sources", "sentence", "passages", "enough", "says", "shares")


def explorer(section: CorpusSection) -> dict[str, Any]:
    """Names of the columns, and a row an author in the section's order.

    Shares stand as whole percents, rounded as everywhere in the report: advanced and contested of each frame, each as
    value, low, high and 1 where exploratory, or nothing. `sentence` goes on from the author's name. `says` has a bit
    for each frame that the sentence would name: the first four advanced, the next four contested.
    """
    return {"frames": FRAMES, "columns": COLUMNS, "rows": [_row(author) for author in section.authors]}


def page_of(anchor: str) -> str:
    """The file of an author's page, named by number: no name of anybody makes a path."""
    return f"authors/{anchor}.html"


def _row(author: AuthorSection) -> list[Any]:
    profile = author.profile
    return [
        profile.author,
        page_of(author.anchor),
        content.counted(profile.documents, "document")
        + f", {content.counted(profile.passages, 'passage')}; {content.rests_on(profile)}",
        "; ".join(sorted({course.document.member.document.source for course in author.courses} - {""})),
        author.sentence.removeprefix(profile.author),
        profile.passages,
        int(author.shown),
        sum(
            bit
            for number, bar in enumerate(profile.frames)
            for bit, holds in (
                (1 << number, content.advances(bar)),
                (16 << number, content.contests(bar)),
            )
            if holds
        ),
        [
            _percents(share, tier)
            for bar in profile.frames
            for share, tier in ((bar.advanced, bar.tier), (bar.contested, bar.contested_tier))
        ],
    ]


def _percents(share: Share | None, tier: str | None) -> list[int] | None:
    if share is None:
        return None
    whole = [int(f"{100 * number:.0f}") for number in (share.value, share.low, share.high)]
    return [*whole, 1] if tier == EXPLORATORY else whole
