"""The learning curve: the same recipe on ever more written passages, scored on the essays' gold."""

import json
import random
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from pipeline.corpus.corpora import load_corpus, load_segments
from pipeline.errors import DocumentError
from pipeline.evaluation.metrics import figures
from pipeline.evaluation.run import METRICS, PLOTS, write_csv
from pipeline.frames import FRAMES
from pipeline.labels.targets import targets
from pipeline.model.classifier import load_classifier
from pipeline.model.train import fit
from pipeline.params import TrainParams
from pipeline.records import WrittenPassage

CURVE = PLOTS / "learning_curve.csv"
SIZES = (100, 200, 400, 800)


def learning_curve(
    passages: Sequence[WrittenPassage], validation: Sequence[WrittenPassage], params: TrainParams
) -> Iterator[dict[str, Any]]:
    """Train on 100, 200, 400 and 800 passages, drawn with the seed, each set within the next; write the plot.

    The last point, all passages, is the committed model's: its figures stand in reports/metrics.json.

    Yields: one row a size, as it is reached.

    Raises: DocumentError unless every essay is present: the curve is measured on their text.
    """
    members = load_corpus("essays")
    if absent := [member.document.id for member in members if not member.present]:
        raise DocumentError(f"{', '.join(absent)}: absent; add them with `framing essays add FILE...`")
    texts = [
        member.document.text[passage.start : passage.end]
        for member in members
        for passage in load_segments("essays", member.document.id)
    ]
    truth = targets([gold.label for member in members for gold in member.gold]).astype(bool)
    order = random.Random(params.seed).sample(list(passages), len(passages))
    rows = []
    for size in (*(size for size in SIZES if size < len(order)), len(order)):
        if size == len(order):
            found = json.loads(METRICS.read_text(encoding="utf-8"))["essays"]
        else:
            with tempfile.TemporaryDirectory() as folder:
                fit(order[:size], validation, params, Path(folder))
                classifier = load_classifier(Path(folder))
            probabilities = classifier.probabilities(texts)
            found = figures(truth, probabilities, classifier.calibration.decide(probabilities))
        rows.append(_row(size, found))
        write_csv(CURVE, rows)
        yield rows[-1]


def _row(size: int, found: dict[str, Any]) -> dict[str, Any]:
    per_frame = {f"{frame}_f1": found["labels"][frame]["f1"] for frame in FRAMES}
    contested = {"contested_realist_roc_auc": found["labels"]["contested-realist"]["roc_auc"]}
    return {"passages": size, "micro_f1": found["micro_f1"], "macro_f1": found["macro_f1"], **per_frame, **contested}
