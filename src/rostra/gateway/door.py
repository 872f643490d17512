"""The door's addresses: which request gets which answer. No I/O; everything is in memory.

Programs are refused in JSON, people (``Accept: text/html``) with a page that knows the way on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

from rostra.admission.join import Terms, decide_join
from rostra.admission.tickets import mint, new_listener
from rostra.bus.messages import Lifecycle
from rostra.core.clock import Clock
from rostra.core.errors import BodyTooLarge, NotFound, RostraError, Unavailable
from rostra.gateway.answers import ANY_ORIGIN, NO_STORE, SHORT_LIVED, Answer, Fresh, answer
from rostra.gateway.assets import Assets
from rostra.gateway.card import Card
from rostra.gateway.card_shelf import CardShelf
from rostra.gateway.directory import Directory, Entry
from rostra.gateway.errors import NotLive
from rostra.gateway.origins import Addresses, Origins
from rostra.gateway.pages import Back, Pages
from rostra.gateway.status import Status, document, word
from rostra.serving.errors import MethodNotAllowed
from rostra.serving.exchange import Exchange
from rostra.serving.request import Request
from rostra.serving.response import JSON, Headers, error_response, response

MAX_JOIN_BYTES = 1_024
MOST_ANSWERS = 512
"""Spaces times host names whose page and status are kept."""
_HTML = "text/html; charset=utf-8"
_PLAYERS = {"live.m3u8": "index.m3u8", "live.mpd": "manifest.mpd", "radio.aac": "radio.aac"}
"""Stable addresses, and what they stand for beside a ticket."""


class Door:
    """The application that the server runs. Until the directory is ready, it asks for patience."""

    def __init__(
        self,
        *,
        directory: Directory,
        pages: Pages,
        assets: Assets,
        shelf: CardShelf,
        addresses: Addresses,
        terms: Terms,
        site_name: str,
        clock: Clock,
    ) -> None:
        self._directory = directory
        self._pages = pages
        self._assets = assets
        self._shelf = shelf
        self._addresses = addresses
        self._terms = terms
        self._site_name = site_name
        self._clock = clock
        self._fresh: Fresh[tuple[str, str, str, int]] = Fresh(clock=clock, most=MOST_ANSWERS)
        self._of_space: Mapping[str, Callable[[Entry, Request], Answer]] = {
            "": self._event,
            "status.json": self._status,
            "join": self._join,
            "listen.m3u": self._playlist_file,
            **dict.fromkeys(_PLAYERS, self._redirect),
        }

    def respond(self, request: Request, exchange: Exchange) -> None:
        """Answer now; a card may be answered later, once it is drawn."""
        try:
            self._check_method(request)
            if request.path.startswith("/s/"):
                self._respond_for_space(request, exchange)
            else:
                exchange.send(self._general(request).to(request))
        except RostraError as error:
            exchange.send(self._refusal(request, error).to(request))

    # What is not of one space.

    def _general(self, request: Request) -> Answer:
        path = request.path
        if path.startswith("/assets/"):
            return self._assets.get(path)
        if path in ("/favicon.svg", "/favicon.ico"):
            return self._assets.icon
        if path == "/healthz":
            self._need_ready()
            return answer(200, b'{"ok":true}', content_type=JSON, headers=[NO_STORE])
        if path == "/":
            return self._home(request)
        raise NotFound

    def _home(self, request: Request) -> Answer:
        self._need_ready()
        origins = self._origins(request)

        def render() -> Answer:
            html = self._pages.home(self._directory, origins, now_ms=self._now_ms())
            return answer(200, html, content_type=_HTML, headers=_page_headers(origins))

        return self._fresh.get(("home", "", origins.door, self._directory.turn), render)

    # What is of one space.

    def _respond_for_space(self, request: Request, exchange: Exchange) -> None:
        space, _, leaf = request.path.removeprefix("/s/").partition("/")
        self._need_ready()
        entry = self._directory.entry(space)
        if leaf == "card.png":
            self._shelf.deliver(Card.of(entry.state, site_name=self._site_name), exchange)
            return
        render = self._of_space.get(leaf)
        if render is None:
            raise NotFound
        exchange.send(render(entry, request).to(request))

    def _event(self, entry: Entry, request: Request) -> Answer:
        origins = self._origins(request)

        def render() -> Answer:
            status = self._document(entry, origins)
            html = self._pages.event(entry.state, status, origins)
            return answer(200, html, content_type=_HTML, headers=_page_headers(origins))

        return self._fresh.get(("event", entry.state.space, origins.door, entry.turn), render)

    def _status(self, entry: Entry, request: Request) -> Answer:
        origins = self._origins(request)

        def render() -> Answer:
            body = msgspec.json.encode(self._document(entry, origins))
            return answer(200, body, content_type=JSON, headers=[SHORT_LIVED, ANY_ORIGIN], gzip_level=0)

        return self._fresh.get(("status", entry.state.space, origins.edge, entry.turn), render)

    def _join(self, entry: Entry, request: Request) -> Answer:
        if len(request.body) > MAX_JOIN_BYTES:
            raise BodyTooLarge
        ticket, run = self._admit(entry)
        origins = self._origins(request)
        base = origins.ticketed(entry.state.space, ticket)
        body = {"admitted": True, "ticket": ticket, "edge": origins.edge, "base": base, "run": run}
        headers = [NO_STORE, ANY_ORIGIN]
        return answer(200, msgspec.json.encode(body), content_type=JSON, headers=headers, gzip_level=0)

    def _redirect(self, entry: Entry, request: Request) -> Answer:
        ticket, _ = self._admit(entry)
        leaf = _PLAYERS[request.path.rpartition("/")[2]]
        location = self._origins(request).ticketed(entry.state.space, ticket) + leaf
        return Answer(response(302, b"", headers=[("Location", location), NO_STORE, ANY_ORIGIN]))

    def _playlist_file(self, entry: Entry, request: Request) -> Answer:
        """Name the radio address, or the recording once there is one, for players outside the browser."""
        title = " ".join(entry.state.title.split())
        origins = self._origins(request)
        replay = self._document(entry, origins).replay
        address = replay.mp4 if replay else f"{origins.event(entry.state.space)}/radio.aac"
        body = f"#EXTM3U\n#EXTINF:-1,{title}\n{address}\n".encode()
        headers = [SHORT_LIVED, ANY_ORIGIN, ("Content-Disposition", 'inline; filename="listen.m3u"')]
        return answer(200, body, content_type="audio/x-mpegurl; charset=utf-8", headers=headers, gzip_level=0)

    def _admit(self, entry: Entry) -> tuple[str, str]:
        """Return a fresh ticket and the run it is for; NotLive, Unavailable."""
        state = entry.state
        if state.lifecycle is not Lifecycle.LIVE or state.run is None:
            raise NotLive.because(word(state, entry.report, now_ms=self._now_ms()))
        if self._directory.keyring is None:
            raise Unavailable
        now_s = self._clock.utc_ns() // 1_000_000_000
        decision = decide_join(state.space, listener=new_listener(), terms=self._terms, now_s=now_s)
        return mint(self._directory.keyring, decision.ticket), state.run

    # What the answers are made of.

    def _document(self, entry: Entry, origins: Origins) -> Status:
        listeners = self._directory.listeners(entry)
        return document(
            entry.state, entry.report, listeners=listeners, origins=origins, now_ms=self._now_ms()
        )

    def _origins(self, request: Request) -> Origins:
        return self._addresses.seen_from(request.local_host)

    def _now_ms(self) -> int:
        return self._clock.utc_ns() // 1_000_000

    def _need_ready(self) -> None:
        if not self._directory.ready:
            raise Unavailable

    def _check_method(self, request: Request) -> None:
        joins = request.path.startswith("/s/") and request.path.endswith("/join")
        if request.method not in (("POST",) if joins else ("GET", "HEAD")):
            raise MethodNotAllowed(allow="POST" if joins else "GET, HEAD")

    def _refusal(self, request: Request, error: RostraError) -> Answer:
        allow = [("Allow", str(error.detail["allow"]))] if isinstance(error, MethodNotAllowed) else []
        if b"text/html" not in request.headers.get(b"accept", b"") or request.method == "POST":
            return Answer(error_response(error, headers=[ANY_ORIGIN, *allow]))
        back = self._way_on(request)

        def render() -> Answer:
            page = self._pages.refusal(error, back)
            again = [("Retry-After", "2"), ("Refresh", "2")] if error.status == 503 else []
            headers = [NO_STORE, *_SAFE, *allow, *again]
            return answer(error.status, page, content_type=_HTML, headers=headers)

        key = (f"{error.code} {allow}", error.sentence, back.href if back else "", 0)
        return self._fresh.get(key, render)

    def _way_on(self, request: Request) -> Back | None:
        space = request.path.removeprefix("/s/").partition("/")[0]
        if space in self._directory:
            return Back(f"/s/{space}", "Open the event page")
        return None


_SAFE = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    (
        "Content-Security-Policy",
        "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'",
    ),
)


def _page_headers(origins: Origins) -> Headers:
    """Return the headers of a page whose script talks to the door and the edge and nobody else.

    ``blob:`` is how Media Source Extensions reach an audio element, and how hls.js starts its worker.
    """
    edge = origins.edge_source
    policy = (
        f"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        f"connect-src 'self' {edge}; media-src 'self' blob: {edge}; worker-src 'self' blob:; "
        f"manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
    )
    return (
        SHORT_LIVED,
        ("Content-Security-Policy", policy),
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", "strict-origin-when-cross-origin"),
    )
