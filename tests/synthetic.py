"""Authors made up in any number, some of them hostile, with profiles as the profile stage would make them."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from pipeline.corpus.corpora import Member
from pipeline.evaluation.metrics import figures
from pipeline.frames import FRAMES, PROBABILITY_COLUMNS
from pipeline.model.readings import ReadDocument
from pipeline.params import Params, ProfileParams
from pipeline.profile.compare import compare
from pipeline.profile.comparisons import Compared
from pipeline.profile.estimate import Share
from pipeline.profile.gather import Profiled
from pipeline.profile.profiles import CORRECTED, TOO_LITTLE, FrameProfile, Profile
from pipeline.profile.run import write_profiled
from pipeline.records import Document
from pipeline.report.render import about, write_report
from pipeline.report.sections import CorpusSection, corpus_section
from pipeline.report.trust import SHOWN, Trust

HOSTILE = (
    '<script>alert("x")</script><img src=x onerror=alert(1)>',
    "</script><b>bold</b> & {{ 7*7 }} ${7*7} datum.x",
    "| **bold** `code` [link](javascript:alert(1)) http://evil.example www.evil.example",
    '=HYPERLINK("http://evil.example")',
    "A\u202egnorw\u2066 way",
    "\u05e9\u05dc\u05d5\u05dd \u05e2\u05d5\u05dc\u05dd",
    "Donaudampfschifffahrtsgesellschaft" * 6,
    "]]></title></svg><svg onload=alert(1)>",
)
PARAMS = Params(profile=ProfileParams(resamples=100, most_paired=30))


def names(count: int) -> list[str]:
    return [*HOSTILE, *(f"Author {number:04}" for number in range(len(HOSTILE) + 1, count + 1))][:count]


def documents(authors: Sequence[str], seed: int = 0, passages: int = 12) -> list[ReadDocument]:
    rng = np.random.default_rng(seed)
    return [_document(f"doc-{number:04}", author, rng, passages) for number, author in enumerate(authors, start=1)]


def profiles(read: Sequence[ReadDocument]) -> list[Profile]:
    """Plain counts with rough intervals; every fiftieth author has too little text."""
    return [_profile(document, too_little=number % 50 == 49) for number, document in enumerate(read)]


def section(count: int, name: str = "texts") -> CorpusSection:
    read = documents(names(count))
    found = profiles(read)
    return corpus_section(name, read, found, 2, Compared(compare(found, PARAMS.profile), ()))


def trust() -> Trust:
    truth = np.eye(8, dtype=bool)
    found = {**figures(truth, truth.astype(float), truth), "micro_f1_interval": [0.9, 1.0], "stale": False}
    tiers = dict.fromkeys(SHOWN, "solid") | {"advanced-status": "exploratory", "contested-status": "exploratory"}
    return Trust({"encoder": "mpnet", "essays": found}, tiers=tiers)


def write(count: int, folder: Path) -> Path:
    """The report of so many authors, with profiles.csv beside it."""
    made = section(count)
    authors = [author.profile for author in made.authors]
    write_profiled(Profiled({"texts": authors}, {"texts": {}}, {"texts": made.compared.authors}, {"texts": ()}), folder)
    return write_report([made], trust(), about("m" * 64, trust(), PARAMS), folder)


def _document(name: str, author: str, rng: np.random.Generator, passages: int) -> ReadDocument:
    chance = rng.dirichlet(np.ones(4)) * 1.6
    text, rows = "", []
    for number in range(1, passages + 1):
        frames = [frame for frame, p in zip(FRAMES, chance, strict=True) if rng.random() < p]
        start = len(text)
        text += f"Passage {number} of {author}: <i>nothing</i> but words. "
        rows.append(
            {
                "document": name,
                "passage": number,
                "start": start,
                "end": len(text) - 1,
                **dict.fromkeys(PROBABILITY_COLUMNS, round(float(rng.random()), 4)),
                "frames": frames,
                "contested": [frame for frame in frames[:1] if rng.random() < 0.3],
                "uncertain": [],
                "unfamiliar": False,
            }
        )
    record = Document(
        name, text, f"On {author}", (author,), f"{2015 + len(author) % 10}-05-01", f"Review {len(author)}"
    )
    return ReadDocument(Member(record, present=True, quotable=True), tuple(rows), "text", "m")


def _profile(document: ReadDocument, *, too_little: bool) -> Profile:
    def share(flags: list[bool]) -> Share | None:
        value = float(np.mean(flags))
        spread = 1.96 * (value * (1 - value) / len(flags) + 0.002) ** 0.5
        found = Share(round(value, 4), round(max(0.0, value - spread), 4), round(min(1.0, value + spread), 4))
        return None if too_little else found

    def bar(frame: str) -> FrameProfile:
        present = [frame in row["frames"] for row in document.rows]
        against = [frame in row["contested"] for row in document.rows]
        ahead = [p and not a for p, a in zip(present, against, strict=True)]
        tier = "exploratory" if frame == "status" else "solid"
        return FrameProfile(
            frame=frame,
            share=share(present),
            advanced=share(ahead),
            contested=share(against),
            counted=float(np.mean(present)),
            counted_advanced=float(np.mean(ahead)),
            counted_contested=float(np.mean(against)),
            corrected=share(present),
            corrected_advanced=share(ahead),
            corrected_contested=share(against),
            uncertain=0.1,
            tier=tier,
            contested_tier=tier,
        )

    return Profile(
        author=document.byline,
        documents=1,
        passages=len(document.rows),
        unfamiliar=0,
        basis=TOO_LITTLE if too_little else CORRECTED,
        read="text",
        stale=False,
        without_frame=0.1,
        frames=tuple(map(bar, FRAMES)),
        years=(2019, 2019),
    )
