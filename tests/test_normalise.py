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
