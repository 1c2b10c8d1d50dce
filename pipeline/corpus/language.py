"""Which language a text is in, without a network."""

import re

MAX_CHARACTERS = 4000
MIN_WORDS = 10

# Scripts that write no blanks between words: every letter counts.
_WORD = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]|\w+")


def detect(text: str) -> str:
    """The ISO 639-1 code of a text's language, from its beginning; "" for fewer than about ten words."""
    from py3langid import classify

    beginning = text[:MAX_CHARACTERS]
    if len(_WORD.findall(beginning)) < MIN_WORDS:
        return ""
    return str(classify(beginning)[0])
