"""Answers about the site as a whole: home, hosts, feeds, what crawlers are told, its own texts."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable, Hashable, Mapping, Set
from urllib.parse import unquote

import msgspec

from rostra.bus.messages import Lifecycle, SpaceState
from rostra.core import words
from rostra.core.errors import NotFound
from rostra.core.ids import SpaceId
from rostra.gateway import atom, calendar, crawlers, headers
from rostra.gateway.accent import Accent
from rostra.gateway.answers import ANY_ORIGIN, NO_STORE, SHORT_LIVED, Answer, answer
from rostra.gateway.card import Card
from rostra.gateway.directory import Entry
from rostra.gateway.edition import Edition, edition
from rostra.gateway.listing import MOST_LISTED, is_announced, is_elsewhere, listed, of_host, sort_out
from rostra.gateway.onward import Onward, leads_on, onward
from rostra.gateway.permanent import changed_ms
from rostra.gateway.premises import Premises
from rostra.serving.exchange import Exchange
from rostra.serving.request import Request
from rostra.serving.response import JSON

_XML = "application/xml; charset=utf-8"
_PLAIN = "text/plain; charset=utf-8"
_DAY = ("Cache-Control", "max-age=86400")
_NOSNIFF = ("X-Content-Type-Options", "nosniff")
_CARD = "/card.png"
_STATUS = "/status.json"
_OF_HOST = ("", "events.ics", "picture")
"""What there is under ``/h/{handle}``."""


class OfSite:
    """Answers by the whole address."""

    def __init__(self, premises: Premises) -> None:
        self._premises = premises
        self._directory = premises.directory
        self._by_path: Mapping[str, Callable[[Request], Answer]] = {
            "/": self._home,
            "/healthz": self._health,
            _STATUS: self._status,
            "/favicon.svg": lambda _: premises.assets.icon,
            "/favicon.ico": lambda _: premises.assets.icon,
            "/site.css": self._style,
            "/feed.atom": self._feed,
            "/robots.txt": self._robots,
            "/sitemap.xml": self._site_map,
            "/privacy": self._privacy,
            "/imprint": self._imprint,
            "/terms": self._terms,
        }
        hosts = {"/h/{handle}" + (f"/{leaf}" if leaf else "") for leaf in _OF_HOST}
        self.addresses: Set[str] = self._by_path.keys() | hosts | {_CARD, "/assets/{path}"}
        """All that there is, as templates."""

    def respond(self, request: Request, exchange: Exchange) -> None:
        """Answer now, or the site's card once it is drawn. Raises the refusals of the error tree."""
        if request.path == _CARD:
            site = self._directory.site
            self._premises.shelf.deliver(Card.of_site(site.name, color=site.color), exchange)
            return
        exchange.send(self._answer(request).to(request), more=request.path != _STATUS)

    def _answer(self, request: Request) -> Answer:
        path = request.path
        if path.startswith("/assets/"):
            return self._premises.assets.get(path)
        found = self._by_path.get(path)
        if found is not None:
            return found(request)
        if path.startswith("/h/"):
            handle, _, leaf = path.removeprefix("/h/").partition("/")
            return self._of_host(unquote(handle), leaf, request)
        raise NotFound

    def _health(self, _: Request) -> Answer:
        self._premises.need_ready()
        return answer(200, b'{"ok":true}', content_type=JSON, headers=[NO_STORE])

    def _home(self, request: Request) -> Answer:
        self._premises.need_ready()
        view = self._premises.view(request)
        self._premises.askers.heard(self._premises.askers.poll_ms)

        def render() -> Answer:
            lists = sort_out(listed(self._directory), self._directory, now_ms=view.now_ms)
            told, shown = self._premises.rooms.audience, self._edition()
            return self._page(self._premises.pages.home(lists, told, view, shown), request)

        return self._fresh(("home", view.origins, view.lang), render)

    def _status(self, _: Request) -> Answer:
        self._premises.need_ready()
        self._premises.askers.heard(self._premises.askers.poll_ms)

        def render() -> Answer:
            body = msgspec.json.encode(self._edition())
            return answer(200, body, content_type=JSON, headers=[SHORT_LIVED, ANY_ORIGIN], gzip_level=0)

        return self._fresh(("status",), render)

    def _edition(self) -> Edition:
        told, now_ms = self._premises.rooms.audience, self._premises.now_ms()
        word = edition(self._directory, told, now_ms=now_ms)
        return Edition(v=1, edition=word, poll_ms=self._premises.askers.poll_ms)

    def _of_host(self, handle: str, leaf: str, request: Request) -> Answer:
        self._premises.need_ready()
        if leaf not in _OF_HOST:
            raise NotFound
        entries = of_host(self._directory, handle)
        if leaf == "picture":
            return self._host_picture(entries)
        if leaf:
            return self._host_calendar(handle, entries, request)
        view = self._premises.view(request)
        self._premises.askers.heard(self._premises.askers.poll_ms)

        def render() -> Answer:
            lists = sort_out(entries, self._directory, now_ms=view.now_ms)
            newest = _newest(entries).state
            about, told = self._directory.host(newest.host), self._premises.rooms.audience
            html = self._premises.pages.host(handle, lists, newest, about, told, view, self._edition())
            return self._page(html, request)

        return self._fresh(("host", handle, view.origins, view.lang), render)

    def _host_picture(self, entries: list[Entry]) -> Answer:
        """Answer with the picture as backstage drew it; NotFound when there is none."""
        kind, _, encoded = self._directory.host(_newest(entries).state.host).picture.partition(",")
        if kind != "data:image/webp;base64":
            raise NotFound
        return answer(
            200, b64decode(encoded), content_type="image/webp", headers=[SHORT_LIVED, _NOSNIFF], gzip_level=0
        )

    def _host_calendar(self, handle: str, entries: list[Entry], request: Request) -> Answer:
        view = self._premises.view(request)

        def render() -> Answer:
            latest = sorted((entry.state for entry in entries), key=lambda state: -state.starts_at)
            name = f"{_newest(entries).state.account_name} · {self._directory.site.name}"
            body = calendar.calendar(
                latest[: 2 * MOST_LISTED],
                view.origins,
                name=name,
                now_ms=view.now_ms,
                to=onward(self._directory),
                language=view.lang,
            )
            lines = [
                SHORT_LIVED,
                ANY_ORIGIN,
                _NOSNIFF,
                ("Content-Disposition", 'inline; filename="events.ics"'),
            ]
            return answer(
                200,
                body,
                content_type=calendar.CONTENT_TYPE,
                headers=lines,
                vary=headers.LANGUAGE_VARIES,
            )

        return self._fresh(("host.ics", handle, view.origins, view.lang), render)

    def _feed(self, request: Request) -> Answer:
        self._premises.need_ready()
        view = self._premises.view(request)

        def render() -> Answer:
            states = (entry.state for entry in listed(self._directory))
            shown = [
                state
                for state in states
                if state.lifecycle is not Lifecycle.SCHEDULED or is_announced(state, view.now_ms)
            ]
            newest = sorted(shown, key=changed_ms, reverse=True)[: 2 * MOST_LISTED]
            body = atom.feed(
                newest, view, address=f"{view.origins.door}/feed.atom", to=onward(self._directory)
            )
            return answer(
                200,
                body,
                content_type=atom.CONTENT_TYPE,
                headers=[SHORT_LIVED, ANY_ORIGIN, _NOSNIFF],
                vary=headers.LANGUAGE_VARIES,
            )

        return self._fresh(("feed", view.origins, view.lang), render)

    def _robots(self, request: Request) -> Answer:
        body = crawlers.robots(self._premises.origins(request))
        return answer(200, body, content_type=_PLAIN, headers=[_DAY])

    def _site_map(self, request: Request) -> Answer:
        self._premises.need_ready()
        origins = self._premises.origins(request)

        def render() -> Answer:
            to = onward(self._directory)
            states = (entry.state for entry in listed(self._directory))
            shown = [state for state in states if _is_page(state, to)]
            return answer(200, crawlers.site_map(shown, origins), content_type=_XML, headers=[SHORT_LIVED])

        return self._fresh(("sitemap", origins), render)

    def _style(self, _: Request) -> Answer:
        accent = Accent.of(self._directory.site.color)
        sheet = accent.sheet if accent else b""
        return answer(200, sheet, content_type="text/css; charset=utf-8", headers=[SHORT_LIVED, _NOSNIFF])

    def _privacy(self, request: Request) -> Answer:
        view = self._premises.view(request)
        return self._still(self._premises.pages.privacy(self._premises.kept, view))

    def _imprint(self, request: Request) -> Answer:
        site = self._directory.site
        return self._text("door.imprint", "\n\n".join(filter(None, (site.imprint, site.contact))), request)

    def _terms(self, request: Request) -> Answer:
        return self._text("door.terms", self._directory.site.terms, request)

    def _text(self, heading: str, text: str, request: Request) -> Answer:
        """Show a text of the site's own; NotFound when there is none."""
        paragraphs = [part.strip() for part in text.replace("\r\n", "\n").split("\n\n") if part.strip()]
        if not paragraphs:
            raise NotFound
        view = self._premises.view(request)
        return self._still(self._premises.pages.text(words.say(view.lang, heading), paragraphs, view))

    def _still(self, html: bytes) -> Answer:
        lines = [SHORT_LIVED, *headers.STILL]
        return answer(200, html, content_type=headers.HTML, headers=lines, vary=headers.LANGUAGE_VARIES)

    def _page(self, html: bytes, request: Request) -> Answer:
        lines = [SHORT_LIVED, *headers.of_page(self._premises.origins(request))]
        return answer(200, html, content_type=headers.HTML, headers=lines, vary=headers.LANGUAGE_VARIES)

    def _fresh(self, key: tuple[Hashable, ...], render: Callable[[], Answer]) -> Answer:
        return self._premises.fresh.get((*key, self._directory.turn), render)


def _is_page(state: SpaceState, to: Onward) -> bool:
    """Whether a space's address shows a page to be found: neither called off nor leading on."""
    if state.lifecycle is Lifecycle.CANCELLED:
        return False
    return not is_elsewhere(state, to) and leads_on(state, to) is None


def _newest(entries: list[Entry]) -> Entry:
    return max(entries, key=lambda entry: (changed_ms(entry.state), SpaceId(entry.state.space)))
