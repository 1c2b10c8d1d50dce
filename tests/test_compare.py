import csv
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pipeline.corpus.corpora import Member
from pipeline.errors import ParametersError
from pipeline.frames import FRAMES
from pipeline.model.readings import ReadDocument
from pipeline.params import ProfileParams, override
from pipeline.profile.compare import compare, difference_intervals, distances
from pipeline.profile.comparisons import comparisons_from_json
from pipeline.profile.estimate import Share, Shares
from pipeline.profile.gather import profile_all, profile_corpora
from pipeline.profile.groups import group, periods
from pipeline.profile.profiles import HAND, TOO_LITTLE, FrameProfile, Profile, from_json
from pipeline.profile.run import write_profiled
from pipeline.records import Annotation, Document, GoldPassage
from pipeline.report.trust import SHOWN

PARAMS = ProfileParams(resamples=400)
TIERS = dict.fromkeys(SHOWN, "usable")


def share(value: float, half: float = 0.08) -> Share:
    return Share(value, max(0.0, value - half), min(1.0, value + half))


def profile(name: str, *advanced: Share | None, contested: Share | None = None) -> Profile:
    bars = tuple(
        FrameProfile(frame, found, found, contested, 0.0, 0.0, 0.0, None, None, None, 0.0, None, None)
        for frame, found in zip(FRAMES, advanced, strict=True)
    )
    return Profile(name, 1, 40, 0, HAND, "text", False, 0.0, bars)


def written(name: str, author: str, date: str, source: str = "S", frames: tuple[str, ...] = ()) -> ReadDocument:
    """A text of 12 passages, labelled: with these frames, or by turns with status and identity."""
    found = [frames or (("status", "realist") if n % 2 else ("identity",)) for n in range(12)]
    rows = tuple(
        {
            "document": name,
            "passage": n + 1,
            "start": 10 * n,
            "end": 10 * n + 9,
            "frames": list(held),
            "contested": [],
            "uncertain": [],
            "unfamiliar": False,
        }
        for n, held in enumerate(found)
    )
    gold = tuple(
        GoldPassage(
            **{key: row[key] for key in ("passage", "start", "end")},
            words=4,
            sha256="",
            annotations=(Annotation(annotator="a", frames=tuple(row["frames"])),),
        )
        for row in rows
    )
    about = Document(name, "", f"Title {name}", (author,), date, source)
    return ReadDocument(Member(about, True, True, gold), rows, "text", "m")


def test_a_difference_has_the_interval_that_the_two_shares_imply() -> None:
    """By hand: 0.3 less than, or more than, by the root of the squares of the arms on the sides that matter."""
    first, second = (Shares(*(np.array([x]) for x in ends)) for ends in ((0.2, 0.1, 0.4), (0.5, 0.4, 0.6)))
    found = difference_intervals(first, second)
    assert found.value == pytest.approx([0.3])
    assert found.low == pytest.approx([0.3 - np.hypot(0.1, 0.2)])
    assert found.high == pytest.approx([0.3 + np.hypot(0.1, 0.1)])


def test_what_differs_beyond_chance_depends_on_how_much_is_looked_at() -> None:
    """A difference that one pair would show beyond chance may be chance among the pairs of twelve authors."""
    one, other = profile("A", *[share(0.3)] * 4), profile("B", share(0.5), *[share(0.3)] * 3)
    [pair] = compare([one, other], PARAMS).pairs
    assert [d.beyond_chance for d in pair.differences] == [True, False, False, False]
    assert pair.differences[0].value == pytest.approx(0.2)
    assert pair.differences[0].low > 0
    many = compare([one, other, *(profile(f"C{n}", *[share(0.3)] * 4) for n in range(10))], PARAMS)
    assert len(many.pairs) == 66 and many.pair_tests == 264
    same = many.pairs[0].differences[0]
    assert (same.value, same.low, same.beyond_chance) == (pair.differences[0].value, pair.differences[0].low, False)


