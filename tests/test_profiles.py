import json
from dataclasses import replace

from pipeline.frames import LABELS
from pipeline.params import ProfileParams
from pipeline.profile.profiles import (
    CORRECTED,
    HAND,
    TOO_LITTLE,
    ReadPassage,
    build_profile,
    from_json,
    to_json,
    to_rows,
)
from pipeline.report.content import SAID_ABOVE, sentence

PARAMS = ProfileParams(resamples=200, min_passages=8)
TIERS = dict.fromkeys(LABELS, "usable") | {"status": "exploratory"}
NOTHING: frozenset = frozenset()


def read(decided: set, truth: set | None = None, contested: set = frozenset(), document: str = "d") -> ReadPassage:
    return ReadPassage(
        document,
        frozenset(decided),
        frozenset(contested) & frozenset(decided),
        None if truth is None else frozenset(truth),
        None if truth is None else frozenset(contested) & frozenset(truth),
    )


OTHERS = [read({"status"}, {"status"}), read({"status"}, NOTHING), read(set(), set()), read(set(), {"status"})] * 10
CALIBRATION = [read({f}, {f}) for f in ("status", "realist")] * 30 + [read(set(), set())] * 30


def test_hand_labels_are_the_profile_where_every_passage_has_them() -> None:
    profile = build_profile("A", [read({"realist"}, {"status"}), read({"realist"}, set())] * 6, OTHERS, PARAMS, TIERS)
    assert profile.basis == HAND
    status, realist = profile.frames[2], profile.frames[0]
    assert status.share is not None and status.share.value == 0.5
    assert realist.share is not None and realist.share.value == 0.0
    assert realist.counted == 1.0


def test_without_hand_labels_the_count_is_corrected_for_the_classifiers_errors() -> None:
    calibration = [read({"status"}, {"status"})] * 30 + [read({"status"}, set())] * 10 + [read(set(), set())] * 30
    profile = build_profile("A", [read({"status"}), read(set())] * 20, calibration, PARAMS, TIERS)
    status = profile.frames[2]
    assert profile.basis == CORRECTED
    assert status.share is not None
    assert status.counted == 0.5
    assert status.share.value < 0.5
    assert status.share.low < status.share.value < status.share.high


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
    assert "too unreliably" in sentence(profile)
    solid = build_profile("A", [read({"status"})] * 40, CALIBRATION, PARAMS, TIERS | {"status": "solid"})
    assert "status" in sentence(solid)


def test_what_is_argued_against_is_said_only_where_the_classifier_can_tell() -> None:
    against = read({"realist"}, {"realist"}, {"realist"})
    plain = [read({"realist"}, {"realist"}), read(set(), set())]
    mine = [replace(passage, labelled=None) for passage in ([against] * 20 + plain * 10)]
    known = [against, *plain] * 20
    good = dict.fromkeys(LABELS, "solid")
    assert "against the realist reading" in sentence(build_profile("A", mine, known, PARAMS, good))
    poor = good | {"contested-realist": "exploratory"}
    assert "against" not in sentence(build_profile("A", mine, known, PARAMS, poor))


def test_hand_labels_need_no_tier() -> None:
    profile = build_profile("A", [read({"status"}, {"status"})] * 30, OTHERS, PARAMS, TIERS)
    assert {bar.tier for bar in profile.frames} == {None}
    assert "status" in sentence(profile)
