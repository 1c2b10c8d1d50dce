from hypothesis import given
from hypothesis import strategies as st

from pipeline.corpus.normalise import checksum
from pipeline.corpus.segment import segment
from pipeline.params import SegmentParams
from pipeline.records import Document

PARAMS = SegmentParams()
SENTENCE = "The ministers of both states met again at the river and signed a paper about fish. "


def passages_of(text: str, params: SegmentParams = PARAMS) -> list[str]:
    return [text[p.start : p.end] for p in segment(Document("d", text), params)]


def test_a_short_record_is_one_passage() -> None:
    assert passages_of("  One line.\n\nAnother line.  ") == ["One line.\n\nAnother line."]


def test_a_long_paragraph_is_cut_at_sentence_ends_into_even_parts() -> None:
    parts = passages_of(SENTENCE * 25)
    assert len(parts) == 3
    assert all(part.endswith("fish.") and part.startswith("The ministers") for part in parts)
    lengths = [len(part.split()) for part in parts]
    assert max(lengths) - min(lengths) <= 16
    assert max(lengths) <= PARAMS.max_words


def test_short_paragraphs_are_joined_to_their_neighbours() -> None:
    text = "\n\n".join(["A short paragraph of ten words stands here alone today.", SENTENCE * 6, SENTENCE * 9])
    parts = passages_of(text)
    assert len(parts) == 2
    assert parts[0].startswith("A short paragraph")


def test_a_sentence_is_never_cut_even_when_it_is_too_long() -> None:
    long_sentence = "It was said " + "and said again " * 100 + "until noon."
    parts = passages_of(long_sentence + " " + SENTENCE * 12)
    assert parts[0] == long_sentence


def test_one_long_sentence_leaves_its_neighbours_whole() -> None:
    long_sentence = "It was said " + "and said again " * 100 + "until noon. "
    parts = passages_of(SENTENCE * 20 + long_sentence + SENTENCE * 20)
    assert parts.count(long_sentence.strip()) == 1
    assert all(60 <= len(part.split()) <= 160 for part in parts if part != long_sentence.strip())


def test_checksums_and_words_are_those_of_the_text() -> None:
    text = SENTENCE * 30
    for passage in segment(Document("d", text), PARAMS):
        assert passage.sha256 == checksum(text[passage.start : passage.end])
        assert passage.words == len(text[passage.start : passage.end].split())


@given(st.lists(st.text(alphabet=st.characters(codec="utf-8"), max_size=200), max_size=8), st.integers(20, 60))
def test_passages_cover_all_that_is_not_space_in_order_and_without_overlap(blocks: list[str], max_words: int) -> None:
    text = "\n\n".join(blocks)
    found = segment(Document("d", text), SegmentParams(min_words=5, max_words=max_words))
    outside, last = [], 0
    for passage in found:
        assert last <= passage.start < passage.end <= len(text)
        outside.append(text[last : passage.start])
        last = passage.end
    assert not "".join([*outside, text[last:]]).strip()
