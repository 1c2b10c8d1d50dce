"""From what the report holds to files: one HTML file (and one for each author of many), one Markdown file, pictures."""

import base64
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from pipeline.frames import FRAMES
from pipeline.params import Params
from pipeline.report import charts, content, coverage, lines, marks, plain, takeaways
from pipeline.report import trust as trust_figures
from pipeline.report.explorer import explorer, page_of
from pipeline.report.palette import DARK, LIGHT, frame_colours, frame_rules
from pipeline.report.sections import AuthorSection, CorpusSection
from pipeline.report.trust import TEST_SETS, Trust

# The Markdown report shows so many authors, the most distinct; profiles.csv has them all.
MOST_IN_MARKDOWN = 100


@dataclass(frozen=True)
class About:
    """Where a report comes from: versions, checksums (`data`: names with sha256), parameters."""

    version: str
    model: str
    encoder: str
    params: Params
    data: tuple[tuple[str, str], ...] = ()

    @property
    def level(self) -> str:
        """The level of the intervals: `95 %`."""
        return f"{self.params.profile.interval_level:.0%}".replace("%", " %")


def about(model: str, trust: Trust, params: Params, data: Sequence[tuple[str, bytes]] = ()) -> About:
    """Where a report comes from, `data` being names and contents."""
    sums = tuple((name, hashlib.sha256(content).hexdigest()) for name, content in data)
    return About(metadata.version("framing-pipeline"), model, trust.metrics["encoder"], params, sums)


def write_report(sections: Sequence[CorpusSection], trust: Trust, origin: About, folder: Path) -> Path:
    """Write framing.html, framing.md, figures/ and, of many authors, authors/; return the HTML file's path."""
    for name, pattern in (("figures", "*.svg"), ("authors", "*.html")):
        _emptied(folder / name, pattern)
    for name, picture in _pictures(sections, trust):
        (folder / "figures" / f"{name}.svg").write_text(picture, encoding="utf-8")
    for section in sections:
        for author in section.authors if section.many else ():
            (folder / page_of(author.anchor)).write_text(render_author(author, origin, trust.tiers), encoding="utf-8")
    for template, target in (("framing.html.j2", "framing.html"), ("framing.md.j2", "framing.md")):
        (folder / target).write_text(render(template, sections, trust, origin), encoding="utf-8")
    if not any((folder / "authors").iterdir()):
        (folder / "authors").rmdir()
    return folder / "framing.html"


def render(template: str, sections: Sequence[CorpusSection], trust: Trust, origin: About) -> str:
    """Fill a template; in HTML everything is escaped but the marks of charts, which are ours."""
    return (
        _environment(html=template.endswith(".html.j2"))
        .get_template(template)
        .render(
            sections=sections,
            metrics=trust.metrics,
            trust=trust,
            tiers=trust.tiers,
            about=origin,
            most=MOST_IN_MARKDOWN,
        )
    )


def render_author(author: AuthorSection, origin: About, tiers: Mapping[str, str]) -> str:
    """The page of one author among many."""
    return _environment(html=True).get_template("author_page.html.j2").render(author=author, about=origin, tiers=tiers)


def facts(section: CorpusSection) -> str:
    """How much text of whom, and when it was written, in a line."""
    profiles = [author.profile for author in section.authors]
    dated = [profile.years for profile in profiles if profile.years]
    text = (
        f"{content.counted(len(profiles), 'by-line')}, "
        f"{content.counted(sum(profile.documents for profile in profiles), 'document')}, "
        f"{content.counted(sum(profile.passages for profile in profiles), 'passage')}"
    )
    if dated:
        first, last = min(years[0] for years in dated), max(years[1] for years in dated)
        text += f"; written in {first}" if first == last else f"; written {first} to {last}"
    few = sum(not author.shown for author in section.authors)
    return text + (f"; {few} with too little text for numbers." if few else ".")


@cache
def _environment(*, html: bool) -> Environment:
    environment = Environment(
        loader=PackageLoader("pipeline.report"),
        autoescape=html,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.filters |= {
        "calibration_reading": takeaways.of_calibration,
        "change": takeaways.of_change,
        "counted": content.counted,
        "correction_note": coverage.correction_note,
        "coverage_reading": coverage.reading,
        "coverage_strip": charts.coverage_marks,
        "course_strip": marks.course_strip,
        "curve_marks": lambda curve: charts.curve_marks(curve, 128),
        "differences": takeaways.of_differences,
        "distances_reading": takeaways.of_distances,
        "explorer": explorer,
        "facts": facts,
        "figure": trust_figures.figure,
        "isolated": plain.isolated,
        "label_name": trust_figures.label_name,
        "labellers": takeaways.of_labellers,
        "least": min_of,
        "lines": lines.period_lines,
        "md": plain.escape_markdown,
        "measured": trust_figures.measured,
        "opposed_strip": marks.opposed_strip,
        "page": page_of,
        "percent": content.percent,
        "plain": plain.plain,
        "points": takeaways.points,
        "rate": content.rate,
        "rests_on": content.rests_on,
        "share_strip": marks.share_strip,
        "shares_reading": takeaways.of_shares,
        "tier_note": trust_figures.tier_note,
        "tier_rule": trust_figures.tier_rule,
        "tight": tight,
        "without": lambda text, start: text.removeprefix(start),
    }
    environment.globals |= {
        "frames": FRAMES,
        "said_above": content.SAID_ABOVE,
        "contested_said_above": content.CONTESTED_SAID_ABOVE,
        "test_sets": TEST_SETS,
    }
    if html:
        environment.globals |= _style_and_script(environment)
    return environment


def tight(text: str) -> Markup:
    """Escaped text whose intervals do not break at the end of a line."""
    return Markup(re.sub(r"(\(-?\d+(?:-| to )-?\d+\))", r'<span class="n">\1</span>', str(escape(text))))


def min_of(number: int, most: int) -> int:
    """The number, or `most` where it is more."""
    return min(number, most)


def _style_and_script(environment: Environment) -> dict[str, Any]:
    """The one style and the one script that the page's policy allows, by their checksums."""
    style = environment.get_template("style.css.j2").render(
        light=Markup(frame_colours(LIGHT)),
        dark=Markup(frame_colours(DARK)),
        frames=Markup(frame_rules()),
        marks=Markup(marks.STYLE),
    )
    script, _, _ = environment.loader.get_source(environment, "report.js") if environment.loader else ("", "", "")
    return {
        "style": style,
        "script": script,
        "style_hash": _sha256(style),
        "script_hash": _sha256(script),
        "definitions": marks.DEFINITIONS,
    }


def _sha256(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _pictures(sections: Sequence[CorpusSection], trust: Trust) -> list[tuple[str, str]]:
    pictures = []
    for section in sections:
        shown = section.shown[:MOST_IN_MARKDOWN]
        if shown:
            pictures.append((section.name, charts.shares_chart(shown)))
        for author in () if section.many else section.authors:
            if author.shown:
                pictures.append((author.anchor, charts.author_chart(author.profile)))
            pictures += [
                (course.picture, charts.course_chart(course.document.member.document.title, course.rows))
                for course in author.drawn
            ]
    if trust.curves:
        pictures.append(("calibration", charts.curves_chart(trust.curves)))
    if trust.coverage and trust.coverage.main:
        pictures.append(("coverage", charts.coverage_chart(trust.coverage.main, trust.coverage.level)))
    return pictures


def _emptied(folder: Path, pattern: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob(pattern):
        old.unlink()
