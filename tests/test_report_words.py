"""What the report says in words: of whom, how sure, and no more than the numbers bear."""

import re
from dataclasses import replace
from typing import Any

import pytest
import synthetic
from test_compare import profile, share
from test_report import document, profiles_of, report, section_of

from pipeline.frames import LABELS
from pipeline.params import ProfileParams
from pipeline.profile.compare import Comparisons, compare
from pipeline.profile.profiles import CORRECTED, HAND, PARTLY, TOO_LITTLE, Profile
from pipeline.report import takeaways
from pipeline.report.content import basis_note, rests_on, sentence
from pipeline.report.coverage import COUNTED, Coverage, correction_note, from_json, reading
from pipeline.report.render import about, render
from pipeline.report.trust import SHOWN, Trust, figure, label_name, measured, tier_note

PARAMS = ProfileParams(resamples=400)
NARROW, WIDE = 0.02, 0.3


def compared(*profiles: Profile) -> tuple[list[Profile], Comparisons]:
    return list(profiles), compare(profiles, PARAMS)


def unbroken(text: str) -> str:
    return text.replace("\u00a0", " ")


def test_a_first_is_named_only_where_it_differs_from_every_other_beyond_chance() -> None:
    found = compared(
        profile("A", share(0.9, NARROW), *[share(0.4, WIDE)] * 3),
        profile("B", share(0.5, NARROW), *[share(0.5, WIDE)] * 3),
        profile("C", share(0.2, NARROW), *[share(0.3, WIDE)] * 3),
    )
    text = unbroken(takeaways.of_shares(*found))
    assert text.startswith("Largest beyond chance: realist, 90 % (88-92), A. For the other frames no largest share")
    assert "highest measured: identity, 50 % (20-80), B;" in text
    second = compared(
        profile("A", share(0.9, NARROW), *[share(0.4, WIDE)] * 3),
        profile("B", share(0.2, NARROW), *[share(0.4, WIDE)] * 3),
        profile("C", share(0.7, WIDE), *[share(0.4, WIDE)] * 3),
    )
    assert "beyond chance" not in takeaways.of_shares(*second)


def test_nobody_is_first_while_a_higher_share_is_exploratory() -> None:
    pale = profile("B", *[share(0.9, NARROW)] * 4)
    pale = replace(pale, frames=tuple(replace(bar, tier="exploratory") for bar in pale.frames))
    text = takeaways.of_shares(*compared(profile("A", *[share(0.2, NARROW)] * 4), pale))
    assert "beyond chance" not in text and "B" not in text


def test_who_contests_most_is_named_only_beyond_chance() -> None:
    flat = [share(0.3, WIDE)] * 4
    close = compared(profile("A", *flat, contested=share(0.2)), profile("B", *flat, contested=share(0.1)))
    assert "Who contests a frame most cannot be told" in takeaways.of_shares(*close)
    apart = compared(
        profile("A", *flat, contested=share(0.8, NARROW)), profile("B", *flat, contested=share(0.1, NARROW))
    )
    assert "Contested most, beyond chance: realist, 80" in takeaways.of_shares(*apart)


def test_one_author_alone_is_first_in_nothing() -> None:
    assert "no other author" in takeaways.of_shares(*compared(profile("A", *[share(0.9)] * 4)))


def test_which_pair_is_nearest_is_settled_only_where_no_interval_overlaps() -> None:
    _, open_ = compared(*(profile(name, *[share(x, 0.1)] * 4) for name, x in zip("ABC", (0.4, 0.5, 0.65), strict=True)))
    text = takeaways.of_distances(open_)
    assert text.startswith("Smallest distance measured: A to B, ") and "which pair is nearest is not settled" in text
    _, clear = compared(*(profile(name, *[share(x, 0.01)] * 4) for name, x in zip("ABC", (0.1, 0.2, 0.9), strict=True)))
    text = takeaways.of_distances(clear)
    assert "not settled" not in text
    assert "Even these two differ beyond chance: the second named has more realist advanced, by 10" in unbroken(text)


@pytest.mark.parametrize("basis", [HAND, PARTLY, CORRECTED])
def test_no_share_stands_in_a_sentence_without_its_interval(basis: str) -> None:
    made = [share(0.02), share(0.3), share(0.6), share(0.9)]
    for first in range(4):
        for contested in (None, share(0.2), share(0.05)):
            author = profile("A", *made[first:], *made[:first], contested=contested)
            for one in (author, profile("A", *made[:1] * 4, contested=contested)):
                text = unbroken(sentence(replace(one, basis=basis, without_frame=0.2))).replace("15 % or more", "")
                shares = re.findall(r"\d+ %(?! \()(?! of \d+(?: passages)? \()(?!\))", text)
                assert not shares, text


