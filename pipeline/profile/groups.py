"""Documents by what is known of them: author, source, year or title, and by period where they are dated."""

import re
from collections.abc import Mapping, Sequence
from typing import Literal

from pipeline.model.readings import ReadDocument

Grouping = Literal["author", "source", "year", "title"]

_YEAR = re.compile(r"\d{4}")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
# A line through more points than this shows chance.
MOST_PERIODS = 6


def group(documents: Sequence[ReadDocument], by: Grouping) -> dict[str, list[ReadDocument]]:
    """Documents that have predictions, by a piece of metadata, in the order in which its values first appear.

    Documents that lack it stand together under `unknown source` (or year, or title); a by-line is never lacking, for
    the document's id stands in.
    """
    groups: dict[str, list[ReadDocument]] = {}
    for document in documents:
        if document.rows:
            groups.setdefault(_value(document, by) or unknown(by), []).append(document)
    return groups


def unknown(by: Grouping) -> str:
    """The name of the group of documents that lack it."""
    return f"unknown {by}"


def year(document: ReadDocument) -> int | None:
    """The year that the document's date begins with."""
    found = _YEAR.match(document.member.document.date)
    return int(found.group()) if found else None


def years(documents: Sequence[ReadDocument]) -> tuple[int, int] | None:
    """The first and the last year; None where no document is dated."""
    known = [value for value in map(year, documents) if value is not None]
    return (min(known), max(known)) if known else None


def periods(documents: Sequence[ReadDocument], min_passages: int) -> dict[str, list[ReadDocument]]:
    """Dated documents by period, in time: as many periods as the text allows, at most `MOST_PERIODS`.

    Periods are runs of years, or of days where all is of one year, each with at least `min_passages` passages. Fewer
    than two, and nothing can be said of change. Among days there is no place for a date that is none (`2024`): such
    documents are left out.
    """
    dated = [document for document in documents if document.rows and year(document) is not None]
    several_years = len({year(document) for document in dated}) > 1
    if not several_years:
        dated = [document for document in dated if _DAY.fullmatch(document.member.document.date)]
    moments: dict[str, list[ReadDocument]] = {}
    for document in sorted(dated, key=lambda found: found.member.document.date):
        date = document.member.document.date
        moments.setdefault(date[:4] if several_years else date, []).append(document)
    if not moments:
        return {}
    least = max(min_passages, -(-sum(len(document.rows) for document in dated) // MOST_PERIODS))
    runs = _runs(moments, least)
    if len(runs) > 1 and _passages(moments, runs[-1]) < min_passages:
        last = runs.pop()
        runs[-1] = runs[-1] + last
    return {_span(run): [document for moment in run for document in moments[moment]] for run in runs}


def _runs(moments: Mapping[str, Sequence[ReadDocument]], least: int) -> list[list[str]]:
    runs: list[list[str]] = [[]]
    for moment in moments:
        if _passages(moments, runs[-1]) >= least:
            runs.append([])
        runs[-1].append(moment)
    return runs


def _passages(moments: Mapping[str, Sequence[ReadDocument]], run: Sequence[str]) -> int:
    return sum(len(document.rows) for moment in run for document in moments[moment])


def _span(run: Sequence[str]) -> str:
    if len(run) < 2:
        return "".join(run)
    return f"{run[0]} to {run[-1]}"


def _value(document: ReadDocument, by: Grouping) -> str:
    known = document.member.document
    if by == "year":
        return str(year(document) or "")
    return {"author": document.byline, "source": known.source, "title": known.title}[by]