def test_authors_alike_may_be_nowhere_apart_and_authors_apart_are_so_for_certain() -> None:
    middle = profile("A", *[share(0.5)] * 4)
    near, far = profile("B", *[share(0.53)] * 4), profile("C", *[share(0.9, 0.05)] * 4)
    found = {(p.first, p.second): p.distance for p in compare([middle, near, far], PARAMS).pairs}
    assert found["A", "B"].value == 0.03 and found["A", "B"].low == 0.0
    assert found["A", "C"].value == 0.4 and found["A", "C"].low > 0.3


def test_distances_of_authors_who_are_not_apart_hold_nothing_nineteen_times_in_twenty() -> None:
    rng = np.random.default_rng(0)
    drawn = rng.normal(0.4, 0.05, (2, 300, 8))
    first, second = (Shares(found, found - 0.098, found + 0.098) for found in drawn)
    held = [d is not None and d.low == 0.0 for d in distances(difference_intervals(first, second), PARAMS)]
    assert np.mean(held) >= 0.93


def test_each_has_the_nearest_named_in_order_and_stands_apart_from_the_average_of_the_others() -> None:
    found = compare(
        [profile(name, *[share(x)] * 4) for name, x in zip("ABCDE", (0.1, 0.2, 0.4, 0.5, 0.9), strict=True)], PARAMS
    )
    standing = {s.name: s for s in found.standings}
    assert [near.name for near in standing["E"].nearest] == ["D", "C", "B"]
    assert standing["E"].distance is not None and standing["E"].distance.value == pytest.approx(0.6)
    assert all(d.value == pytest.approx(0.6) and d.beyond_chance for d in standing["E"].differences)


def test_of_many_authors_only_the_nearest_and_the_average_are_compared() -> None:
    rng = np.random.default_rng(0)
    many = [profile(f"A{n}", *(share(x) for x in rng.random(4))) for n in range(40)]
    found = compare(many, PARAMS)
    assert found.pairs == () and found.pair_tests == 0
    assert all(len(standing.nearest) == PARAMS.neighbours for standing in found.standings)
    assert standing_distances(found.standings[0]) == sorted(standing_distances(found.standings[0]))


def standing_distances(standing) -> list[float]:
    return [near.distance.value for near in standing.nearest]


def test_what_cannot_be_told_is_not_compared() -> None:
    silent = replace(profile("A", None, None, None, None), basis=TOO_LITTLE)
    partly = profile("B", share(0.5), None, share(0.5), share(0.5))
    found = compare([silent, partly, profile("C", *[share(0.5)] * 4, contested=share(0.1))], PARAMS)
    [pair] = found.pairs
    assert (pair.first, pair.second) == ("B", "C")
    assert {(d.frame, d.part) for d in pair.differences} == {(f, "advanced") for f in FRAMES if f != "identity"}


def test_one_author_alone_is_compared_with_nobody() -> None:
    found = compare([profile("A", *[share(0.5)] * 4)], PARAMS)
    assert found.pairs == () and found.standings[0].distance is None
    assert compare([], PARAMS).standings == ()


def test_documents_are_grouped_by_any_metadata_and_what_lacks_it_is_named_so() -> None:
    texts = [written("a", "A", "2019-05-01"), written("b", "B", "2020", source=""), written("c", "A", "undated")]
    assert {name: len(found) for name, found in group(texts, "author").items()} == {"A": 2, "B": 1}
    assert list(group(texts, "source")) == ["S", "unknown source"]
    assert list(group(texts, "year")) == ["2019", "2020", "unknown year"]
    assert list(group(texts, "title")) == ["Title a", "Title b", "Title c"]
    [of_a, of_b] = profile_corpora({"x": texts}, [], "m", PARAMS, TIERS, "source")["x"]
    assert (of_a.by, of_a.author, of_a.documents, of_a.years) == ("source", "S", 2, (2019, 2019))
    assert (of_b.author, of_b.years) == ("unknown source", (2020, 2020))