def test_a_sentence_speaks_of_the_texts_that_were_read() -> None:
    one, two = document("d", "Title", "A", True, 12, "2019"), document("e", "Other", "A", True, 12, "2021")
    [single] = section_of([one]).authors
    assert single.sentence.startswith("A, in \u201cTitle\u201d (2019), the one text read, uses the ")
    [both] = section_of([one, two]).authors
    assert both.sentence.startswith("A, in the 2 texts read (2019 to 2021), uses the ")
    [nameless] = section_of([document("d", "", "A and B", True, 12, "")]).authors
    assert nameless.sentence.startswith("A and B, in the one text read, use the ")
    [long] = section_of([document("d", "x" * 500, "A", True)]).authors
    assert "x\u2026\u201d" in long.sentence and "x" * 100 not in long.sentence


def test_where_no_frame_can_be_named_the_passages_without_one_are_counted() -> None:
    author = replace(profile("A", *[share(0.1)] * 4), passages=10, without_frame=0.2)
    said = unbroken(sentence(author))
    assert "no frame is certain to be used uncontested in 15 % or more of the 10 passages" in said
    assert "2 of them (6-51 %) carry no frame" in said
    read = replace(author, basis=CORRECTED, unfamiliar=0)
    assert ", in the one text read by the classifier: " in sentence(read)
    assert "the classifier finds no frame in 2 of them (6-51 %)" in unbroken(sentence(read))


def test_an_author_with_too_little_text_has_no_course_but_is_listed_with_the_text() -> None:
    few, enough = document("few", "Short", "A", True, 5), document("more", "Long", "B", True, 12)
    section = section_of([few, enough])
    assert [bool(author.drawn) for author in section.authors] == [False, True]
    markdown, page = (report([few, enough], template) for template in ("framing.md.j2", "framing.html.j2"))
    assert markdown.count("The course of the frames through") == page.count("<b>The course of the frames</b>") == 1
    assert "Short" in page.split('id="provenance"')[1]
    assert section.authors[0].profile.basis == TOO_LITTLE and "not enough text" in section.authors[0].sentence


def test_a_note_says_what_was_done_to_the_counts() -> None:
    counts = {"counted": 0.3, "counted_advanced": 0.3, "counted_contested": 0.0}
    read = replace(profile("A", *[share(0.3)] * 4), basis=CORRECTED)
    plain = replace(read, frames=tuple(replace(bar, **counts) for bar in read.frames))
    moved = replace(plain, frames=tuple(replace(bar, counted_advanced=0.4) for bar in plain.frames))
    assert "are its plain counts" in basis_note(plain) and "corrected" not in basis_note(plain)
    assert [rests_on(one) for one in (plain, moved)] == ["classifier, plain count", "classifier, corrected"]
    assert rests_on(replace(plain, basis=HAND)) == "reference labels"
    assert "corrected as far as labelled essays by other authors show" in basis_note(moved)


def test_what_is_unfamiliar_is_said_in_singular_and_plural() -> None:
    [author] = profiles_of([document("d", "T", "A", True)])
    assert "1 of them lies beyond what is familiar to the classifier and is left out" in basis_note(
        replace(author, unfamiliar=1)
    )
    assert "3 of them lie beyond" in basis_note(replace(author, unfamiliar=3))


def test_nothing_that_a_reader_sees_speaks_of_labels_by_hand() -> None:
    documents = [document("d", "T", "A", True), document("e", "U", "B", False)]
    for template in ("framing.md.j2", "framing.html.j2"):
        assert not re.search(r"(?i)hand[- ]label|by hand", report(documents, template))


def test_a_report_says_what_advanced_means_and_what_a_sentence_names() -> None:
    for template in ("framing.md.j2", "framing.html.j2"):
        page = " ".join(
            unbroken(re.sub("<[^>]+>|[*]|&nbsp;", " ", report([document("d", "T", "A", True)], template))).split()
        )
        assert "used and not contested in that passage" in page and "how others reason" in page
        assert "begins at 15 % or more" in page and "begins at 3 % or more" in page


