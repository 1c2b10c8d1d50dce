"""The same passages changed in ways that should change few readings: other states and spelling, noise, half a text."""

import random
import re
from collections.abc import Callable, Sequence

Change = Callable[[str, random.Random], str]

# One state with its people and capital for another, in a ring: what is argued stays the same.
_STATES = (
    ("Russia", "Russian", "Russians", "Moscow", "Kremlin"),
    ("Brazil", "Brazilian", "Brazilians", "Brasilia", "Planalto"),
    ("China", "Chinese", "Chinese", "Beijing", "Zhongnanhai"),
    ("Nigeria", "Nigerian", "Nigerians", "Abuja", "Aso Rock"),
    ("Japan", "Japanese", "Japanese", "Tokyo", "Kantei"),
    ("Peru", "Peruvian", "Peruvians", "Lima", "Pizarro Palace"),
    ("India", "Indian", "Indians", "Delhi", "South Block"),
    ("Italy", "Italian", "Italians", "Rome", "Quirinal"),
    ("Turkey", "Turkish", "Turks", "Ankara", "Bestepe"),
    ("Canada", "Canadian", "Canadians", "Ottawa", "Rideau"),
    ("Ukraine", "Ukrainian", "Ukrainians", "Kyiv", "Bankova"),
    ("Kenya", "Kenyan", "Kenyans", "Nairobi", "State House"),
    ("Poland", "Polish", "Poles", "Warsaw", "Belweder"),
    ("Vietnam", "Vietnamese", "Vietnamese", "Hanoi", "Ba Dinh"),
)
_SWAP = {
    word: other
    for i, state in enumerate(_STATES)
    # Reversed: where people and adjective are one word, it is more often the adjective.
    for word, other in reversed(list(zip(state, _STATES[(i + 3) % len(_STATES)], strict=True)))
}
_STATE_WORDS = re.compile(r"\b(" + "|".join(sorted(_SWAP, key=len, reverse=True)) + r")\b")

_STEMS = "organ|recogn|real|emphas|critic|character|modern|normal|legitim|mobil|central|national|symbol|priorit|final"
# British on the left, American on the right; a word takes the other side's spelling, whichever it has.
_SPELLINGS = (
    ("our", "or", r"\b(hon|col|fav|lab|neighb|behavi|rum|harb|endeav|arm)(our|or)(?=(?:s|ed|ing|able|ite|al)?\b)"),
    ("ise", "ize", rf"\b({_STEMS})(ise|ize)(?=[dsr]?\b)"),
    ("ising", "izing", rf"\b({_STEMS})(ising|izing)\b"),
    ("isation", "ization", rf"\b({_STEMS}|civil|colon)(isation|ization)(?=s?\b)"),
    ("ence", "ense", r"\b(def|off|lic)(ence|ense)\b"),
    ("tre", "ter", r"\b(cen|thea)(tre|ter)\b"),
    ("lled", "led", r"\b(trave|cance|labe|mode)(lled|led)\b"),
)
_OCR = {"l": "1", "o": "0", "m": "rn", "e": "c", "i": "l", "s": "5", "h": "b", "u": "v"}


def swap_states(text: str, rng: random.Random) -> str:
    """Names of states, peoples and capitals changed for others."""
    return _STATE_WORDS.sub(lambda found: _SWAP[found[0]], text)


def typographic_noise(text: str, rng: random.Random) -> str:
    """Curly quotes, non-breaking and doubled spaces, long dashes, hyphens where a line broke."""
    text = text.replace("'", "\u2019").replace(" - ", " \u2014 ")
    words = text.split(" ")
    for i, word in enumerate(words):
        if rng.random() < 0.05:
            words[i] = word + rng.choice(["\u00a0", " "])
        elif len(word) > 8 and word.isalpha() and rng.random() < 0.1:
            words[i] = f"{word[:4]}-\n{word[4:]}"
    return " ".join(words)


def other_spelling(text: str, rng: random.Random) -> str:
    """British for American spelling and the other way round."""
    for british, american, pattern in _SPELLINGS:
        other = {british: american, american: british}
        text = re.sub(pattern, lambda found, other=other: found[1] + other[found[2]], text)  # type: ignore[misc]
    return text


def quotation_marks(text: str, rng: random.Random) -> str:
    """Double quotation marks as guillemets, single ones as double."""
    text = re.sub(r'"([^"]*)"', "\u00ab\\1\u00bb", text)
    return re.sub(r"(?<!\w)'([^']*)'(?!\w)", '"\\1"', text)


def ocr_noise(text: str, rng: random.Random) -> str:
    """Two letters in a hundred misread as scanners misread them."""
    return "".join(_OCR[c] if c in _OCR and rng.random() < 0.04 else c for c in text)


def first_half(text: str, rng: random.Random) -> str:
    """The first half of the words."""
    words = text.split()
    return " ".join(words[: max(1, len(words) // 2)])


CHANGES: dict[str, Change] = {
    "names of states swapped": swap_states,
    "typographic noise": typographic_noise,
    "British for American spelling and back": other_spelling,
    "other quotation marks": quotation_marks,
    "OCR noise": ocr_noise,
    "cut to half": first_half,
}


def changed(texts: Sequence[str], change: Change, seed: int) -> list[str]:
    """Every text changed, the same way for the same seed."""
    rng = random.Random(seed)
    return [change(text, rng) for text in texts]
