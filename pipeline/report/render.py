"""The report stage: profiles, predictions and metrics in, one HTML file, one Markdown file and figures out."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader
from markupsafe import Markup
from pydantic import ValidationError

from pipeline.corpus.corpora import CORPORA
from pipeline.errors import OutputError
from pipeline.evaluation.results import METRICS
from pipeline.evaluation.tiers import RULE, known_tiers
from pipeline.frames import FRAMES, LABELS
from pipeline.model.readings import ReadDocument, load_readings
from pipeline.model.store import MODEL, model_checksum
from pipeline.params import Params
from pipeline.profile.profiles import TOO_LITTLE, Profile, from_json
from pipeline.profile.run import PROFILES_JSON
from pipeline.report import charts, content

FOLDER = Path("reports")
# Of an author with many documents, the course is drawn through the first of them.
MOST_COURSES = 12
HEADINGS = {"essays": "The essays", "op-eds": "The op-eds written for this project", "texts": "The texts"}

_PLAIN_NAME = re.compile(r"[\w-][\w.-]{0,99}", re.ASCII)


@dataclass(frozen=True)
class AuthorSection:
    """All that the report says of one by-line.

    Charts are SVG. `courses` holds document, chart and the figure's name in the Markdown report; `more` counts the
    documents without one.
    """

    anchor: str
    profile: Profile
    sentence: str
    basis: str
    bars: str
    courses: tuple[tuple[ReadDocument, str, str], ...]
    more: int
    evidence: tuple[tuple[str, tuple[content.Evidence, ...], tuple[content.Evidence, ...]], ...]


@dataclass(frozen=True)
class CorpusSection:
    """One corpus: its authors, a chart that compares them, and what is absent."""

    name: str
    heading: str
    shares: str
    authors: tuple[AuthorSection, ...]
    absent: tuple[str, ...]


def run_report(params: Params) -> Path:
    """Write reports/framing.html, reports/framing.md and reports/figures/; return the HTML file's path."""
    for path in (METRICS, PROFILES_JSON):
        if not path.exists():
            raise OutputError(f"{path}: no such file; make it with `dvc repro`")
    corpora = {corpus: load_readings(corpus) for corpus in CORPORA}
    model = model_checksum(MODEL)
    try:
        profiles = from_json(json.loads(PROFILES_JSON.read_text(encoding="utf-8")))
    except ValidationError:
        raise OutputError(f"{PROFILES_JSON}: not of this version; make it anew: `dvc repro profile`") from None
    metrics = json.loads(METRICS.read_text(encoding="utf-8"))
    sections = [
        corpus_section(name, corpora[name], profiles[name], params.report.evidence_passages) for name in CORPORA
    ]
    return write_report(sections, metrics, model, params, FOLDER)


def write_report(
    sections: Sequence[CorpusSection], metrics: dict[str, Any], model: str, params: Params, folder: Path
) -> Path:
    """Write framing.html, framing.md and figures/ into a folder; return the HTML file's path."""
    about = {
        "version": metadata.version("framing-pipeline"),
        "model": model,
        "encoder": metrics["encoder"],
        "params": params,
        "level": f"{params.profile.interval_level:.0%}".replace("%", " %"),
    }
    figures = folder / "figures"
    figures.mkdir(parents=True, exist_ok=True)
    for old in figures.glob("*.svg"):
        old.unlink()
    for section in sections:
        _write_figures(figures, section)
    for template, target in (("framing.html.j2", "framing.html"), ("framing.md.j2", "framing.md")):
        (folder / target).write_text(render(template, sections, metrics, about), encoding="utf-8")
    return folder / "framing.html"


def corpus_section(
    name: str,
    documents: Sequence[ReadDocument],
    profiles: Sequence[Profile],
    most_evidence: int,
) -> CorpusSection:
    """Charts, sentences and evidence of one corpus."""
    shown = [profile for profile in profiles if profile.basis != TOO_LITTLE]
    return CorpusSection(
        name=name,
        heading=HEADINGS.get(name, name),
        shares=charts.shares_chart(shown) if shown else "",
        authors=tuple(
            _author_section(f"{name}-{number}", profile, documents, most_evidence)
            for number, profile in enumerate(profiles, start=1)
        ),
        absent=tuple(d.member.document.id for d in documents if not d.rows),
    )


def render(template: str, sections: Sequence[CorpusSection], metrics: dict[str, Any], about: dict[str, Any]) -> str:
    """Fill a template; everything is escaped but the charts, which are ours."""
    environment = Environment(
        loader=PackageLoader("pipeline.report"),
        autoescape=template.endswith(".html.j2"),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "svg": Markup,
        "md": content.escape_markdown,
        "percent": content.percent,
    }
    return environment.get_template(template).render(
        sections=sections,
        metrics=metrics,
        about=about,
        frames=FRAMES,
        labels=LABELS,
        tiers=known_tiers(metrics),
        rule=RULE,
    )


def _author_section(
    anchor: str, profile: Profile, documents: Sequence[ReadDocument], most_evidence: int
) -> AuthorSection:
    own = [document for document in documents if document.byline == profile.author and document.rows]
    return AuthorSection(
        anchor=anchor,
        profile=profile,
        sentence=content.sentence(profile),
        basis=content.basis_note(profile),
        bars=charts.bars_chart(profile) if profile.basis != TOO_LITTLE else "",
        courses=tuple(
            (document, charts.course_chart(content.course(document)), f"{anchor}-{_file_name(document, number)}")
            for number, document in enumerate(own[:MOST_COURSES], start=1)
        ),
        more=max(0, len(own) - MOST_COURSES),
        evidence=tuple(
            (
                frame,
                tuple(content.evidence(own, frame, most_evidence)),
                tuple(content.evidence(own, frame, most_evidence, contested=True)),
            )
            for frame in FRAMES
        ),
    )


def _file_name(document: ReadDocument, number: int) -> str:
    """The document's id where it can name a file anywhere, else its number."""
    name = document.member.document.id
    return name if _PLAIN_NAME.fullmatch(name) else str(number)


def _write_figures(folder: Path, section: CorpusSection) -> None:
    if section.shares:
        (folder / f"{section.name}.svg").write_text(section.shares, encoding="utf-8")
    for author in section.authors:
        if author.bars:
            (folder / f"{author.anchor}.svg").write_text(author.bars, encoding="utf-8")
        for _, svg, name in author.courses:
            (folder / f"{name}.svg").write_text(svg, encoding="utf-8")