def figures_of(**changed: Any) -> dict[str, Any]:
    known = {"support": 40, "precision": 0.8, "recall": 0.8, "f1": 0.8, "roc_auc": 0.9, "calibration_error": 0.05}
    return known | changed


def test_a_figure_stands_with_its_interval_and_what_was_not_measured_is_a_dash() -> None:
    assert unbroken(figure(0.776, [0.64, 0.88])) == "0.78 (0.64-0.88)"
    assert (figure(0.5), figure(None), figure(None, None)) == ("0.50", "\u2013", "\u2013")


def test_a_tier_that_hangs_on_few_passages_is_marked() -> None:
    tiers = {"status": "solid", "identity": "solid", "contested-status": "exploratory"}
    trust = Trust({"tier_unsure": ["status"]}, tiers=tiers)
    assert tier_note(trust, "status") == "solid; F1 may be below 0.75"
    assert [tier_note(trust, label) for label in ("identity", "contested-status", "realist")] == [
        "solid", "exploratory", "exploratory",
    ]  # fmt: skip


def test_metrics_of_today_and_of_before_are_both_shown() -> None:
    """Earlier metrics hold neither what is advanced, nor intervals but that of micro-F1."""
    before = synthetic.trust()
    labels = {label: figures_of(f1_interval=[0.7, 0.9]) for label in LABELS} | {
        f"advanced-{frame}": figures_of(roc_auc=None, calibration_error=None, f1_interval=[0.51, 0.66], f1=0.59)
        for frame in ("realist", "identity", "status", "memory-politics")
    }
    labels["contested-status"] = figures_of(support=0, precision=None, recall=None, f1=None, f1_interval=None)
    essays = {**before.metrics["essays"], "labels": labels, "macro_f1_interval": [0.72, 0.86]}
    now = replace(before, metrics={**before.metrics, "essays": essays})
    section = section_of([document("d", "T", "A", True)])
    for template in ("framing.md.j2", "framing.html.j2"):
        old, new = (
            unbroken(render(template, [section], trust, about("m", trust, synthetic.PARAMS))) for trust in (before, now)
        )
        assert "realist present" in old and "0.59 (0.51-0.66)" not in old
        assert "realist advanced" in new and "0.59 (0.51-0.66)" in new and "(0.72-0.86)" in new and "\u2013" in new
    assert [label for label, _ in measured(essays)] == list(SHOWN)
    assert [label_name(label) for label in SHOWN[::4]] == [
        "realist present",
        "realist advanced",
        "realist contested",
    ]


def coverage(weight: float) -> Coverage:
    def held(value: float) -> dict[str, Any]:
        of = {"coverage": value, "coverage_interval": [value - 0.1, 1.0], "error": 0.1, "authors": 5}
        return {CORRECTED: {**of, "width": 0.5}, COUNTED: {**of, "coverage": 0.7, "width": 0.3, "error": 0.2}}

    def parts(value: float) -> dict[str, Any]:
        return {
            "advanced": {"all": held(value), "realist": held(value), "status": held(value)},
            "contested": {"all": held(value), "realist": held(value)},
        }

    values = {
        "level": 0.95,
        "correction": {"advanced": {"weight": weight}, "contested": {"weight": 0.0}},
        "replay": {"all": parts(0.9), "essays": parts(0.96), "op-eds": parts(0.98)},
        "simulation": {},
    }
    return from_json(values)


def test_coverage_tells_the_essays_first_and_calls_one_frame_by_its_name() -> None:
    found = coverage(0.0)
    assert [row.name for row in found.rows] == [
        "advanced, all frames, essays",
        "contested, realist, essays",
        "advanced, all frames, op-eds",
        "contested, realist, op-eds",
        "advanced, realist",
        "advanced, status",
        "contested, realist",
    ]
    text = unbroken(reading(found))
    assert text.index("5 by-lines of the essays it did in 96 % (86-100)") < text.index("op-eds it did in 98 % (88-100)")


def test_a_correction_that_does_nothing_is_not_said_to_correct() -> None:
    none, some = coverage(0.0), coverage(0.4)
    assert "weight 0: the share is the plain count, only the interval is wider (50 points" in reading(none)
    assert "plain counting 20" not in reading(none) and "10 points off on average, plain counting 20" in reading(some)
    assert "plain count" in correction_note(none) and "corrected as far as" in correction_note(some)
