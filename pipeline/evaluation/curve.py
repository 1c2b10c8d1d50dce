"""The learning curve: the same recipe on ever more written passages, scored on the essays' gold."""

import json
import random
from collections.abc import Iterator, Sequence
from typing import Any

from pipeline.corpus.corpora import load_corpus
from pipeline.errors import DocumentError
from pipeline.evaluation.refit import refit
from pipeline.evaluation.results import METRICS, PLOTS, write_csv
from pipeline.frames import FRAMES
from pipeline.params import Params
from pipeline.records import WrittenPassage

CURVE = PLOTS / "learning_curve.csv"
SIZES = (100, 200, 400, 800)


def learning_curve(
    passages: Sequence[WrittenPassage], validation: Sequence[WrittenPassage], params: Params
) -> Iterator[dict[str, Any]]:
    """Train on 100, 200, 400 and 800 passages, drawn with the seed, each set within the next; write the plot.

    The last point, all passages, is the committed model's: its figures stand in reports/metrics.json.

    Yields: one row a size, as it is reached.

    Raises: DocumentError unless every essay is present: the curve is measured on their text.
    """
    require_essays()
    order = random.Random(params.train.seed).sample(list(passages), len(passages))
    rows = []
    for size in (*(size for size in SIZES if size < len(order)), len(order)):
        if size == len(order):
            found = json.loads(METRICS.read_text(encoding="utf-8"))["essays"]
        else:
            found = refit(order[:size], validation, params)["essays"]
        rows.append(_row(size, found))
        write_csv(CURVE, rows)
        yield rows[-1]


def require_essays() -> None:
    """Refuse to measure on essays that are not there.

    Raises: DocumentError with their names.
    """
    if absent := [member.document.id for member in load_corpus("essays") if not member.present]:
        raise DocumentError(", ".join(absent), "absent", "add them with `framing essays add FILE...`")


def _row(size: int, found: dict[str, Any]) -> dict[str, Any]:
    per_frame = {f"{frame}_f1": found["labels"][frame]["f1"] for frame in FRAMES}
    contested = {"contested_realist_roc_auc": found["labels"]["contested-realist"]["roc_auc"]}
    return {"passages": size, "micro_f1": found["micro_f1"], "macro_f1": found["macro_f1"], **per_frame, **contested}
