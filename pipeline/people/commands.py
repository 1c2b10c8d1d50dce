"""`framing labels ...`: labels by people, out and in, and what they are worth."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.errors import did_you_mean

if TYPE_CHECKING:
    from pipeline.labels.human import Changes

labels_app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="markdown",
    help="Labels: checks and agreement; people's labels, from tasks for Label Studio to what they changed.",
)

Sources = Annotated[
    list[str] | None,
    typer.Argument(help="written, essays, op-eds; texts (files, folders, globs); or tables of predictions"),
]
From = Annotated[str, typer.Option("--from", help="texts, or predictions: with the model's readings")]
_SHOWN = 20


@labels_app.command("export")
def labels_export(
    sources: Sources = None,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="default: build/tasks.json, or build/tasks.csv for a sheet"),
    ] = None,
    to: Annotated[str, typer.Option(help="label-studio or csv")] = "label-studio",
    origin: From = "texts",
    sample: Annotated[str, typer.Option(help="all, random (to estimate and test), informative (to train)")] = "all",
    passages: Annotated[int | None, typer.Option(help="how many to draw", min=1)] = None,
    seed: Annotated[int, typer.Option(help="of the random sample", min=0)] = 0,
    blind: Annotated[
        bool | None,
        typer.Option("--blind/--suggest", help="hide the model's reading (default for tests), or fill it in"),
    ] = None,
) -> None:
    """Write passages to label as tasks for Label Studio, with the labelling screen beside them, or as a sheet.

    Each task holds the passage, what stands before and after it, title and author. Sources are written, essays and
    op-eds (the default: essays), texts of your own, or --from predictions a table that `framing classify --text`
    wrote. What was drawn is kept in data/annotations/draws.jsonl: a passage or author is used to test or to train,
    never both. Labels made in sight of the model's reading (--suggest) only ever train.

    The tasks hold the texts themselves: keep them out of git, in build/ as by default.
    """
    from pipeline.params import load_params
    from pipeline.people.candidates import gather
    from pipeline.people.exporting import SAMPLES, TARGETS, export

    for value, known, hint in ((to, TARGETS, "--to"), (sample, SAMPLES, "--sample"), (origin, _ORIGINS, "--from")):
        _one_of(value, known, hint)
    output = output or Path("build") / ("tasks.csv" if to == "csv" else "tasks.json")
    candidates = gather(sources or ["essays"], origin == "predictions", load_params().segment)
    done = export(candidates, to, output, sample, passages, seed, blind)  # type: ignore[arg-type]
    for file in done.files:
        _say(str(file))
    sight = "blind" if done.blind else "in sight of the model's reading"
    _say(f"draw {done.draw}: {done.passages} of {done.population} passages for {' and '.join(done.purposes)}, {sight}")
    if not done.blind and "estimation" in done.purposes:
        _say("labels made in sight of the model's reading will not test it, and will not be gold; they train, unless")
        _say("an author of the text wrote an essay, or another text that tests: `framing adopt` leaves those out")


@labels_app.command("import")
def labels_import(
    file: Annotated[Path, typer.Argument(help="Label Studio's export as JSON or CSV, or the sheet, filled in")],
    annotator: Annotated[str, typer.Option(help="whose labels they are, a name for a file")],
    by: Annotated[str | None, typer.Option(help="take the annotations of this one of several people in it")] = None,
) -> None:
    """Read annotations, check them, and add them to data/annotations/ANNOTATOR.jsonl.

    Nothing that stands there is changed: a new opinion of a passage is a further line, and the last one counts.
    Annotations that contradict themselves, or whose passage is not the one exported, are refused one by one.
    Ends with 0 if all was taken, 1 if some was refused.
    """
    from pipeline.labels.human import ANNOTATIONS
    from pipeline.people.importing import import_labels

    done = import_labels(file, annotator, by)
    changes = done.changes
    _say(
        f"{ANNOTATIONS / annotator}.jsonl: {len(changes.new)} new, {len(changes.changed)} changed, "
        f"{changes.same} as before, {changes.older} older than what stands; "
        f"{done.unanswered} without an answer, {done.skipped} skipped, {len(done.refused)} refused"
    )
    for line in _described(changes):
        _say(f"  {line}")
    for reason in done.refused:
        _say(f"refused: {reason}")
    if done.refused:
        raise typer.Exit(1)


@labels_app.command("sizes")
def labels_sizes(
    sources: Sources = None,
    origin: From = "predictions",
    width: Annotated[float, typer.Option(help="of the interval, from end to end", min=0.01, max=0.9)] = 0.2,
    level: Annotated[float, typer.Option(help="of the interval", min=0.5, max=0.999)] = 0.95,
) -> None:
    """Print how many passages must be labelled, drawn by chance, so that each share has an interval of this width.

    Shares are expected as the classifier counts them, or, --from texts, a half each. The sizes hold for the share among
    the passages named here; beside them, how many random passages correcting the classifier's counts takes.
    """
    from pipeline.frames import LABELS
    from pipeline.params import load_params
    from pipeline.people.candidates import gather
    from pipeline.people.sizes import sizes, sizes_table

    _one_of(origin, _ORIGINS, "--from")
    candidates = gather(sources or ["essays"], origin == "predictions", load_params().segment)
    readings = [one.reading for one in candidates if one.reading is not None]
    decided = [[*reading.frames, *(f"contested-{frame}" for frame in reading.contested)] for reading in readings]
    expected = {label: sum(label in own for own in decided) / len(decided) for label in LABELS} if decided else {}
    print(sizes_table(sizes(expected, len(candidates), width, level), len(candidates), width, level))


@labels_app.command("shares")
def labels_shares(
    annotator: Annotated[str, typer.Option(help="whose labels to count")],
) -> None:
    """Print each frame's share among the passages that random samples were drawn from, by one annotator's labels.

    No classifier has a part in it: labels made in sight of the model's reading are not counted. The interval (Wilson's,
    for a finite population) holds what chance left out.
    """
    from pipeline.labels.human import load_labels
    from pipeline.labels.ledger import load_draws
    from pipeline.params import load_params
    from pipeline.people.shares import sampled_shares, shares_table

    level = load_params().evaluate.interval_level
    print(shares_table(sampled_shares(load_labels(annotator), load_draws(), level), level))


@labels_app.command("suspects")
def labels_suspects(
    output: Annotated[Path | None, typer.Option("-o", "--output", help="the whole list, as .csv")] = None,
    shown: Annotated[int, typer.Option(help="how many to print", min=0)] = _SHOWN,
) -> None:
    """List labels that may be errors, to re-read: nothing is changed.

    Of the written passages, those that a bag of words would not have given after learning from the other batches; of
    the essays and op-eds, those that the classifier, which learned from none of them, would not have. cleanlab decides
    which are too improbable.
    """
    from pipeline.people.suspects import find_suspects, known_doubts, prepared_passages, suspects_csv, suspects_table

    passages = prepared_passages()
    found = find_suspects(passages)
    print(suspects_table(found, shown))
    print(known_doubts(found, passages))
    if output is not None:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(suspects_csv(found), encoding="utf-8")
        _say(f"{output}: {len(found)} labels to re-read")


_ORIGINS = ("texts", "predictions")


def _described(changes: "Changes") -> list[str]:
    """A line for each passage that is labelled otherwise, or the same but under other conditions, up to a bound."""
    lines = []
    for before, after in changes.changed[:_SHOWN]:
        same = before.answers == after.answers
        what = f"{after.described}, now {after.made}" if same else f"{before.described} -> {after.described}"
        lines.append(f"{after.document} {after.start}-{after.end}: {what}")
    more = len(changes.changed) - _SHOWN
    return lines + ([f"and {more} more"] if more > 0 else [])


def _one_of(value: str, known: tuple[str, ...], hint: str) -> None:
    if value not in known:
        raise typer.BadParameter(f'"{value}"; {did_you_mean(value, known)}', param_hint=hint)


def _say(line: str) -> None:
    typer.echo(line, err=True)
