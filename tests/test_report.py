import re
from dataclasses import replace

from pipeline.corpus.corpora import Member
from pipeline.evaluation.metrics import figures
from pipeline.frames import LABELS, PROBABILITY_COLUMNS
from pipeline.model.readings import ReadDocument
from pipeline.params import Params, ProfileParams
from pipeline.profile.gather import profile_corpora
from pipeline.records import Annotation, Document, GoldPassage
from pipeline.report.content import escape_markdown, evidence, percent, sentence
from pipeline.report.render import corpus_section, render

HOSTILE = '<script>alert("x")</script> | **bold** `code` [link](javascript:alert(1)) =1+1 \u202e'

TIERS = dict.fromkeys(LABELS, "solid") | {"identity": "exploratory"}


def document(name: str, title: str, author: str, quotable: bool, passages: int = 12) -> ReadDocument:
    text = " ".join(f"Sentence {n} of {title}." for n in range(passages))
    step = len(text) // passages
    rows = tuple(
        {
            "document": name,
            "passage": n + 1,
            "start": n * step,
            "end": (n + 1) * step,
            **dict.fromkeys(PROBABILITY_COLUMNS, 0.2 + n / 50),
            "frames": ["status", "realist"] if n % 2 else ["identity"],
            "contested": ["realist"] if n % 4 == 1 else [],
            "uncertain": [],
            "unfamiliar": False,
        }
        for n in range(passages)
    )
    gold = tuple(
        GoldPassage(
            **{key: row[key] for key in ("passage", "start", "end")},
            words=4,
            sha256="",
            note=f"Note {row['passage']}.",
            annotations=(Annotation(annotator="a", frames=row["frames"], contested=row["contested"]),),
        )
        for row in rows
    )
    return ReadDocument(Member(Document(name, text, title, (author,), "2026"), True, quotable, gold), rows, "text", "m")


def report(documents: list[ReadDocument], template: str) -> str:
    params = Params(profile=ProfileParams(resamples=50))
    profiles = profile_corpora({"essays": documents}, documents, "m", params.profile, TIERS)["essays"]
    section = corpus_section("essays", documents, profiles, 2)
    import numpy as np

    truth = np.eye(8, dtype=bool)
    found = {
        **figures(truth, truth.astype(float), truth),
        "micro_f1_interval": [0.9, 1.0],
        "stale": False,
    }
    about = {"version": "0", "model": "m" * 64, "encoder": "mpnet", "params": params, "level": "95 %"}
    return render(template, [section], {"essays": found}, about)


def test_hostile_titles_and_authors_stay_text() -> None:
    page = report([document("d", HOSTILE, HOSTILE, True)], "framing.html.j2")
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "default-src 'none'" in page
    assert not re.search(r'(src|href)="(?!#)', page)
    assert "<script" not in report([document("d", HOSTILE, HOSTILE, True)], "framing.md.j2").replace("\\<script", "")


def test_a_text_that_may_not_be_quoted_is_shown_by_its_note() -> None:
    closed, opened = document("closed", "Closed", "A", False), document("open", "Open", "B", True)
    page = report([closed, opened], "framing.html.j2")
    assert "Reading note: Note 1" in page
    assert "of Closed." not in page
    assert "of Open." in page


def test_numbers_in_the_report_carry_their_intervals() -> None:
    page = report([document("d", "T", "A", True)], "framing.md.j2")
    assert re.search(
        r"\| A \| 1 \| 12 \|( \d+\s%\s\(\d+-\d+\); contested \d+\s%\s\(\d+-\d+\) \|){4} hand labels \|", page
    )


def test_exploratory_shares_are_called_so() -> None:
    read = document("d", "T", "A", True)
    read = replace(read, member=replace(read.member, gold=()))
    others = [document(f"e{author}", "U", author, True, 16) for author in "BCD"]
    for template in ("framing.md.j2", "framing.html.j2"):
        assert re.search(r"% \(\d+-\d+\) exploratory", report([read, *others], template).replace("\u00a0", " "))


def test_evidence_for_a_bar_leaves_out_what_is_contested_and_ranks_by_probability() -> None:
    found = evidence([document("d", "T", "A", True)], "realist", 10)
    assert [item.passage for item in found] == [12, 8, 4]
    against = evidence([document("d", "T", "A", True)], "realist", 2, contested=True)
    assert [(item.passage, item.contested) for item in against] == [(10, True), (6, True)]


def test_a_sentence_says_mostly_only_where_the_interval_allows_it() -> None:
    params = ProfileParams(resamples=50)
    documents = [document("d", "T", "A", True)]
    [half] = profile_corpora({"essays": documents}, documents, "m", params, TIERS)["essays"]
    assert "mostly" not in sentence(half)
    assert "argues against the realist reading" in sentence(half)
    assert percent(None) == "not measurable"


def test_markdown_is_escaped() -> None:
    assert escape_markdown("a|b*c\n<d>") == r"a\|b\*c \<d\>"


def test_labels_cover_frames_and_contested_frames() -> None:
    assert len(LABELS) == len(PROBABILITY_COLUMNS) == 8
