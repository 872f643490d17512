"""How names are compared by the database, whose own ``lower()`` knows ASCII alone: a function of SQL.

Registered on every connection by :mod:`.database`; says nothing about which names are too much alike.
"""

from __future__ import annotations

import unicodedata
from typing import Final

from sqlalchemy import ColumnElement, SQLColumnExpression, String, func

FOLDED: Final = "rostra_folded"
"""The function's name in SQL."""


def fold(text: str) -> str:
    """Return ``text`` without case and without marks: “Ángel” is “angel”, “Straße” is “strasse”."""
    apart = unicodedata.normalize("NFKD", text).casefold()
    return "".join(char for char in unicodedata.normalize("NFKD", apart) if not unicodedata.combining(char))


def folded(column: SQLColumnExpression[str]) -> ColumnElement[str]:
    """The same of a column, in a query."""
    return func.rostra_folded(column, type_=String)
