"""Answers about one space: its page, status, join, players' addresses, calendar and card.

Whoever asks has been let in already (``entrance.enter``); what they may hear of a recording is
decided here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set
from dataclasses import replace
from urllib.parse import parse_qsl

import msgspec

from rostra.admission.join import decide_recording
from rostra.admission.tickets import Keyring, mint, new_listener
from rostra.bus.messages import Lifecycle, SpaceState, Visibility
from rostra.core import words
from rostra.core.addresses import STAY
from rostra.core.errors import NotFound, RecordingDeleted, Unavailable
from rostra.core.samples import SAMPLE_RATE
from rostra.gateway import calendar, draws, headers
from rostra.gateway.answers import ANY_ORIGIN, NO_STORE, Answer, answer
from rostra.gateway.card import Card
from rostra.gateway.directory import Entry
from rostra.gateway.entrance import Visit, brings_pass, cookie, without_pass
from rostra.gateway.errors import NoReactions, NotDrawn, NotLive, RoomFull
from rostra.gateway.in_line import InLine
from rostra.gateway.joining import Admitted
from rostra.gateway.of_reminders import REMIND, OfReminders
from rostra.gateway.onward import leads_on, moved_from, moved_to, onward, way_on
from rostra.gateway.origins import Origins
from rostra.gateway.premises import Premises
from rostra.gateway.status import Status, document, word
from rostra.gateway.to_joined import to_joined
from rostra.serving.exchange import Exchange
from rostra.serving.request import Request
from rostra.serving.response import JSON, response

STATUS = "status.json"
JOIN = "join"
ASK = "ask"
"""The address where listeners ask to speak, and look what became of it."""
REPORT = "report"
"""The address that a page sends a report to."""
METHODS = {
    JOIN: ("POST",),
    "react": ("POST",),
    REPORT: ("POST",),
    REMIND: ("POST",),
    ASK: ("GET", "HEAD", "POST"),
}
"""By the last part of an address under ``/s/{space}``; all else is only read."""
_PLAYERS = {
    "live.m3u8": "index.m3u8",
    "live.mpd": "manifest.mpd",
    "radio.aac": "radio.aac",
    "radio.opus": "radio.opus",
    "radio.mp3": "radio.mp3",
}
"""Stable addresses, and what they stand for beside a ticket."""


_TO_BE_HEARD = frozenset({Lifecycle.SCHEDULED, Lifecycle.LOBBY, Lifecycle.LIVE})
"""While the address of the radio leads to something, now or at the start."""


class OfSpace:
    """Answers by the last part of an address under ``/s/{space}``."""

    def __init__(self, premises: Premises, reminders: OfReminders) -> None:
        self._premises = premises
        self._reminders = reminders
        self._directory = premises.directory
        self._to = onward(premises.directory)
        self._draws = draws.Draws(premises.rooms.folder)
        self._by_leaf: Mapping[str, Callable[[Entry, Visit, Request], Answer]] = {
            "": self._event,
            STATUS: self._status,
            "react": self._react,
            "listen.m3u": self._playlist_file,
            "event.ics": self._calendar,
            **dict.fromkeys(_PLAYERS, self._redirect),
        }
        self._maybe_later: Mapping[str, Callable[[Entry, Visit, Request, Exchange], None]] = {
            JOIN: self._join,
            "card.png": self._card,
            ASK: self._ask,
            REPORT: self._report,
            REMIND: self._remind,
            draws.DOCUMENT: self._draw,
            draws.LOG: self._draw,
        }
        self.leaves: Set[str] = self._by_leaf.keys() | self._maybe_later.keys()
        """All that there is under ``/s/{space}``."""

    def respond(self, leaf: str, entry: Entry, visit: Visit, request: Request, exchange: Exchange) -> None:
        """Answer now, or a card once it is drawn. Raises the refusals of the error tree."""
        take = self._maybe_later.get(leaf)
        if take is not None:
            take(entry, visit, request, exchange)
            return
        render = self._by_leaf.get(leaf)
        if render is None:
            raise NotFound
        exchange.send(render(entry, visit, request).to(request), more=not leaf)

    def place(self, entry: Entry, body: bytes, peer: str, host: str) -> bytes | None:
        """Answer a join of somebody who brings nothing else; None, and no more, where there is more to it."""
        state, keyring = entry.state, self._directory.keyring
        if state.visibility is Visibility.PRIVATE or keyring is None:
            return None
        told = self._premises.joining.at_once(entry, body, peer, keyring)
        return None if told is None else to_joined(told, state, self._premises.addresses.seen_from(host))

    def _card(self, entry: Entry, _: Visit, request: Request, exchange: Exchange) -> None:
        asked = words.choose(query=request.query)  # Of the address alone: caches keep pictures.
        site = self._directory.site
        card = Card.of(entry.state, site_name=site.name, color=site.color, language=asked)
        self._premises.shelf.deliver(card, exchange)

    def _ask(self, entry: Entry, _: Visit, request: Request, exchange: Exchange) -> None:
        if request.method != "POST":
            exchange.send(self._asked(entry, request).to(request))
            return
        language = self._premises.language(request)
        self._premises.desk.take(entry.state.space, request, language, exchange)

    def _report(self, entry: Entry, _: Visit, request: Request, exchange: Exchange) -> None:
        follow = f"{self._premises.origins(request).backstage}/report"
        language = self._premises.language(request)
        self._premises.reports.deliver(entry.state, request, exchange, follow=follow, language=language)

    def _remind(self, entry: Entry, _: Visit, request: Request, exchange: Exchange) -> None:
        self._reminders.take(entry.state, request, exchange)

    def _event(self, entry: Entry, visit: Visit, request: Request) -> Answer:
        if visit.stated is not None and brings_pass(request):
            return self._keep_pass(entry.state, visit, request)
        state, view = entry.state, self._premises.view(request)
        target = leads_on(state, self._to)
        if _stays(request):
            view = replace(view, carried=STAY)
        elif target is not None:
            return self._see(view.origins.event(target.space), state)
        shared = self._is_shared(state, visit)
        self._premises.askers.told()

        def render() -> Answer:
            status = self._document(entry, visit, view.origins)
            way = way_on(state, self._to, view.origins, view.lang)
            html = self._premises.pages.event(state, status, view, way=way, given=visit.handed_on)
            lines = [*headers.of_space(state, shared=shared), *headers.of_page(view.origins)]
            return answer(200, html, content_type=headers.HTML, headers=lines, vary=headers.LANGUAGE_VARIES)

        if not shared or state.visibility is Visibility.PRIVATE:  # Its page holds the visitor's own pass.
            return render()
        key = ("event", state.space, view.origins, view.lang, view.carried, entry.turn)
        page = self._premises.fresh.get(key, render)
        self._premises.ready.keep(request, page.to(request))
        return page

    def _see(self, location: str, state: SpaceState) -> Answer:
        lines = [("Location", location), *headers.of_space(state, shared=True), ANY_ORIGIN]
        return Answer(response(302, b"", headers=lines))

    def _keep_pass(self, state: SpaceState, visit: Visit, request: Request) -> Answer:
        """Move a pass from the address, where it would be shared along, into a cookie."""
        secure = self._premises.origins(request).door.startswith("https:")
        kept = cookie(visit, state.space, secure=secure, now_s=self._premises.now_s())
        lines = [("Location", without_pass(request)), NO_STORE, headers.NOINDEX, kept]
        return Answer(response(303, b"", headers=[*lines, ("Referrer-Policy", "no-referrer")]))

    def _status(self, entry: Entry, visit: Visit, request: Request) -> Answer:
        state, origins = entry.state, self._premises.origins(request)
        shared = self._is_shared(state, visit)
        self._premises.askers.told()

        def render() -> Answer:
            body = msgspec.json.encode(self._document(entry, visit, origins))
            lines = [*headers.of_space(state, shared=shared), ANY_ORIGIN]
            return answer(200, body, content_type=JSON, headers=lines, gzip_level=0)

        if not shared:
            return render()
        status = self._premises.fresh.get(("status", state.space, origins, entry.turn), render)
        self._premises.ready.keep(request, status.to(request))
        return status

    def _join(self, entry: Entry, visit: Visit, request: Request, exchange: Exchange) -> None:
        """Let somebody in or give them a place in line, at once or with the next turn of the room.

        Whoever comes to hear what was reported waits for nobody and takes nobody's place.
        """
        self._need_open(entry)
        state, origins = entry.state, self._premises.origins(request)

        def tell(outcome: Admitted | InLine) -> None:
            exchange.send(to_joined(outcome, state, origins))

        if visit.hears_until_s is not None:
            tell(self._premises.joining.to_hear(entry, self._keyring(), until_s=visit.hears_until_s))
            return
        try:
            self._premises.joining.join(entry, request.body, request.peer, self._keyring(), tell)
        except Unavailable:
            self._premises.rooms.refused[Unavailable.code] += 1
            raise

    def _draw(self, entry: Entry, _: Visit, request: Request, exchange: Exchange) -> None:
        """The draw among those who were here before the start, for whoever wants to check it. NotDrawn."""
        if not self._premises.rooms.has_drawn(entry):
            raise NotDrawn
        visibility = entry.state.visibility
        kept = NO_STORE if visibility is Visibility.PRIVATE else draws.LASTING
        found = () if visibility is Visibility.PUBLIC else (headers.NOINDEX,)
        name = request.path.rpartition("/")[2]
        language = self._premises.language(request)
        self._draws.deliver(entry.state.space, name, exchange, kept=(kept, *found), language=language)

    def _react(self, entry: Entry, _: Visit, request: Request) -> Answer:
        if self._premises.rooms.is_quiet:
            raise NoReactions
        self._premises.applause.press(entry.state, request, self._keyring())
        lines = [*headers.of_space(entry.state, shared=False), ANY_ORIGIN]
        return Answer(response(204, b"", headers=lines))

    def _asked(self, entry: Entry, request: Request) -> Answer:
        """Where a request to speak stands: from memory, for whoever knows what it is called."""
        self._premises.askers.told()
        state = entry.asked.get(dict(parse_qsl(request.query)).get("id", ""))
        body = {"state": state.value if state else "unknown", "poll_ms": self._premises.askers.poll_ms}
        lines = headers.of_space(entry.state, shared=False)
        return answer(200, msgspec.json.encode(body), content_type=JSON, headers=lines, gzip_level=0)

    def _redirect(self, entry: Entry, visit: Visit, request: Request) -> Answer:
        """Send a player to the live audio, or afterwards to the recording: addresses outlive an evening.

        Whoever asks for the head alone gets no ticket, for that would take a place; so it leads nowhere yet.
        """
        name, origins = request.path.rpartition("/")[2], self._premises.origins(request)
        target = self._goes_on_live(entry.state)
        if target is not None:
            return self._see(f"{origins.event(target.space)}/{name}", entry.state)
        location = self._replay_of(name, entry, visit, origins)
        if location is None:
            ticket = self._admit(entry, visit, request)
            location = ticket and origins.ticketed(entry.state.space, ticket) + _PLAYERS[name]
        leads = [("Location", location)] if location else []
        lines = [*leads, *headers.of_space(entry.state, shared=False), ANY_ORIGIN]
        return Answer(response(302, b"", headers=lines))

    def _playlist_file(self, entry: Entry, visit: Visit, request: Request) -> Answer:
        """Name the radio address, or the recording once there is one, for players outside the browser.

        Where there is nothing to hear any more, refuse as the radio does: NotLive, RecordingDeleted.
        A file is handed on: of a held recording there is none, for its host either.
        """
        state, origins = entry.state, self._premises.origins(request)
        title, name = " ".join(state.title.split()), "radio.aac"
        address = f"{origins.event(state.space)}/{name}"
        if state.visibility is Visibility.PRIVATE:  # Another player has no cookie.
            address += f"?pass={visit.handed_on}"
        if self._goes_on_live(entry.state) is None:
            replay = None if state.is_held else self._replay_of(name, entry, visit, origins)
            if replay is None and state.lifecycle not in _TO_BE_HEARD:
                raise self._not_live(entry)
            address = replay or address
        body = f"#EXTM3U\n#EXTINF:-1,{title}\n{address}\n".encode()
        lines = [
            *headers.of_space(state, shared=self._is_shared(state, visit)),
            ANY_ORIGIN,
            ("Content-Disposition", 'inline; filename="listen.m3u"'),
        ]
        return answer(200, body, content_type="audio/x-mpegurl; charset=utf-8", headers=lines, gzip_level=0)

    def _calendar(self, entry: Entry, _: Visit, request: Request) -> Answer:
        state, view = entry.state, self._premises.view(request)

        def render() -> Answer:
            body = calendar.calendar(
                [state],
                view.origins,
                name=state.title,
                now_ms=view.now_ms,
                to=self._to,
                language=view.lang,
            )
            lines = [
                *headers.of_space(state, shared=True),
                ANY_ORIGIN,
                ("X-Content-Type-Options", "nosniff"),
                ("Content-Disposition", f'attachment; filename="{state.space}.ics"'),
            ]
            return answer(
                200,
                body,
                content_type=calendar.CONTENT_TYPE,
                headers=lines,
                vary=headers.LANGUAGE_VARIES,
            )

        return self._premises.fresh.get(("ics", state.space, view.origins, view.lang, entry.turn), render)

    def _goes_on_live(self, state: SpaceState) -> SpaceState | None:
        """The space where a conversation goes on, while that is live."""
        target = leads_on(state, self._to)
        return target if target is not None and target.lifecycle is Lifecycle.LIVE else None

    def _replay_of(self, name: str, entry: Entry, visit: Visit, origins: Origins) -> str | None:
        """What a player's address stands for once there is a recording for this visitor.

        None before. RecordingDeleted once it is gone.
        """
        if entry.state.is_deleted:
            raise RecordingDeleted
        replay = self._document(entry, visit, origins).replay
        if replay is None:
            return None
        return {"live.m3u8": replay.hls, "live.mpd": replay.dash}.get(name, replay.mp4)

    def _need_open(self, entry: Entry) -> None:
        """Raise NotLive while nobody can enter the room."""
        if not self._premises.rooms.is_open(entry):
            raise self._not_live(entry)

    def _not_live(self, entry: Entry) -> NotLive:
        """Count a refusal and return it."""
        self._premises.rooms.refused["not_live"] += 1
        return NotLive.because(word(entry.state, entry.report, now_ms=self._premises.now_ms()))

    def _admit(self, entry: Entry, visit: Visit, request: Request) -> str | None:
        """Return a fresh ticket for a program, which holds no place; NotLive, RoomFull, Unavailable.

        None for whoever asks for the head alone, where a program would get one.
        """
        if entry.state.lifecycle is not Lifecycle.LIVE:
            raise self._not_live(entry)
        if visit.hears_until_s is not None:
            joining = self._premises.joining
            return joining.to_hear(entry, self._keyring(), until_s=visit.hears_until_s).ticket
        if request.method == "HEAD" and self._premises.joining.lets_straight(entry, request.peer):
            return None
        ticket = self._premises.joining.straight_in(entry, request.peer, self._keyring())
        if ticket is None:
            self._premises.rooms.refused["room_full"] += 1
            raise RoomFull
        return ticket

    def _document(self, entry: Entry, visit: Visit, origins: Origins) -> Status:
        listeners, estimated = self._premises.rooms.audience(entry)
        return document(
            entry.state,
            entry.report,
            listeners=listeners,
            estimated=estimated,
            origins=origins,
            now_ms=self._premises.now_ms(),
            folder=self._recording(entry.state, visit, origins),
            poll_ms=self._premises.askers.poll_ms,
            moved=moved_to(entry.state, self._to, origins),
            moved_from=moved_from(entry.state, self._directory, origins),
            room=self._premises.rooms.status(entry),
            reactions=() if self._premises.rooms.is_quiet else self._premises.applause.kinds,
        )

    def _recording(self, state: SpaceState, visit: Visit, origins: Origins) -> str | None:
        """Where the recording is for this visitor: nowhere, in the open, or behind a fresh ticket."""
        if not (state.is_released or (state.is_held and visit.previews)):
            return None
        run, recording = state.run, state.recording
        if run is None or recording is None or not _has_recording(state):
            return None
        if self._is_shared(state, visit):
            return origins.recording(state.space, run)
        ticket = decide_recording(
            state.space,
            run,
            length_s=-(-recording.duration_samples // SAMPLE_RATE),
            listener=new_listener(),
            terms=self._premises.terms,
            now_s=self._premises.now_s(),
            epoch=state.pass_epoch,
            until_s=visit.hears_until_s,
        )
        return origins.ticketed_recording(state.space, run, mint(self._keyring(), ticket))

    def _keyring(self) -> Keyring:
        if self._directory.keyring is None:
            raise Unavailable
        return self._directory.keyring

    @staticmethod
    def _is_shared(state: SpaceState, visit: Visit) -> bool:
        """Whether all who may see the space get the same answer: none holds a ticket to a recording."""
        if not _has_recording(state):
            return True
        if state.is_held:
            return not visit.previews
        return not (state.is_released and state.visibility is Visibility.PRIVATE)


def _stays(request: Request) -> bool:
    """Whether a visitor asks for this very page, though its space has moved."""
    return STAY in dict(parse_qsl(request.query, keep_blank_values=True))


def _has_recording(state: SpaceState) -> bool:
    return state.recording is not None and state.run is not None and bool(state.renditions)
