"""What is refused, as whoever asked reads it: JSON for programs, a small page for people. Pure.

A browser that opens an address of the edge itself, such as the recording's without scripts, asks for
``text/html``; no player does. The page speaks the visitor's language and leads back to the event page.
It stands alone, for the edge has neither the site's name nor its style. Never says who may hear.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Sequence
from hashlib import sha256
from html import escape
from string import Template
from typing import Final

from rostra.core import words
from rostra.core.addresses import public_addresses
from rostra.core.errors import NotAllowed, RostraError, UnknownSpace
from rostra.core.ids import SpaceId, is_id
from rostra.core.settings import Settings
from rostra.edge import answers
from rostra.serving.errors import Overloaded
from rostra.serving.request import Request
from rostra.serving.response import response

_SPACE_IN: Final = re.compile(r"^(?:/t/[^/]*)?(?:/r)?/([^/]+)/")
_STYLE: Final = (
    ":root{color-scheme:light dark}"
    "body{font:1.125rem/1.5 system-ui,sans-serif;max-width:34rem;margin:18vh auto 0;padding:0 1.5rem}"
    "h1{font-size:1.5rem;line-height:1.3}a{color:inherit}"
)
_PAGE: Final = Template(
    '<!doctype html>\n<html lang="$language" dir="$direction">\n<head>\n<meta charset="utf-8">\n'
    '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
    f"<title>$message</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n"
    '<h1>$message</h1>\n<p>$status</p>\n<p><a href="$href">$back</a></p>\n</main>\n</body>\n</html>\n'
)
_HEADERS: Final = (
    (
        "Content-Security-Policy",
        f"default-src 'none'; style-src 'sha256-{b64encode(sha256(_STYLE.encode()).digest()).decode()}'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
    ("Referrer-Policy", "no-referrer"),
    ("X-Robots-Tag", "noindex"),
    ("Vary", "Accept, Accept-Language, Cookie"),
)


def is_page_wanted(request: Request) -> bool:
    """Whether a person reads the answer."""
    return b"text/html" in request.headers.get(b"accept", b"")


class Refusals:
    """Renders refusals with the way back, under the addresses that the visitor knows."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def answer(self, error: RostraError, request: Request, extra: Sequence[tuple[str, str]] = ()) -> bytes:
        """Render any refusal."""
        if not is_page_wanted(request):
            return answers.refusal(error, extra)
        space = "" if isinstance(error, UnknownSpace) else _space_in(request.path)
        language = words.choose(
            query=request.query,
            cookie=request.headers.get(b"cookie", b"").decode("latin-1"),
            accept=request.headers.get(b"accept-language", b"").decode("latin-1"),
        )
        page = _PAGE.substitute(
            language=words.ENGLISH if language == words.PSEUDO else language,
            direction=words.direction(language),
            message=escape(error.said(language)),
            status=error.status,
            href=escape(self._way_back(space, request)),
            back=escape(words.say(language, "door.open_event" if space else "door.see_all")),
        )
        again = (("Retry-After", "2"),) if error.status in {429, 503} else ()
        common = (("Cache-Control", answers.NEVER), *answers.OPEN, *_HEADERS)
        lines = [*common, *answers.allow(error), *again, *extra]
        return response(error.status, page.encode(), content_type="text/html; charset=utf-8", headers=lines)

    def of_ticket(self, error: NotAllowed, space: SpaceId, request: Request) -> bytes:
        """Render the refusal of a ticket, and say where a new one is to be had."""
        page = self._way_back(space, request)
        return self.answer(type(error)(event=page), request, [_link(page)])

    def of_crowd(self, request: Request) -> bytes:
        """Render the answer to somebody too many: when to come again, and where to see what is on."""
        page = self._way_back(_space_in(request.path), request)
        return self.answer(Overloaded(event=page), request, [_link(page)])

    def _way_back(self, space: str, request: Request) -> str:
        door = public_addresses(self._settings, name=request.local_host).door
        return f"{door}/s/{space}" if space else door


def _space_in(path: str) -> str:
    """The space that an address is about; empty when it names none."""
    return next((each for each in _SPACE_IN.findall(path) if is_id(each)), "")


def _link(page: str) -> tuple[str, str]:
    return ("Link", f'<{page}>; rel="alternate"; type="text/html"')
