import random

from pipeline.evaluation.robustness import CHANGES, changed, first_half, other_spelling, quotation_marks, swap_states
from pipeline.frames import FRAMES
from pipeline.model.vocabulary import count_keywords
from pipeline.records import WrittenPassage

RNG = random.Random(0)


def test_states_are_swapped_with_their_people_and_capitals() -> None:
    text = "Moscow waits while China's diplomats, Russian and Indian, talk in Ankara."
    swapped = swap_states(text, RNG)
    assert not {"Moscow", "China", "Russian", "Ankara"} & set(swapped.replace("'s", "").split())
    assert "diplomats" in swapped and "talk in" in swapped


def test_spelling_crosses_the_atlantic_and_comes_back() -> None:
    british = "The organisation recognised its neighbours; honour and defence, labour at the centre."
    american = "The organization recognized its neighbors; honor and defense, labor at the center."
    assert other_spelling(british, RNG) == american
    assert other_spelling(american, RNG) == british
    assert other_spelling("An exercise in laboratories, four hours long.", RNG).startswith(
        "An exercise in laboratories"
    )


def test_quotation_marks_change_and_apostrophes_stay() -> None:
    assert quotation_marks("""China's "no limits" and a 'friend'.""", RNG) == """China's «no limits» and a "friend"."""


def test_every_change_changes_something_and_is_the_same_for_the_same_seed(passages: list[WrittenPassage]) -> None:
    texts = [passage.text for passage in passages[:80]]
    for name, change in CHANGES.items():
        once = changed(texts, change, 3)
        assert once != texts, name
        assert once == changed(texts, change, 3), name
        assert all(once), name


def test_half_a_passage_is_its_first_half() -> None:
    assert first_half("one two three four five", RNG) == "one two"


def test_keywords_count_for_their_frame_and_for_contested_beside_a_rejection() -> None:
    row = count_keywords(["The balance of power explains much. Prestige does not."])[0]
    contested = len(FRAMES)
    assert row[FRAMES.index("realist")] == 2 and row[contested + FRAMES.index("realist")] == 0
    assert row[FRAMES.index("status")] == row[contested + FRAMES.index("status")] == 1
