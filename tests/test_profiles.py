import json
from dataclasses import replace

import numpy as np
import pytest
from pydantic import ValidationError

from pipeline.params import ProfileParams
from pipeline.profile.estimate import Share
from pipeline.profile.profiles import (
    CORRECTED,
    HAND,
    PARTLY,
    TOO_LITTLE,
    ReadPassage,
    build_profile,
    from_json,
    to_json,
    to_rows,
)
from pipeline.report.content import SAID_ABOVE, sentence
from pipeline.report.trust import SHOWN

PARAMS = ProfileParams(resamples=200, min_passages=8)
TIERS = dict.fromkeys(SHOWN, "usable") | {"advanced-status": "exploratory"}
NOTHING: frozenset = frozenset()


def read(decided: set, truth: set | None = None, contested: set = frozenset(), document: str = "d") -> ReadPassage:
    """A passage as the classifier read it, and its label where there is one."""
    return ReadPassage(
        document,
        frozenset(decided),
        frozenset(contested) & frozenset(decided),
        None if truth is None else frozenset(truth),
        None if truth is None else frozenset(contested) & frozenset(truth),
    )


def by_authors(passages: list[ReadPassage], authors: int = 3) -> list[ReadPassage]:
    """Each of so many other authors wrote these passages."""
    return [replace(passage, document=f"of-{n}") for n in range(authors) for passage in passages]


OTHERS = by_authors(
    [read({"status"}, {"status"}), read({"status"}, NOTHING), read(set(), set()), read(set(), {"status"})] * 4
)
CALIBRATION = by_authors([read({f}, {f}) for f in ("status", "realist")] * 10 + [read(set(), set())] * 10)


def test_reference_labels_are_the_profile_where_every_passage_has_them() -> None:
    profile = build_profile("A", [read({"realist"}, {"status"}), read({"realist"}, set())] * 6, OTHERS, PARAMS, TIERS)
    assert profile.basis == HAND
    status, realist = profile.frames[2], profile.frames[0]
    assert status.share is not None and status.share.value == 0.5
    assert realist.share is not None and realist.share.value == 0.0
    assert realist.counted == 1.0


def test_a_classifier_that_errs_alike_on_every_author_is_put_right() -> None:
    """It overlooks four in ten of the passages that hold the frame, and sees it in one in ten of the others."""
    rng = np.random.default_rng(0)
    others = []
    for number, share in enumerate(np.linspace(0.1, 0.9, 30)):
        for truth in rng.random(60) < share:
            seen = {"status"} if rng.random() < (0.6 if truth else 0.1) else set()
            others.append(read(seen, {"status"} if truth else set(), document=f"of-{number}"))
    mine = [read({"status"})] * 48 + [read(set())] * 32
    status = build_profile("A", mine, others, PARAMS, TIERS).frames[2]
    assert status.counted == 0.6
    assert status.share is not None
    assert status.share.value > 0.85
    assert status.share.low < 1.0 <= status.share.high


def test_a_correction_that_is_not_known_to_help_is_not_made_and_its_error_widens_the_interval() -> None:
    """Three authors are each misread in their own way: nothing is known of a fourth but that he may be too."""
    plain = [read({"status"}, {"status"})] * 8 + [read(set(), set())] * 8
    too_much, too_little = [read({"status"}, set())] * 5, [read(set(), {"status"})] * 5
    others = [
        replace(passage, document=name)
        for name, passages in (("a", plain), ("b", plain + too_much), ("c", plain + too_little))
        for passage in passages
    ]
    mine = [read({"status"}), read(set())] * 20
    status = build_profile("A", mine, others, PARAMS, TIERS).frames[2]
    known = build_profile("A", mine, by_authors(plain), PARAMS, TIERS).frames[2]
    assert status.share is not None and known.share is not None
    assert status.share.value == status.counted == 0.5
    assert status.share.high - status.share.low > known.share.high - known.share.low + 0.1


def test_nothing_is_corrected_by_fewer_than_three_authors_or_fifteen_passages_of_a_kind() -> None:
    mine = [read({"status"}), read(set())] * 20
    passages = [read({"status"}, {"status"}), read(set(), set())] * 20
    two = build_profile("A", mine, by_authors(passages, 2), PARAMS, TIERS)
    few = build_profile("A", mine, by_authors(passages[:8], 3), PARAMS, TIERS)
    enough = build_profile("A", mine, by_authors(passages[:10], 3), PARAMS, TIERS)
    assert [found.frames[2].share is None for found in (two, few, enough)] == [True, True, False]
    assert enough.frames[0].share is None  # nobody knows how it would read a realist


def test_what_the_classifier_cannot_tell_has_no_share() -> None:
    blind = [read({"status"}, {"status"}), read(set(), {"status"}), read({"status"}, set()), read(set(), set())]
    profile = build_profile("A", [read({"status"}), read(set())] * 20, by_authors(blind * 8), PARAMS, TIERS)
    assert profile.frames[2].share is None and profile.frames[2].counted == 0.5


def test_reference_labels_of_some_passages_put_the_classifiers_reading_of_the_rest_right() -> None:
    known = [read({"status"}, {"status"}), read({"status"}, set())] * 6
    unknown = [read({"status"})] * 24 + [read(set())] * 12
    profile = build_profile("A", known + unknown, [], PARAMS, TIERS)
    status = profile.frames[2]
    assert (profile.basis, profile.labelled) == (PARTLY, 12)
    assert status.share is not None and status.share.low < status.share.value < status.share.high
    assert status.share.value < status.counted
    few = build_profile("A", known[:4] + unknown, CALIBRATION, PARAMS, TIERS)
    assert few.basis == CORRECTED


