"""The baselines stage: train what the classifier must beat and keep its decisions on every test set."""

import numpy as np

from pipeline.corpus.corpora import CORPORA, load_corpus
from pipeline.evaluation.decisions import BASELINES, CONTRAST, WRITTEN, save_decisions
from pipeline.evaluation.metrics import Floats, Labels
from pipeline.evaluation.scorers import scorers
from pipeline.labels.contrast import contrast_passages
from pipeline.labels.splits import PREPARED, SPLITS
from pipeline.model.calibrate import fit_calibrations, score_labelled
from pipeline.model.calibration import bare
from pipeline.model.store import ENCODER
from pipeline.params import Params
from pipeline.records import WrittenPassage, read_jsonl


def run_baselines(params: Params) -> list[str]:
    """Train the baselines and keep their decisions on every test set; return a line for each set.

    They are calibrated as the classifier is: no author's passages have a say in how that author is read.
    """
    train, validation, test = (read_jsonl(PREPARED / f"{split}.jsonl", WrittenPassage) for split in SPLITS)
    complete = {corpus: all(member.present for member in load_corpus(corpus) if member.gold) for corpus in CORPORA}
    decisions: dict[str, dict[str, tuple[Floats, Labels]]] = {}
    written = {WRITTEN: test, CONTRAST: contrast_passages()}
    places = {name: [(passage.id, 1) for passage in passages] for name, passages in written.items()}
    for name, score in scorers(train, ENCODER, params.train.max_tokens).items():
        labelled = score_labelled(lambda texts, raw=score: bare(raw(texts)), validation)  # type: ignore[misc]
        calibrations = fit_calibrations(labelled, params.calibrate)
        found = {
            source: [(calibrations.anybody, bare(score([passage.text for passage in passages])))]
            for source, passages in written.items()
        }
        for own in (own for own in labelled if complete.get(own.source)):
            found.setdefault(own.source, []).append((calibrations.for_author(own.byline), own.scores))
            if name == BASELINES[0]:
                count = len(own.labels)
                places.setdefault(own.source, []).extend(zip([own.document] * count, range(1, count + 1), strict=True))
        for source, parts in found.items():
            probabilities = np.concatenate([calibration.probabilities(raw) for calibration, raw in parts])
            if name == "majority":  # a threshold below a half would find what is merely common everywhere
                decided = probabilities >= 0.5
            else:
                decided = np.concatenate([own.decide(own.probabilities(raw)) for own, raw in parts])
            decisions.setdefault(source, {})[name] = (probabilities, decided)
    for source, by_baseline in decisions.items():
        save_decisions(source, places[source], by_baseline)
    return [f"{source}: {len(rows)} passages by {', '.join(BASELINES)}" for source, rows in places.items()] + [
        f"{corpus}: texts absent; decisions kept as they stand" for corpus in CORPORA if not complete[corpus]
    ]