def test_periods_are_years_or_days_and_each_has_enough_text() -> None:
    years = [written(str(year), "A", f"{year}-03-01") for year in (2022, 2019, 2020)]
    assert list(periods(years, 8)) == ["2019", "2020", "2022"]
    assert list(periods(years, 20)) == ["2019 to 2022"]
    days = [written(day, "A", f"2026-01-{day}") for day in ("07", "02")]
    assert list(periods(days, 8)) == ["2026-01-02", "2026-01-07"]
    assert len(periods([written(str(n), "A", str(1900 + n)) for n in range(40)], 8)) <= 6
    assert periods([written("x", "A", "")], 8) == {}


def test_within_a_year_only_days_are_periods_for_other_dates_have_no_place_among_them() -> None:
    days = [written("a", "A", "2024-06-01"), written("b", "A", "2024-03-01")]
    vague = [written(date, "A", date) for date in ("2024", "2024/03/01", "2024-04")]
    found = periods([*vague, *days], 8)
    assert list(found) == ["2024-03-01", "2024-06-01"]
    assert [one.member.document.id for own in found.values() for one in own] == ["b", "a"]
    assert periods(vague, 8) == {}
    assert list(periods([*vague, written("c", "A", "2023")], 8)) == ["2023", "2024"]


def test_what_changed_is_told_from_what_may_be_chance() -> None:
    early, late = written("a", "A", "2019", frames=("status",)), written("b", "A", "2023", frames=("identity",))
    steady = [written("c", "B", "2019"), written("d", "B", "2023")]
    found = profile_all({"x": [early, late, *steady]}, [], "m", PARAMS, TIERS).changes["x"]
    by_name = {(change.by, change.name): change for change in found}
    assert {key for key in by_name if key[0] == "author"} == {("author", "A"), ("author", "B")}
    moved = {d.frame: d for d in by_name["author", "A"].differences if d.part == "advanced"}
    assert (moved["status"].value, moved["identity"].value) == (-1.0, 1.0)
    assert moved["status"].beyond_chance and moved["identity"].beyond_chance
    assert not any(d.beyond_chance for d in by_name["author", "B"].differences)
    assert [period.name for period in by_name["author", "A"].periods] == ["2019", "2023"]
    assert ("source", "S") not in by_name  # it is the whole corpus


def test_a_corpus_has_no_change_where_its_periods_are_by_a_few_authors_each() -> None:
    few = [written("a", "A", "2019", frames=("status",)), written("b", "B", "2023", frames=("identity",))]
    assert profile_all({"x": few}, [], "m", PARAMS, TIERS).changes["x"] == ()
    many = [written(f"{year}-{name}", name, year) for year in ("2019", "2023") for name in "ABC"]
    found = profile_all({"x": many}, [], "m", PARAMS, TIERS).changes["x"]
    assert "corpus" in {change.by for change in found}


def test_all_is_written_as_json_and_csv_with_the_same_numbers(tmp_path: Path) -> None:
    texts = [written("a", "A", "2019"), written("b", "B", "2020", source="R"), written("c", "A", "2024", source="R")]
    found = profile_all({"x": texts}, [], "m", PARAMS, TIERS)
    write_profiled(found, tmp_path)
    assert from_json(json.loads((tmp_path / "profiles.json").read_text())) == found.profiles
    groups = json.loads((tmp_path / "groups.json").read_text())["x"]
    assert from_json(groups) == found.groups["x"] and list(groups) == ["source", "year"]
    compared = comparisons_from_json(json.loads((tmp_path / "comparisons.json").read_text()))["x"]
    assert (compared.authors, compared.changes) == (found.comparisons["x"], found.changes["x"])
    with (tmp_path / "comparisons.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    [pair] = compared.authors.pairs
    told = [row for row in rows if row["kind"] == "pair" and row["part"] != "distance"]
    assert [float(row["value"]) for row in told] == [d.value for d in pair.differences]
    assert {row["kind"] for row in rows} == {"pair", "nearest", "average", "change"}


def test_a_group_that_nobody_knows_is_refused_by_name() -> None:
    with pytest.raises(ParametersError, match=r"profile\.by"):
        override(PARAMS, "profile", by=("venue",))
