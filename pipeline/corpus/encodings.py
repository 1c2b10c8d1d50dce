"""Which encoding bytes are in, where no mark says so and they are not UTF-8.

`charset-normalizer` knows many encodings, but takes a text of a few lines for one in another script. Such a text mostly
is in one of a dozen, and in all but the right one its words are not shaped as words are.
"""

import codecs
import re
import unicodedata
from collections import Counter

_WESTERN = frozenset("àâäáãåæçèéêëîïíìñôöóòõøœùûüúÿßÀÂÄÁÅÆÇÈÉÊËÎÏÍÌÑÔÖÓÒØŒÙÛÜÚŸ")
_CENTRAL = frozenset("ąćęłńóśźżáčďéěíňřšťúůýžäĺľôŕőöüűßăâîşţĄĆĘŁŃÓŚŹŻÁČĎÉĚÍŇŘŠŤÚŮÝŽÄĽÔŐÖÜŰ")
_CYRILLIC = frozenset("абвгдежзийклмнопрстуфхцчшщъыьэюяёіїєґўАБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯЁІЇЄҐЎ")
_CYRILLIC_VOWELS = frozenset("аеёиоуыэюяіїєАЕЁИОУЫЭЮЯІЇЄ")
_SIGNS = frozenset("¿¡«»‘’‚“”„–—…•°€£§©®№\xa0\xad")
_WORDS_OF_ONE_LETTER = frozenset("àÀéÉè") | _CYRILLIC
# Of two that fit equally well the first is taken.
_ONE_BYTE = {
    "cp1252": _WESTERN,
    "mac_roman": _WESTERN,
    "cp850": _WESTERN,
    "cp1250": _CENTRAL,
    "iso8859-2": _CENTRAL,
    "cp852": _CENTRAL,
    "cp1251": _CYRILLIC,
    "koi8-u": _CYRILLIC,
    "cp866": _CYRILLIC,
    "iso8859-5": _CYRILLIC,
    "mac_cyrillic": _CYRILLIC,
}
_WIDE = ("utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be")
_FITS = 0.9
_MAX_TOKENS = 2000

_BESIDE_ASCII = re.compile(rb"\S*[\x80-\xff]\S*")
_WORD = re.compile(r"[^\W\d_]+")
_LATIN = re.compile(rb"[a-z \r\n]")
_HAN, _COMMON = "Han and kana", "Latin and punctuation"


def wide_encoding(sample: bytes) -> str:
    """The UTF-16 or UTF-32 without a mark that makes bytes a text of one script; "" if none does."""
    # A text of plain letters with a NUL in it looks like Chinese to UTF-16.
    if len(_LATIN.findall(sample)) > 0.55 * len(sample):
        return ""
    fits = {name: _coherence(sample, name) for name in _WIDE}
    best = max(fits, key=fits.__getitem__)
    return best if fits[best] >= _FITS else ""


def one_byte_encoding(sample: bytes) -> str:
    """The encoding in which all but a few of the letters beyond ASCII stand in words as they should; "" if none."""
    tokens = b" ".join(_BESIDE_ASCII.findall(sample)[:_MAX_TOKENS])
    fits = {name: _wordliness(tokens.decode(name, "replace"), home) for name, home in _ONE_BYTE.items()}
    best = max(fits, key=fits.__getitem__)
    return best if fits[best] >= _FITS else ""


def _coherence(sample: bytes, encoding: str) -> float:
    """The share of letters in one script; 0 where something is among them that no text holds."""
    try:
        text = codecs.getincrementaldecoder(encoding)().decode(sample)
    except UnicodeDecodeError:
        return 0.0
    if len(text) < 4 or any(_is_no_text(letter) for letter in text):
        return 0.0
    scripts = Counter(map(_script, text))
    common = scripts.pop(_COMMON, 0)
    [(script, count)] = scripts.most_common(1) or [(_COMMON, 0)]
    # Latin letters with their bytes swapped are Han, never the other way round.
    return (common + count * (0.95 if script == _HAN else 1)) / len(text)


def _is_no_text(letter: str) -> bool:
    return unicodedata.category(letter) in ("Cc", "Cn", "Co", "Cs") and letter not in "\t\n\r\f"


def _script(letter: str) -> str:
    """Roughly, by blocks of 256."""
    block = ord(letter) >> 8
    if block in (0x00, 0x01, 0x20):
        return _COMMON
    if 0x30 <= block < 0xA0 or block == 0xFF:
        return _HAN
    return "Hangul" if 0xAC <= block < 0xD8 else str(block)


def _wordliness(text: str, home: frozenset[str]) -> float:
    """The share of what is not ASCII that are letters of `home` in well-shaped words, or signs beside words."""
    beyond = sum(letter > "\x7f" for letter in text)
    # Hebrew and Greek make shapely words of Cyrillic letters, but nobody could say them.
    if home is _CYRILLIC and sum(letter in _CYRILLIC_VOWELS for letter in text) < 0.33 * beyond:
        return 0
    good = sum(_worth(word[0], home) for word in _WORD.finditer(text))
    for place, letter in enumerate(text):
        if letter in _SIGNS:
            inside = text[place - 1 : place].isalpha() and text[place + 1 : place + 2].isalpha()
            good += letter in "’–—\xad" or not inside
    return good / max(1, beyond)


def _worth(word: str, home: frozenset[str]) -> float:
    """How many letters beyond ASCII are right in a word; half of them where all are capitals."""
    own = [letter for letter in word if letter > "\x7f"]
    ascii_letters = len(word) - len(own)
    foreign = ascii_letters > 0 if home is _CYRILLIC else len(word) > 2 and len(own) > ascii_letters + 1
    if not own or foreign or not home.issuperset(own) or (len(word) == 1 and word not in _WORDS_OF_ONE_LETTER):
        return 0
    if word[1:].islower() or len(word) == 1:
        return len(own)
    return len(own) / 2 if word.isupper() else 0
