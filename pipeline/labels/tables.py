"""The tables of the data card, as Markdown."""

from collections.abc import Mapping, Sequence
from typing import Any

from scipy.stats import binomtest

from pipeline.labels.agreement import agreement
from pipeline.records import Labelled


def distribution_table(summary: Mapping[str, Any]) -> str:
    """What the written passages hold, beside what was aimed at, and what would make them too easy.

    Args:
        summary: what `summarise` returns.
    """
    lines = ["| What | Value | Aimed at | |", "|---|---|---|---|"]
    for what, row in summary["distribution"].items():
        outside = "" if row.get("within", True) else "outside"
        lines.append(f"| {what} | {row['value']:g} | {_aim(row)} | {outside} |")
    easy = summary["bag_of_words_micro_f1"]
    lines.append(
        f"| bag of words, uncalibrated, threshold 0.5, on the test split: micro-F1 | {easy:g} | at most 0.8 | "
        f"{'outside' if easy > 0.8 else ''} |"
    )
    splits = ", ".join(f"{count} {split}" for split, count in summary["splits"].items())
    lines += ["", f"Splits: {splits}. Disagreements settled: {summary['settled']}.", ""]
    lines += ["| Label | Words after which it is likeliest: precision, passages |", "|---|---|"]
    lines += [f"| {label} | {'; '.join(words)} |" for label, words in summary["telling_words"].items()]
    return "\n".join(lines)


def agreement_table(sets: Mapping[str, Sequence[Labelled]]) -> str:
    """Agreement of the first two labelling passes, a row a label, per set of passages."""
    lines = ["| Passages | Label | Krippendorff's alpha | Labelled alike | First pass | Second pass |"]
    lines.append("|---|---|---|---|---|---|")
    for name, passages in sets.items():
        for row in agreement(passages):
            alpha = "-" if row.alpha != row.alpha else f"{row.alpha:.3f}"
            lines.append(f"| {name} | {row.what} | {alpha} | {row.alike:.3f} | {row.first} | {row.second} |")
    return "\n".join(lines)


def third_reading_line(read: int, changed: int) -> str:
    """How many labels a third reading would change, with Wilson's 95 % interval of the share."""
    low, high = binomtest(changed, read).proportion_ci(0.95, "wilson")
    return (
        f"Third reading of {read} passages: it would change the labels of {changed} of {read} "
        f"({100 * low:.0f} to {100 * high:.0f} %, 95 % interval)."
    )


def _aim(row: Mapping[str, Any]) -> str:
    if "at_least" in row and "at_most" in row:
        return f"{row['at_least']:g} to {row['at_most']:g}"
    if "at_least" in row:
        return f"at least {row['at_least']:g}"
    return f"at most {row['at_most']:g}" if "at_most" in row else ""
