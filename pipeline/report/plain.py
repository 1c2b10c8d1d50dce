"""Other people's words as nothing but words: in Markdown, in pictures, in tables."""

import re
import unicodedata

_NOT_IN_XML = re.compile(r"[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# Embeddings, overrides and isolates: they turn what stands after them.
_TURNS = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
_FROM_THE_RIGHT = {"R", "AL", "AN", "RLM", "ALM"}
_AT_THE_START = re.compile(r"^([-+=]|\d+(?=[.)]))")


def plain(text: str) -> str:
    """One line without what XML forbids, and without marks that turn the direction of what follows.

    >>> plain("a\\u202eb\\x00\\n c")
    'ab c'
    """
    flat = " ".join(_NOT_IN_XML.sub("", text).split())
    return "".join(sign for sign in flat if unicodedata.bidirectional(sign) not in _TURNS)


def escape_markdown(text: str) -> str:
    """Text that stays text in Markdown and in a table cell: no markup, no link, no list.

    >>> escape_markdown("1. <b> http://a")
    '1\\\\. \\\\<b\\\\> http\\\\://a'
    """
    escaped = re.sub(r"([\\`*_\[\]#|<>~&$@{}]|:(?=//)|(?<=www)\.)", r"\\\1", plain(text))
    return _AT_THE_START.sub(lambda found: f"{found[0]}\\" if found[0].isdigit() else f"\\{found[0]}", escaped)


def isolated(text: str) -> str:
    """A name inside a sentence: written from right to left or not, it turns nothing but itself."""
    name = plain(text)
    turned = any(unicodedata.bidirectional(sign) in _FROM_THE_RIGHT for sign in name)
    return f"\u2068{name}\u2069" if turned else name
