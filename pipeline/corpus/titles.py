"""What programs write where a title, an author or a heading should stand."""

import re

_NO_TITLE = re.compile(
    r"(microsoft (word|powerpoint)\b.*|\(?untitled.*|\(?anonymous\)?|(new )?document\d*"
    r"|\S+\.(docx?|pdf|odt|rtf|txt|tex|dvi|indd|qxd|pages))",
    re.IGNORECASE,
)
_NO_NAME = re.compile(
    r"(admin(istrator)?|user|owner|unknown|author|\(?anonymous\)?|microsoft( office)?( user)?|python-docx|\W*)",
    re.IGNORECASE,
)
_REFERENCES = re.compile(
    r"(\d+\.?\s+)?((end|foot)?notes|references( cited)?|bibliography|works cited|(list of )?sources|literature( cited)?"
    r"|anmerkungen|literatur(verzeichnis)?|quellen|références|bibliographie|referencias|bibliografía|notas"
    r"|примечания|литература|参考文献|注释)\s*:?",
    re.IGNORECASE,
)


def own_title(value: str | None) -> str:
    """The title, unless it is one that a program made up.

    >>> own_title("Microsoft Word - draft3.doc")
    ''
    """
    value = " ".join((value or "").split())
    return "" if _NO_TITLE.fullmatch(value) else value


def own_name(value: str | None) -> str:
    """The author's name, unless it is a program's or a machine's."""
    value = " ".join((value or "").split())
    return "" if _NO_NAME.fullmatch(value) else value


def is_reference_heading(line: str) -> bool:
    """Whether a line alone says that notes or references follow."""
    return bool(_REFERENCES.fullmatch(line.strip().strip("#*").strip()))
