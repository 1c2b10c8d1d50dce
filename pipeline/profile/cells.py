"""Cells of a table that a spreadsheet takes for what they are."""

from collections.abc import Sequence
from typing import Any


def plain_cell(cell: Any) -> Any:
    """Text that a spreadsheet would run as a formula, with an apostrophe before it; anything else as it is.

    >>> plain_cell("=1+1")
    "'=1+1"
    """
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell


def plain_rows(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows for CSV, none of whose cells is a formula."""
    return [{name: plain_cell(cell) for name, cell in row.items()} for row in rows]


def unmarked(cell: str) -> str:
    """What `plain_cell` made a cell of.

    >>> unmarked("'=1+1")
    '=1+1'
    """
    return cell[1:] if cell.startswith(("'=", "'+", "'-", "'@", "'\t", "'\r")) else cell
