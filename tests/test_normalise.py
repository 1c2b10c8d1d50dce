import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.corpus.normalise import normalise

CONVERSION = """A Running Head About Rivers

Written by Somebody

## 1 Introduction

The ministers met at the river in May, as they had every year since the first
survey of the channel, and they signed nothing.¹² A clerk noted that trade rose 46.8
percent in *one* season.<sup>4</sup> The envoy refused to

A Running Head About Rivers

<sup>4</sup> Minutes of the survey. <https://example.org/minutes>. Accessed 2 May.

wait for the boats.19 Nobody minded [much](https://example.org).

Now Reading A Running Head About Rivers

REFERENCES

Somebody, A. 2001. A Book.
"""


def test_a_conversion_becomes_running_prose() -> None:
    text = normalise(CONVERSION, drop=["^A Running Head", "^Written by"], end="^REFERENCES$")
    assert text == (
        "The ministers met at the river in May, as they had every year since the first survey of the channel, and "
        "they signed nothing. A clerk noted that trade rose 46.8 percent in one season. The envoy refused to wait for "
        "the boats. Nobody minded much."
    )


def test_text_before_the_start_and_after_the_end_goes() -> None:
    assert (
        normalise("Cover.\n\nABSTRACT\n\nIt argues this.\n\nReferences\n\nX.", start="^ABSTRACT", end="^Ref")
        == "It argues this."
    )


def test_spellings_of_the_conversion_are_put_right() -> None:
    assert normalise("Mr Smiht came in and sat down.", replace={"Smiht": "Smith"}) == "Mr Smith came in and sat down."


@given(st.text())
def test_any_text_can_be_normalised_and_paragraphs_stay_on_one_line(text: str) -> None:
    result = normalise(text)
    assert (
        all(paragraph == " ".join(paragraph.split()) and paragraph for paragraph in result.split("\n\n"))
        or result == ""
    )


@pytest.mark.parametrize(
    "prose",
    [
        "Received wisdom in Washington holds that the pact is one of convenience, and so it was signed.",
        "Accepted by neither side, the truce of 1953 lasted longer than the war that it ended.",
        "Published online in 2019, the memorandum was read by nobody who had to act on it.",
        "Now reading the treaty anew, " + "one sees how little of it was ever meant to be kept, " * 5 + "and why.",
    ],
)
def test_a_paragraph_that_begins_as_page_furniture_does_is_kept(prose: str) -> None:
    assert normalise(prose) == prose


@pytest.mark.parametrize(
    "furniture",
    [
        "Received 21 October 2021; accepted 23 December 2021.",
        "Received: 3 May 2020 / Revised: 4 June 2020.",
        "Accepted October 21st, 2021.",
        "Received in revised form 2021-10-21.",
        "Published online: 16 Jan 2020.",
        "Published online 16.01.2020.",
        "© 2022 The Authors. Published by Nobody. " + "This licence permits what the law would permit anyway. " * 8,
        "To cite this article: A. Lee (2021) Rivers, Journal of Rivers, 62:5, 539-556.",
        "Now Reading Why do rivers matter?",
    ],
)
def test_dates_of_publication_and_licences_are_left_out(furniture: str) -> None:
    assert normalise(f"The boats came first.\n\n{furniture}\n\nThe clerks came last.") == (
        "The boats came first.\n\nThe clerks came last."
    )


@pytest.mark.parametrize(
    ("block", "kept"),
    [
        ("The envoy left No.10 early.", "The envoy left No.10 early."),
        ("Two F.16 were seen, as he says (see p.23 and pp.24 there).", ""),
        ("It was so in the Second World War.12 Nobody minded.", "It was so in the Second World War. Nobody minded."),
        ("It was made in the U.S.12 Nobody minded.", "It was made in the U.S. Nobody minded."),
        ("So ended World War I.7 Nobody minded.", "So ended World War I. Nobody minded."),
        ('He called it "art."3 Nobody minded.', 'He called it "art." Nobody minded.'),
    ],
)
def test_a_note_mark_goes_but_not_the_number_behind_an_abbreviation(block: str, kept: str) -> None:
    assert normalise(block) == (kept or block)
