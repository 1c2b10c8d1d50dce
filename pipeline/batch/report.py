"""From classified texts, just now or in a file, to profiles and the framing report on them."""

from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from pipeline.batch.parts import Part
from pipeline.batch.predictions import documents, read_predictions
from pipeline.errors import ModelError
from pipeline.evaluation.results import METRICS
from pipeline.model.readings import ReadDocument, labelled_texts, load_readings
from pipeline.model.store import MODEL, model_checksum
from pipeline.params import Params
from pipeline.profile.comparisons import Compared
from pipeline.profile.gather import labelled_essays, profile_all
from pipeline.profile.run import write_profiled
from pipeline.report.mark import find_words
from pipeline.report.render import about, write_report
from pipeline.report.sections import corpus_section, quoted_in, with_words
from pipeline.report.trust import load_trust

if TYPE_CHECKING:  # it brings torch
    from pipeline.model.classifier import Classifier

CORPUS = "texts"


class Bar(Protocol):
    """What shows progress: told the total, then how much is done."""

    def start(self, total: int) -> None:
        """There is so much to do."""

    def __call__(self, done: int) -> None:
        """So much is done."""


def report_parts(parts: Iterable[Part], checksum: str, params: Params, folder: Path) -> Path:
    """Report on what a batch has just classified, with the model of this checksum; see `report_documents`."""
    from pipeline.model.classifier import load_classifier  # with gradients, which tell the words that spoke

    found = [document for part in parts for document in documents(part.table.to_pylist(), checksum)]
    return report_documents(found, load_classifier, params, folder)


def report_predictions(
    path: Path, folder: Path, params: Params, bar: Bar | None = None, say: Callable[[str], None] = lambda line: None
) -> Path:
    """Report on what `framing classify` wrote; see `report_documents`.

    Raises: DocumentError if the file cannot be used.
    """
    from pipeline.model.classifier import load_classifier

    found, known = read_predictions(path, model_checksum(MODEL))
    if not known:
        say(f"{path}: does not say which model made it, and is taken for today's; .parquet does say")
    if not any(document.member.present for document in found):
        say(f"{path}: holds no text, so nothing is quoted; `framing classify --text` keeps it")
    return report_documents(found, load_classifier, params, folder, bar)


def report_documents(
    found: Sequence[ReadDocument],
    classifier: Callable[[], "Classifier"],
    params: Params,
    folder: Path,
    bar: Bar | None = None,
) -> Path:
    """Write profiles, groups, comparisons and the report into a folder; return the HTML file's path.

    The classifier's errors are those that it makes on the hand-labelled essays, by `reports/metrics.json` and
    `data/predictions/`.

    Args:
        classifier: called only where there are words to mark in passages that are quoted.

    Raises: ModelError if those are absent, or there is nothing to report on.
    """
    if not METRICS.exists():
        raise ModelError(f"{METRICS}: no such file; make it with `dvc repro evaluate`")
    if not found:
        raise ModelError(f"{folder}: nothing to report on, for no document was classified")
    trust, model = load_trust(), model_checksum(MODEL)
    real = [*labelled_essays(load_readings("essays"), model), *labelled_texts()]
    profiled = profile_all({CORPUS: found}, real, model, params.profile, trust.tiers)
    write_profiled(profiled, folder)
    compared = Compared(profiled.comparisons[CORPUS], profiled.changes[CORPUS])
    evidence = params.report.evidence_passages
    section = corpus_section(CORPUS, found, profiled.profiles[CORPUS], evidence, compared, profiled.groups[CORPUS])
    if items := list(islice(quoted_in(section), params.report.marked_passages)):
        if bar:
            bar.start(len(items))
        section = with_words(section, find_words(items, classifier(), bar or (lambda done: None)))
    data = [(name, (folder / name).read_bytes()) for name in ("profiles.json", "comparisons.json")]
    return write_report([section], trust, about(model, trust, params, data), folder)
