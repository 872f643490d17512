"""The choice of a language: ``?lang=`` on a page's address becomes a cookie. Pure.

How a language is found when nobody chose one is ``rostra.core.words``' matter.
"""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode

from rostra.core import words
from rostra.gateway.answers import NO_STORE, Answer
from rostra.serving.request import Request
from rostra.serving.response import response

_YEAR_S = 31_536_000
_FILES = (".ics", ".png")
"""Whose address says in which language they are: other programs than browsers come for them."""


def chosen(request: Request) -> str | None:
    """Return the language that a browser's request for a page chooses; None where it chooses none.

    A file's address keeps its own.
    """
    if words.COOKIE not in request.query or b"text/html" not in request.headers.get(b"accept", b""):
        return None
    if request.path.endswith(_FILES):
        return None
    asked = dict(_query(request)).get(words.COOKIE, "")
    return asked if asked in words.CATALOGUES else None


def keep(request: Request, language: str) -> Answer:
    """Answer with the same address without the choice, and the cookie that holds it."""
    rest = besides(request)
    path = "/" + request.path.lstrip("/")  # Two slashes would name another site.
    location = f"{path}?{rest}" if rest else path
    cookie = f"{words.COOKIE}={language}; Path=/; Max-Age={_YEAR_S}; SameSite=Lax"
    return Answer(response(303, b"", headers=[("Location", location), NO_STORE, ("Set-Cookie", cookie)]))


def besides(request: Request) -> str:
    """Return what a query says besides the choice of a language, encoded anew."""
    return urlencode([(name, value) for name, value in _query(request) if name != words.COOKIE])


def _query(request: Request) -> list[tuple[str, str]]:
    return parse_qsl(request.query, keep_blank_values=True)
