"""The reports in a real browser, as a reader meets them: on a phone and a desk, by day and by night, by keyboard."""

import csv
import os
import re
import shutil
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import synthetic

from pipeline.frames import FRAMES
from pipeline.params import Params, load_params
from pipeline.report.content import CONTESTED_SAID_ABOVE, SAID_ABOVE
from pipeline.report.run import run_report

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
if CHROMIUM is None:
    pytest.skip("no Chromium: apt-get install chromium", allow_module_level=True)
playwright = pytest.importorskip("playwright.sync_api", reason="no playwright: make environment")
axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="no axe: make environment")

SCREENSHOTS = Path(__file__).parent.parent / "build/screenshots"
MANY = 2000
SIZES = {"phone": {"width": 390, "height": 844}, "desk": {"width": 1280, "height": 900}}
VIEWS = [(size, scheme) for size in SIZES for scheme in ("light", "dark")]
# What a page may be wider than: nothing; what scrolls by itself scrolls inside itself.
OVERFLOWING = """() => [...document.querySelectorAll("body *")].filter((element) => {
  const box = element.getBoundingClientRect();
  return box.width && (box.right > innerWidth + 1 || box.left < -1)
    && !element.closest(".scroll, .skip, thead, svg, .definitions");
}).map((element) => element.outerHTML.slice(0, 120))"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with playwright.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"] if os.geteuid() == 0 else [])
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def essays(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of the essays, made anew from the committed profiles, with profiles.csv beside it."""
    folder = tmp_path_factory.mktemp("essays")
    before = Path.cwd()
    os.chdir(root)
    try:
        run_report(load_params(), folder)
    finally:
        os.chdir(before)
    shutil.copyfile(root / "reports/profiles.csv", folder / "profiles.csv")
    return folder / "framing.html"


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return synthetic.write(MANY, tmp_path_factory.mktemp("many"))


