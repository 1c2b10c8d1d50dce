"""The cover stage: how often a profile's interval holds the truth, on labelled authors and on simulated ones."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from pipeline.corpus.corpora import CORPORA
from pipeline.evaluation.quantifiers import METHODS
from pipeline.evaluation.replay import COUNTED, FULL, Labelled, Result, replay
from pipeline.evaluation.results import PLOTS, write_csv
from pipeline.evaluation.simulation import WORLDS, Compared, simulate
from pipeline.frames import FRAMES, column
from pipeline.model.readings import ReadDocument, load_readings
from pipeline.model.store import MODEL, model_checksum
from pipeline.params import CoverParams, ProfileParams
from pipeline.profile.estimate import wilson
from pipeline.profile.gather import labelled_essays, passages_of
from pipeline.profile.groups import group
from pipeline.profile.profiles import CORRECTED, HAND, PARTLY, PARTS, Part, measure
from pipeline.profile.run import COVERAGE_JSON

# What at least this share of the intervals should do, whatever level they are called by.
WANTED = 0.9
PLOT = PLOTS / "coverage.csv"
EVERYWHERE = "all"
SHOWN = (HAND, PARTLY, CORRECTED, COUNTED, FULL, *METHODS)

Figures = dict[str, Any]


def run_coverage(profile: ProfileParams, cover: CoverParams) -> Figures:
    """Replay and simulate; write reports/coverage.json and the data of its plot."""
    params = profile.model_copy(update={"resamples": cover.resamples})
    corpora = {corpus: load_readings(corpus) for corpus in CORPORA}
    real = labelled_essays(corpora["essays"], model_checksum(MODEL))
    authors = [a for corpus, found in corpora.items() for a in labelled_authors(corpus, found, real, params)]
    calibrating = [author for author in authors if author.corpus == "essays"]
    results = replay(authors, calibrating, params, cover)
    simulated = list(simulate(params, cover))
    found = {
        "level": params.interval_level,
        "wanted": WANTED,
        "authors": [author.name for author in authors] if results else [],
        "correction": _corrections(calibrating, params),
        "replay": {
            name: _by_part([r for r in results if name in (EVERYWHERE, r.corpus)]) for name in (EVERYWHERE, *CORPORA)
        },
        "error_beyond_counting": {
            part: error_difference([r for r in results if r.part == part]) for part in PARTS if results
        },
        "simulation": {
            world: by_method([r for own, _ in simulated for r in own if r.corpus == world]) for world in WORLDS
        },
        "comparisons": compared_figures([c for _, pairs in simulated for c in pairs]),
    }
    COVERAGE_JSON.parent.mkdir(parents=True, exist_ok=True)
    COVERAGE_JSON.write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    write_csv(PLOT, plot_rows(found))
    return found


def labelled_authors(
    corpus: str, documents: Sequence[ReadDocument], real: Sequence[ReadDocument], params: ProfileParams
) -> list[Labelled]:
    """Authors all of whose passages are labelled, with enough that are familiar; of the essays, those among `real`."""
    read = [d for d in documents if d.read == "text" and d.member.gold and (corpus != "essays" or d in real)]
    found = [_labelled(name, corpus, own) for name, own in group(read, "author").items()]
    return [author for author in found if len(author.passages) >= params.min_passages]


def by_method(results: Sequence[Result]) -> Figures:
    """Coverage, mean absolute error and mean width of each method."""
    return {
        method: figures([result for result in results if result.method == method])
        for method in SHOWN
        if any(result.method == method for result in results)
    }


def figures(results: Sequence[Result]) -> Figures:
    """Each author counts alike, however much was drawn from him; the interval of the coverage resamples authors."""
    held = _per_author(results, lambda result: float(result.holds))
    low, high = _interval(held)
    least = wilson(held.mean(), len(held), 0.95)
    return {
        "coverage": _round(held.mean()),
        "coverage_interval": [_round(min(low, least[0])), _round(max(high, least[1]))],
        "error": _round(_per_author(results, lambda result: result.error).mean()),
        "width": _round(_per_author(results, lambda result: result.high - result.low).mean()),
        "authors": len(held),
        "intervals": len(results),
    }


def error_difference(results: Sequence[Result]) -> Figures | None:
    """Mean absolute error of the corrected shares minus that of plain counting, on the same draws, with interval."""
    ours, theirs = (
        _per_author([r for r in results if r.method == method], lambda r: r.error) for method in (CORRECTED, COUNTED)
    )
    if not len(ours):
        return None
    return {"value": _round((ours - theirs).mean()), "interval": [_round(end) for end in _interval(ours - theirs)]}


def compared_figures(compared: Sequence[Compared]) -> Figures:
    """How often intervals of differences and distances hold the truth, and how often chance alone passes for more."""
    if not compared:
        return {"pairs": 0}
    alike = [c.beyond_chance for c in compared if c.alike]
    low, high = wilson(np.array(np.mean(alike)), len(alike), 0.95)
    return {
        "pairs": len(compared),
        "difference_coverage": _round(np.mean([c.differences_held for c in compared])),
        "distance_coverage": _round(np.mean([c.distance_held for c in compared])),
        "distance_coverage_apart": _round(np.mean([c.distance_held for c in compared if not c.alike])),
        "false_alarms": _round(np.mean(alike)),
        "false_alarms_interval": [_round(low), _round(high)],
        "found": _round(np.mean([c.beyond_chance for c in compared if not c.alike])),
    }


def plot_rows(found: Figures) -> list[dict[str, Any]]:
    """One row a method in each part and frame, or simulated world."""
    cells = {
        f"{part}, {frame}": methods
        for part, frames in found["replay"][EVERYWHERE].items()
        for frame, methods in frames.items()
        if frame != EVERYWHERE
    } | {f"simulated, {world}": methods for world, methods in found["simulation"].items()}
    return [
        {
            "what": what,
            "method": method,
            "coverage": known["coverage"],
            "low": known["coverage_interval"][0],
            "high": known["coverage_interval"][1],
            "error": known["error"],
            "width": known["width"],
            "authors": known["authors"],
        }
        for what, methods in cells.items()
        for method, known in methods.items()
    ]


def _by_part(results: Sequence[Result]) -> Figures:
    return {
        part: {frame: by_method([r for r in own if frame in (EVERYWHERE, r.frame)]) for frame in _frames(own)}
        for part in PARTS
        if (own := [result for result in results if result.part == part])
    }


def _frames(results: Sequence[Result]) -> list[str]:
    return [EVERYWHERE, *(frame for frame in FRAMES if any(result.frame == frame for result in results))]


def _corrections(calibrating: Sequence[Labelled], params: ProfileParams) -> Figures:
    """What the correction is where no labelled author is profiled."""
    corrections = measure(tuple(p for author in calibrating for p in author.passages), params)
    return {
        part: {
            "authors": len(calibrating),
            "weight": _round(correction.weight),
            "frames": {
                frame: {
                    "hits": _round(correction.rates.hits[place]),
                    "false_alarms": _round(correction.rates.alarms[place]),
                    "reach": _round(correction.reach[place]),
                }
                for place, frame in enumerate(FRAMES)
                if correction.known[place]
            },
        }
        for part, correction in corrections.items()
    }


def _labelled(name: str, corpus: str, documents: Sequence[ReadDocument]) -> Labelled:
    rows = [row for document in documents for row in document.rows]
    passages = passages_of(documents)
    kept = [n for n, p in enumerate(passages) if p.labelled is not None and not p.unfamiliar]
    present, against = (
        np.array([[rows[n][column(f"{prefix}{frame}")] for frame in FRAMES] for n in kept]).reshape(-1, len(FRAMES))
        for prefix in ("", "contested-")
    )
    probabilities: dict[Part, npt.NDArray[np.float64]] = {
        "present": present,
        "advanced": np.clip(present - against, 0, 1),
        "contested": against,
    }
    return Labelled(name, corpus, tuple(passages[n] for n in kept), probabilities)


def _per_author(results: Iterable[Result], value: Any) -> npt.NDArray[np.float64]:
    found: dict[tuple[str, str], list[float]] = {}
    for result in results:
        found.setdefault((result.corpus, result.author), []).append(value(result))
    return np.array([np.mean(values) for values in found.values()])


def _interval(values: npt.NDArray[np.float64]) -> tuple[float, float]:
    drawn = np.random.default_rng(0).choice(values, (2000, len(values))).mean(1)
    low, high = np.quantile(drawn, [0.025, 0.975])
    return float(low), float(high)


def _round(value: Any) -> float:
    return round(float(value), 4)