def test_the_interval_of_a_partly_labelled_author_does_not_hang_on_the_order_of_the_documents() -> None:
    """By independent draws it is 0.45 wide either way; with the same draws for both kinds it was 0.63, or 0.20."""
    shares = (0, 1, 2, 6, 7, 8)
    known = [read({"status"} if n < k else set(), {"status"} if n < k else set(), document=f"known-{k}")
             for k in shares for n in range(8)]  # fmt: skip
    widths = []
    for order in (shares, shares[::-1]):
        unknown = [read({"status"} if n < k else set(), document=f"unknown-{k}") for k in order for n in range(8)]
        share = build_profile("A", known + unknown, [], ProfileParams(resamples=2000), TIERS).frames[2].share
        assert share is not None
        widths.append(share.high - share.low)
    assert abs(widths[0] - widths[1]) < 0.05


def test_no_interval_is_narrower_than_wilsons() -> None:
    profile = build_profile("A", [read({"status"}, {"status"})] * 10, OTHERS, PARAMS, TIERS)
    assert profile.frames[2].share == Share(1.0, 0.7225, 1.0)
    assert profile.frames[0].share == Share(0.0, 0.0, 0.2775)


def test_years_labels_and_doubts_are_counted() -> None:
    doubtful = replace(read({"status"}), uncertain=frozenset({"status", "contested-realist"}))
    slight = replace(read({"status"}), uncertain=frozenset({"contested-realist"}))
    profile = build_profile("A", [doubtful, slight, read(set()), read(set(), set())], [], PARAMS, TIERS, years=(2, 3))
    assert (profile.uncertain, profile.labelled, profile.years) == (0.25, 1, (2, 3))


def test_too_little_text_gives_no_number() -> None:
    profile = build_profile("A", [read({"status"})] * 7, OTHERS, PARAMS, TIERS)
    assert profile.basis == TOO_LITTLE
    assert all(bar.share is None and bar.contested is None for bar in profile.frames)


def test_the_contested_part_is_kept_apart() -> None:
    passages = [read({"realist"}, {"realist"}, {"realist"}), read({"realist"}, {"realist"})] * 5
    realist = build_profile("A", passages, OTHERS, PARAMS, TIERS).frames[0]
    assert realist.share is not None and realist.share.value == 1.0
    assert realist.contested is not None and realist.contested.value == 0.5


def test_profiles_survive_json_and_tables_leave_unknown_cells_empty() -> None:
    profiles = {"essays": [build_profile("A", [read({"status"})] * 7, OTHERS, PARAMS, TIERS)]}
    assert from_json(json.loads(json.dumps(to_json(profiles)))) == profiles
    assert to_rows(profiles)[0]["share"] == ""


def test_profiles_of_another_version_are_refused() -> None:
    made = to_json({"essays": [build_profile("A", [read({"status"}, {"status"})] * 9, OTHERS, PARAMS, TIERS)]})
    made["essays"][0]["basis"] = "somebody's labels"
    with pytest.raises(ValidationError, match="reference labels"):
        from_json(made)


def test_unfamiliar_passages_leave_the_denominators_and_are_counted() -> None:
    strange = replace(read({"status"}), unfamiliar=True)
    profile = build_profile("A", [read({"status"}), read(set())] * 10 + [strange] * 5, OTHERS, PARAMS, TIERS)
    assert (profile.passages, profile.unfamiliar) == (25, 5)
    assert profile.frames[2].counted == 0.5
    assert build_profile("B", [strange] * 20, OTHERS, PARAMS, TIERS).basis == TOO_LITTLE


def test_what_the_classifier_tells_too_poorly_is_not_said() -> None:
    profile = build_profile("A", [read({"status"})] * 30 + [read({"realist"})] * 10, CALIBRATION, PARAMS, TIERS)
    assert [bar.tier for bar in profile.frames] == ["usable", "usable", "exploratory", "usable"]
    status = profile.frames[2].advanced
    assert status is not None and status.low > SAID_ABOVE
    assert "too little is read reliably" in sentence(profile)
    solid = build_profile("A", [read({"status"})] * 40, CALIBRATION, PARAMS, TIERS | {"advanced-status": "solid"})
    assert "status" in sentence(solid)


def test_what_is_argued_against_is_said_only_where_the_classifier_can_tell() -> None:
    against = read({"realist"}, {"realist"}, {"realist"})
    plain = [read({"realist"}, {"realist"}), read(set(), set())]
    mine = [replace(passage, labelled=None) for passage in ([against] * 20 + plain * 10)]
    known = by_authors([against, *plain] * 10)
    good = dict.fromkeys(SHOWN, "solid")
    assert "the realist frame is rejected or called insufficient" in sentence(
        build_profile("A", mine, known, PARAMS, good)
    )
    poor = good | {"contested-realist": "exploratory"}
    assert "rejected" not in sentence(build_profile("A", mine, known, PARAMS, poor))


def test_reference_labels_need_no_tier() -> None:
    profile = build_profile("A", [read({"status"}, {"status"})] * 30, OTHERS, PARAMS, TIERS)
    assert {bar.tier for bar in profile.frames} == {None}
    assert "status" in sentence(profile)
