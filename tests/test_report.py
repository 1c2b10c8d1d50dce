import csv
import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
import synthetic
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html
from markdown_it import MarkdownIt

from pipeline.corpus.corpora import Member
from pipeline.frames import FRAMES, LABELS, PROBABILITY_COLUMNS
from pipeline.model.readings import ReadDocument
from pipeline.params import ProfileParams
from pipeline.profile.change import changes
from pipeline.profile.compare import compare
from pipeline.profile.comparisons import Compared
from pipeline.profile.estimate import Share
from pipeline.profile.gather import profile_corpora
from pipeline.profile.profiles import Profile
from pipeline.records import Annotation, Document, GoldPassage
from pipeline.report import charts, content, marks, takeaways
from pipeline.report.content import percent, sentence
from pipeline.report.evidence import Evidence, evidence
from pipeline.report.plain import escape_markdown, isolated, plain
from pipeline.report.render import about, render, write_report
from pipeline.report.sections import MOST_INLINE, MOST_TILES, CorpusSection, corpus_section, quoted_in, with_words
from pipeline.report.trust import SHOWN, Trust, load_trust
from pipeline.report.words import load_words, save_words

TIERS = dict.fromkeys(SHOWN, "solid") | {"advanced-identity": "exploratory"}
PARAMS = ProfileParams(resamples=50)
MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def document(
    name: str, title: str, author: str, quotable: bool, passages: int = 12, date: str = "2026"
) -> ReadDocument:
    text = " ".join(f"Sentence {n} of {title}." for n in range(passages))
    step = len(text) // passages
    rows = tuple(
        {
            "document": name,
            "passage": n + 1,
            "start": n * step,
            "end": (n + 1) * step,
            **dict.fromkeys(PROBABILITY_COLUMNS, 0.2 + (n % 40) / 50),
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
    return ReadDocument(Member(Document(name, text, title, (author,), date), True, quotable, gold), rows, "text", "m")


def profiles_of(documents: list[ReadDocument]) -> list[Profile]:
    return profile_corpora({"essays": documents}, documents, "m", PARAMS, TIERS)["essays"]


def section_of(documents: list[ReadDocument]) -> CorpusSection:
    found = profiles_of(documents)
    changed = changes("essays", documents, lambda name, own: replace(profiles_of(list(own))[0], author=name), PARAMS)
    return corpus_section("essays", documents, found, 2, Compared(compare(found, PARAMS), changed))


def report(documents: list[ReadDocument], template: str) -> str:
    trust = synthetic.trust()
    return render(template, [section_of(documents)], trust, about("m" * 64, trust, synthetic.PARAMS))


def test_a_text_that_may_not_be_quoted_is_shown_by_its_note() -> None:
    closed, opened = document("closed", "Closed", "A", False), document("open", "Open", "B", True)
    for template in ("framing.html.j2", "framing.md.j2"):
        page = report([closed, opened], template)
        assert "Note 1" in page
        assert "of Closed." not in page
        assert "of Open." in page


def test_numbers_in_the_report_carry_their_intervals() -> None:
    page = report([document("d", "T", "A", True)], "framing.md.j2")
    assert re.search(
        r"\| A \| 1 \| 12 \|( \d+\s%\s\(\d+-\d+\); contested \d+\s%\s\(\d+-\d+\) \|){4} reference labels \|", page
    )


def test_exploratory_shares_are_called_so_and_drawn_pale() -> None:
    read = document("d", "T", "A", True)
    read = replace(read, member=replace(read.member, gold=()))
    others = [document(f"e{n}", "U", f"B{n}", True, 40) for n in range(4)]
    markdown, page = (report([read, *others], template) for template in ("framing.md.j2", "framing.html.j2"))
    assert re.search(r"% \(\d+-\d+\) exploratory", markdown.replace("\u00a0", " "))
    table = html.fromstring(page).get_element_by_id("essays-frames").getnext().find(".//table")
    cells = table.findall(".//tbody/tr")[0].findall("td")
    pale = {
        cell.get("class"): "exploratory" in cell.text_content() and bool(cell.xpath(".//g[contains(@class, 'pale')]"))
        for cell in cells
    }
    assert pale == {"realist": False, "identity": True, "status": False, "memory-politics": False}


def test_evidence_for_a_bar_leaves_out_what_is_contested_and_ranks_by_probability() -> None:
    found = evidence([document("d", "T", "A", True)], "realist", 10)
    assert [item.passage for item in found] == [12, 8, 4]
    against = evidence([document("d", "T", "A", True)], "realist", 2, contested=True)
    assert [(item.passage, item.contested) for item in against] == [(10, True), (6, True)]


def test_a_sentence_says_most_only_where_the_interval_allows_it() -> None:
    [half] = profiles_of([document("d", "T", "A", True)])
    assert "most passages" not in sentence(half)
    assert "the realist frame is rejected or called insufficient in 25" in sentence(half)
    assert percent(None) == "not measurable"


def test_the_words_that_spoke_are_marked_where_the_text_is_quoted_and_nowhere_else(tmp_path: Path) -> None:
    section = section_of([document("open", "Open", "A", True), document("closed", "Closed", "B", False)])
    quoted = list(quoted_in(section))
    assert {item.document for item in quoted} == {"open"}
    save_words({item.key: (1, 2) for item in quoted}, "m", tmp_path / "words.json")
    assert load_words("another model", tmp_path / "words.json") == {}
    marked = with_words(section, load_words("m", tmp_path / "words.json"))
    assert {item.words for item in quoted_in(marked)} == {(1, 2)}
    shut = marked.authors[1].evidence[0].advanced[0]
    assert not shut.quoted and not shut.words
    trust = synthetic.trust()
    page = render("framing.html.j2", [marked], trust, about("m", trust, synthetic.PARAMS))
    found = html.fromstring(page).xpath("//blockquote//mark")
    assert len(found) == sum(
        len(a.evidence[n].advanced + a.evidence[n].contested) for a in marked.authors[:1] for n in range(4)
    )


def test_marked_words_that_touch_are_one_mark() -> None:
    item = Evidence("d", "", 1, 0, 9, "status", 0.5, False, "a b c d", True, False, (1, 2))
    assert item.pieces == [("a", False), ("b c", True), ("d", False)]


def test_what_changed_and_who_is_near_are_said_with_intervals() -> None:
    early, late = document("d1", "One", "A", True, 20, "2001"), document("d2", "Two", "A", True, 20, "2009")
    other = document("d3", "Three", "B", True, 20, "2005")
    rows = tuple({**row, "frames": ["memory-politics"], "contested": []} for row in late.rows)
    gold = tuple(
        g.model_copy(update={"annotations": (Annotation(annotator="a", frames=("memory-politics",)),)})
        for g in late.member.gold
    )
    late = replace(late, rows=rows, member=replace(late.member, gold=gold))
    page = report([early, late, other], "framing.html.j2")
    text = " ".join(html.fromstring(page).text_content().split())
    assert re.search(r"From 2001 to 2009: more memory-politics advanced, by 100 points \(\d+ to \d+\)", text)
    assert re.search(r"A and B are \d+ points? \(\d+-\d+\) a share apart on average", text)


def test_a_course_tells_its_thirds() -> None:
    rows = [{"frames": ["status"] if n < 6 else [], "contested": [], "labelled": True} for n in range(18)]
    assert takeaways.of_course(rows) == (
        "The status frame is in 6 of 18 passages: in 6 of 6 of the first third, 0 of 6 of the second, 0 of 6 of the "
        "last."
    )
    assert takeaways.of_course(rows[6:]) == "None of its 12 passages carries a frame."
    read = [{**row, "contested": row["frames"][:1], "labelled": False} for row in rows[5:8]]
    assert takeaways.of_course(read) == (
        "As the classifier reads it, the status frame is in 1 of 3 passages (1 contests it)."
    )


def test_a_very_long_text_is_drawn_as_far_as_a_screen_is_wide() -> None:
    [author] = section_of([document("d", "T", "A", True, MOST_TILES + 50)]).authors
    assert len(author.courses[0].rows) == MOST_TILES and author.courses[0].cut == 50


def test_a_strip_shows_value_and_interval_of_what_is_advanced_and_contested() -> None:
    [profile] = profiles_of([document("d", "T", "A", True)])
    realist = profile.frames[0]
    strip = html.fromstring(f"<svg>{marks.share_strip(realist)}</svg>")
    for part, share in (("advanced", realist.advanced), ("contested", realist.contested)):
        [drawn] = strip.xpath(f".//g[contains(@class, '{part}')]")
        assert share is not None
        assert drawn.find("use").get("x") == marks.place(share.value)
        assert (drawn.find("line").get("x1"), drawn.find("line").get("x2")) == (
            marks.place(share.low),
            marks.place(share.high),
        )


def test_the_page_forbids_outside_loads_and_allows_its_own_style_and_script_by_checksum() -> None:
    page = report([document("d", "T", "A", True)], "framing.html.j2")
    root = html.fromstring(page)
    [policy] = [found.get("content") for found in root.xpath("//meta[@http-equiv]")]
    assert "default-src 'none'" in policy and "unsafe" not in policy
    assert policy.count("'sha256-") == 2
    assert not root.xpath("//*[@style]")
    assert {found.get("href") for found in root.xpath("//a") if not found.get("href").startswith("#")} == {
        "profiles.csv", "groups.csv", "comparisons.csv",
    }  # fmt: skip


def skeleton(page: str) -> list[tuple[str, ...]]:
    """Every element with the names of its attributes: what markup in a name would change."""
    return [(node.tag, *sorted(node.attrib)) for node in html.fromstring(page).iter() if isinstance(node.tag, str)]


def harmless(hostile: str) -> ReadDocument:
    return document("d", "x" * len(hostile), "y" * len(hostile), True)


@pytest.mark.parametrize("hostile", synthetic.HOSTILE)
def test_hostile_names_change_nothing_in_html(hostile: str) -> None:
    page = report([document("d", hostile, hostile, True)], "framing.html.j2")
    assert skeleton(page) == skeleton(report([harmless(hostile)], "framing.html.j2"))
    assert any(found.text == hostile for found in html.fromstring(page).xpath("//h4//bdi"))


@pytest.mark.parametrize("hostile", synthetic.HOSTILE)
def test_hostile_names_change_nothing_in_markdown(hostile: str) -> None:
    def shape(page: str) -> list[tuple[str, str]]:
        tokens = [inner for token in MARKDOWN.parse(page) for inner in [token, *(token.children or [])]]
        return [(token.type, token.tag) for token in tokens if token.type not in {"text", "text_special"}]

    page = report([document("d", hostile, hostile, True)], "framing.md.j2")
    assert shape(page) == shape(report([harmless(hostile)], "framing.md.j2"))
    assert "\u202e" not in page and "\u2066" not in page


@pytest.mark.parametrize("hostile", [*synthetic.HOSTILE, "\x00\x1b[31m\ufffe"])
def test_hostile_names_change_nothing_in_pictures(hostile: str) -> None:
    read = document("d", hostile, hostile, True)
    [profile] = profiles_of([read])
    for picture in (
        charts.shares_chart([profile]),
        charts.author_chart(profile),
        charts.course_chart(hostile, content.course(read)),
    ):
        tags = {node.tag.partition("}")[2] for node in ElementTree.fromstring(picture).iter()}
        assert tags <= {"svg", "title", "style", "defs", "path", "pattern", "rect", "line", "g", "use", "text"}
        assert "\u202e" not in picture
        assert not re.search(r"""\son\w+=|href="(?!#)""", re.sub(r">[^<]*<", "><", picture))


def test_hostile_names_are_no_formulas_in_csv(tmp_path: Path) -> None:
    synthetic.write(len(synthetic.HOSTILE), tmp_path)
    for name in ("profiles.csv", "comparisons.csv"):
        with (tmp_path / name).open(newline="") as stream:
            rows = list(csv.DictReader(stream))
        cells = [cell for row in rows for cell in (row.get("author"), row.get("first"), row.get("second")) if cell]
        assert cells and not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]
    with (tmp_path / "profiles.csv").open(newline="") as stream:
        names = {row["author"].removeprefix("'") for row in csv.DictReader(stream)}
    assert names == set(synthetic.HOSTILE)


@given(st.text(max_size=60))
@settings(max_examples=150)
def test_any_text_stays_one_line_of_text_in_markdown_and_in_xml(text: str) -> None:
    tokens = MARKDOWN.parse(f"| {escape_markdown(text)} | b |\n|---|---|\n")
    [inline] = [token for token in tokens if token.type == "inline"][:1]
    said = "".join(child.content for child in inline.children or [])
    assert {child.type for child in inline.children or []} <= {"text", "text_special"}
    assert said == plain(text)
    assert ElementTree.fromstring(str(charts._text(0, 0, text))).text in (plain(text), None)


def test_a_name_from_right_to_left_turns_nothing_but_itself() -> None:
    assert isolated("Ann\u202e Lee") == "Ann Lee"
    assert isolated("\u05e9\u05dc\u05d5\u05dd") == "\u2068\u05e9\u05dc\u05d5\u05dd\u2069"


def test_many_authors_have_pages_of_their_own_and_the_most_distinct_come_first(tmp_path: Path) -> None:
    count = MOST_INLINE + 1
    page = html.fromstring(synthetic.write(count, tmp_path).read_text())
    assert len(list((tmp_path / "authors").iterdir())) == count
    assert not page.xpath("//article")
    distances = [
        a.standing.distance.low for a in synthetic.section(count).authors if a.standing and a.standing.distance
    ]
    assert distances == sorted(distances, reverse=True)
    synthetic.write(3, tmp_path)
    assert not (tmp_path / "authors").exists()


def test_five_thousand_authors_fit_a_page(tmp_path: Path) -> None:
    few, more = (len(_many(count)) for count in (100, 200))
    assert (more - few) / 100 * 5000 < 4_000_000


def _many(count: int) -> str:
    trust = synthetic.trust()
    return render("framing.html.j2", [synthetic.section(count)], trust, about("m", trust, synthetic.PARAMS))


def test_every_chart_has_a_reading_and_a_table(root: Path) -> None:
    trust = load_trust(
        root / "reports/metrics.json", root / "reports/plots/reliability.csv", root / "reports/coverage.json"
    )
    documents = [document("d", "T", "A", True, 20, "2001"), document("e", "U", "B", True, 20, "2005")]
    page = html.fromstring(
        render("framing.html.j2", [section_of(documents)], trust, about("m", trust, synthetic.PARAMS))
    )
    figures = page.xpath("//figure")
    assert len(figures) >= 6
    for figure in figures:
        assert figure.xpath(".//table/tbody/tr")
        drawn = figure.xpath(".//svg[contains(@class, 'strip')] | .//ul[@class='curves']//svg")
        assert not drawn or figure.xpath(".//figcaption | .//caption")


def test_the_report_says_what_it_comes_from(tmp_path: Path) -> None:
    trust = synthetic.trust()
    origin = about("c0ffee" * 8, trust, synthetic.PARAMS, [("profiles.json", b"x")])
    write_report([section_of([document("d", "A title", "A", True, date="2019-03-02")])], trust, origin, tmp_path)
    page = html.fromstring((tmp_path / "framing.html").read_text()).text_content()
    for fact in ("c0ffee" * 8, "2d711642b726b044", "A title", "2019-03-02", "100 resamples", "framing-pipeline"):
        assert fact in page


def test_calibration_and_coverage_are_left_out_where_nobody_measured_them() -> None:
    page = report([document("d", "T", "A", True)], "framing.html.j2")
    assert "trust-calibration" not in page and "trust-coverage" not in page
    assert takeaways.of_calibration(Trust({})) == ""


def test_labels_cover_frames_and_contested_frames() -> None:
    assert len(LABELS) == len(PROBABILITY_COLUMNS) == 2 * len(FRAMES)
    assert Share(0.5, 0.4, 0.6).low < 0.5


def test_the_report_says_who_gave_the_labels() -> None:
    by_passes = takeaways.of_labellers(Trust({"encoder": "e", "essays": {"passages": 227}}))
    assert "not by human annotators" in by_passes
    both = takeaways.of_labellers(
        Trust({"essays": {"passages": 227, "labelled_by_people": 12}, "op-eds": {"passages": 9}})
    )
    assert "12 of the 227 in essays; the other labels" in both and "not by human" not in both