class Visit:
    """An open page, and what it did that a page must not do."""

    def __init__(self, browser: Any, path: Path, size: str = "desk", scheme: str = "light", **options: Any) -> None:
        self.faults: list[str] = []
        self.context = browser.new_context(viewport=SIZES[size], color_scheme=scheme, **options)
        self.page = self.context.new_page()
        self.page.set_default_timeout(20_000)
        self.page.on("console", lambda message: self.faults.append(f"console: {message.text}"))
        self.page.on("pageerror", lambda error: self.faults.append(f"error: {error}"))
        self.page.on("dialog", lambda dialog: (self.faults.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        folder = path.parent.as_uri()
        self.page.on(
            "request", lambda asked: None if asked.url.startswith(folder) else self.faults.append(f"asks {asked.url}")
        )
        self.page.goto(path.as_uri())

    def __enter__(self) -> "Visit":
        return self

    def __exit__(self, *_: object) -> None:
        self.context.close()

    def picture(self, name: str, most: int = 6000) -> None:
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        width, height = self.page.evaluate("[innerWidth, document.documentElement.scrollHeight]")
        clip = {"x": 0, "y": 0, "width": width, "height": min(height, most)}
        self.page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True, clip=clip)

    def unfold(self) -> None:
        self.page.evaluate("document.querySelectorAll('details').forEach((fold) => { fold.open = true; })")

    def breaches(self) -> list[str]:
        """What the accessibility check finds."""
        found = axe.Axe().run(self.page).response["violations"]
        return [f"{f['id']}: {node['html'][:150]} {node['failureSummary'][:200]}" for f in found for node in f["nodes"]]


def profiles(page: Path) -> dict[tuple[str, str], dict[str, str]]:
    """The rows of profiles.csv by author and frame."""
    with (page.parent / "profiles.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    # What a spreadsheet would run stands there with an apostrophe.
    return {(re.sub("^'(?=[=+@-])", "", row["author"]), row["frame"]): row for row in rows}


def told(row: dict[str, str], part: str) -> str:
    """A share as the report writes it, from the cells of profiles.csv."""
    if not row[part]:
        return "not measurable"
    value, low, high = (f"{100 * float(row[name]):.0f}" for name in (part, f"{part}_low", f"{part}_high"))
    return f"{value} % ({low}-{high})"


def written(locator: Any) -> str:
    return " ".join(locator.text_content().replace("\u00a0", " ").split())


# The rows of a table of authors by frames: the author, and of each frame what is said advanced and contested.
ROWS = """(table) => [...table.tBodies[0].rows].map((row) => [
  row.cells[0].querySelector("bdi").textContent,
  [...row.cells].slice(1).map((cell) => [...cell.querySelectorAll(".number")].map((found) => found.textContent)),
])"""


def check_rows(table: Any, numbers: dict[tuple[str, str], dict[str, str]]) -> list[str]:
    """Every number of a table of authors by frames is the one in profiles.csv; returns the authors."""
    rows = table.evaluate(ROWS)
    for author, cells in rows:
        for frame, shown in zip(FRAMES, cells, strict=True):
            known = numbers[author, frame]
            for text, part, tier in zip(shown, ("advanced", "contested"), ("tier", "contested_tier"), strict=True):
                pale = " exploratory" if known[tier] == "exploratory" and known[part] else ""
                said = " ".join(text.replace("\u00a0", " ").split()).removeprefix("contested ")
                assert said == told(known, part) + pale, (author, frame, part)
    return [author for author, _ in rows]


@pytest.mark.parametrize(("size", "scheme"), VIEWS)
def test_the_essays_report_opens_clean_and_passes_the_accessibility_check(
    browser: Any, essays: Path, size: str, scheme: str
) -> None:
    with Visit(browser, essays, size, scheme) as visit:
        visit.picture(f"essays-{size}-{scheme}")
        visit.page.locator("#essays-1").scroll_into_view_if_needed()
        visit.unfold()
        assert not visit.page.evaluate(OVERFLOWING)
        assert visit.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert not visit.breaches()
        assert not visit.faults


def test_what_the_essays_report_says_is_what_profiles_csv_says(browser: Any, essays: Path) -> None:
    numbers = profiles(essays)
    with Visit(browser, essays) as visit:
        for corpus in ("essays", "op-eds"):
            assert check_rows(visit.page.locator(f"#{corpus}-frames + figure table.frames"), numbers)
        said = visit.page.locator("ul.sentences li").all_text_contents()
        sentences = [" ".join(found.replace("\u00a0", " ").split()) for found in said]
        authors = {author for author, _ in numbers}
        assert len(sentences) == len(authors)
        for author in authors:
            [sentence] = [found for found in sentences if found.startswith(author)]
            spans = re.findall(r"(\d+) %(?: of \d+(?: passages)?)? \((\d+-\d+)\)", sentence)
            known = {told(numbers[author, frame], part) for frame in FRAMES for part in ("advanced", "contested")}
            assert {f"{value} % ({span})" for value, span in spans} <= known


def test_the_course_of_a_text_is_read_by_keyboard_and_by_pointer_alike(browser: Any, essays: Path) -> None:
    with Visit(browser, essays) as visit:
        figure = visit.page.locator("figure.course").first
        slider, output = figure.locator("input[type=range]"), figure.locator("output")
        slider.focus()
        visit.page.keyboard.press("ArrowRight")
        by_keyboard = output.text_content()
        assert by_keyboard.startswith("Passage 2: ")
        assert slider.get_attribute("aria-valuetext") == by_keyboard
        visit.page.keyboard.press("End")
        assert output.text_content() != by_keyboard
        figure.locator("g[data-passage='2']").hover()
        assert output.text_content() == by_keyboard
        figure.locator("summary").first.click()
        row = figure.locator("table.passages tbody tr").nth(1)
        assert written(row.locator("td").nth(1)) in by_keyboard
        assert not visit.faults


def test_the_first_tab_skips_to_the_report_and_links_unfold_what_they_lead_to(browser: Any, essays: Path) -> None:
    with Visit(browser, essays) as visit:
        visit.page.keyboard.press("Tab")
        assert visit.page.evaluate("document.activeElement.textContent") == "Skip to the report"
        visit.page.keyboard.press("Enter")
        assert visit.page.evaluate("location.hash") == "#main"
        levels = visit.page.evaluate(
            "[...document.querySelectorAll('h1, h2, h3, h4, h5')].map((heading) => Number(heading.tagName[1]))"
        )
        assert levels[0] == 1 and levels.count(1) == 1
        assert all(after - before <= 1 for before, after in pairwise(levels))


def test_on_paper_there_is_the_report_and_no_controls(browser: Any, essays: Path) -> None:
    with Visit(browser, essays, scheme="dark") as visit:
        visit.page.emulate_media(media="print", color_scheme="light")
        assert not visit.page.locator("nav").is_visible()
        assert not visit.page.locator(".step").first.is_visible()
        assert visit.page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        visit.picture("essays-paper")
        assert visit.page.pdf().startswith(b"%PDF")


def test_the_page_may_load_nothing_even_if_something_asks(browser: Any, essays: Path) -> None:
    with Visit(browser, essays) as visit:
        loaded: list[str] = []
        visit.page.on("requestfinished", lambda asked: loaded.append(asked.url))
        blocked = visit.page.evaluate(
            """() => new Promise((done) => {
              addEventListener("securitypolicyviolation", (event) => done(event.effectiveDirective));
              const script = document.createElement("script");
              script.src = "https://evil.example/x.js";
              document.head.append(script);
            })"""
        )
        assert blocked.startswith("script-src")
        assert not loaded


@pytest.mark.parametrize(("size", "scheme"), VIEWS)
def test_two_thousand_authors_open_clean_and_few_at_a_time(browser: Any, many: Path, size: str, scheme: str) -> None:
    assert many.stat().st_size < 1_500_000
    with Visit(browser, many, size, scheme) as visit:
        assert written(visit.page.locator(".count")) == f"Showing 50 of {MANY:,} authors"
        assert visit.page.evaluate("document.querySelectorAll('*').length") < 10_000
        visit.picture(f"many-{size}-{scheme}", most=2400)
        assert not visit.page.evaluate(OVERFLOWING)
        assert visit.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert not visit.breaches()
        assert not visit.faults


def test_authors_are_searched_filtered_and_sorted_and_their_numbers_are_those_of_profiles_csv(
    browser: Any, many: Path
) -> None:
    numbers = profiles(many)
    with Visit(browser, many) as visit:
        page, table = visit.page, visit.page.locator(".explorer table.frames")
        search, show, order = (page.get_by_label(label) for label in ("Search", "Show", "Order"))

        def count() -> str:
            return written(page.locator(".count"))

        assert len(check_rows(table, numbers)) == 50
        search.fill("author 0123")
        assert count() == f"Showing 1 of 1 authors, of {MANY:,} in all"
        assert check_rows(table, numbers) == ["Author 0123"]
        search.fill("no such author")
        assert count() == f"No author fits, of {MANY:,}"
        search.fill("")

        for part, bound, option in (("advanced", SAID_ABOVE, "a1"), ("contested", CONTESTED_SAID_ABOVE, "c1")):
            show.select_option(option)
            low = {author: row[f"{part}_low"] for (author, frame), row in numbers.items() if frame == "identity"}
            fitting = {author for author, end in low.items() if float(end or 0) >= bound}
            assert f"of {len(fitting):,} authors" in count()
            assert set(check_rows(table, numbers)) <= fitting
        show.select_option("n")
        assert f"of {MANY // 50} authors" in count()
        show.select_option("")

        order.select_option("a0")
        realist = {author: float(row["advanced"] or 0) for (author, f), row in numbers.items() if f == "realist"}
        shares = [round(realist[author], 2) for author in check_rows(table, numbers)]
        assert shares == sorted(shares, reverse=True)
        assert shares[0] == round(max(realist.values()), 2)
        page.get_by_role("button", name="Show more").click()
        assert len(check_rows(table, numbers)) == 100
        assert page.evaluate("document.activeElement.closest('tr').rowIndex") == 51
        assert not visit.faults


def test_hostile_names_are_read_as_they_are_written(browser: Any, many: Path) -> None:
    with Visit(browser, many) as visit:
        for name in synthetic.HOSTILE:
            visit.page.get_by_label("Search").fill(name.split()[0][:30])
            shown = visit.page.locator(".explorer tbody th a bdi").all_text_contents()
            assert name in shown
        assert not visit.page.evaluate(OVERFLOWING)
        assert not visit.page.evaluate(
            "document.querySelectorAll('.explorer td script, .explorer img, .explorer b').length"
        )
        assert not visit.faults


@pytest.mark.parametrize("size", list(SIZES))
def test_a_row_leads_to_the_authors_page_with_the_same_numbers(browser: Any, many: Path, size: str) -> None:
    numbers = profiles(many)
    with Visit(browser, many, size) as visit:
        visit.page.get_by_label("Search").fill("Donaudampf")
        visit.page.locator(".explorer tbody th a").first.click()
        visit.page.wait_for_url("**/authors/**")
        visit.unfold()
        author = visit.page.locator("h1").text_content()
        for row, frame in zip(visit.page.locator("table.opposed tbody tr").all(), FRAMES, strict=True):
            assert told(numbers[author, frame], "advanced") in written(row)
            assert told(numbers[author, frame], "contested") in written(row)
        visit.picture(f"author-{size}")
        assert visit.page.locator("blockquote").count()
        assert not visit.page.locator("blockquote i").count()
        assert not visit.page.evaluate(OVERFLOWING)
        assert not visit.breaches()
        assert not visit.faults


def test_without_scripts_every_author_can_still_be_read(browser: Any, many: Path) -> None:
    with Visit(browser, many, java_script_enabled=False) as visit:
        assert visit.page.locator("noscript tbody tr").count() == MANY
        assert not visit.page.get_by_label("Search").is_visible()
        row = visit.page.locator("noscript tbody tr", has_text="Author 0123").first
        assert told(profiles(many)["Author 0123", "realist"], "advanced") in written(row)


def test_one_text_by_one_author_makes_a_report_too(browser: Any, tmp_path: Path) -> None:
    with Visit(browser, synthetic.write(1, tmp_path), "phone") as visit:
        assert visit.page.locator("article").count() == 1
        assert not visit.page.evaluate(OVERFLOWING)
        assert not visit.breaches()
        assert not visit.faults


def test_the_essays_report_is_one_file_within_its_size(essays: Path) -> None:
    page = essays.read_text()
    assert len(page.encode()) < 1_500_000
    assert not re.search(r"""(?:src|href|url)\s*[=(]\s*["']?(?:https?:|//|data:)""", page)
    assert Params().report.evidence_passages
