"""The edge's addresses: finds what a request is for, checks its ticket, hands the exchange on.

Decides who may hear; knows nothing of bytes. See docs/architecture.md, "Addresses".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import count
from typing import Final

from rostra.admission.tickets import recording_of
from rostra.bus.messages import SpaceState, Visibility
from rostra.core.addresses import as_set
from rostra.core.clock import Clock
from rostra.core.errors import (
    NotAllowed,
    NotFound,
    RecordingHeld,
    RostraError,
    TicketEnded,
    TicketExpired,
    TicketInvalid,
    TicketLapsed,
)
from rostra.core.ids import RunId, SpaceId, is_id
from rostra.core.pace import LANES
from rostra.core.settings import Settings
from rostra.edge import answers, portions
from rostra.edge.documents import Documents
from rostra.edge.holding import Holding
from rostra.edge.keeping import BY_LISTENERS
from rostra.edge.pace import lane
from rostra.edge.programme import Programme
from rostra.edge.refusals import Refusals, is_page_wanted
from rostra.edge.shelf import Shelf
from rostra.edge.spaces import Spaces
from rostra.edge.streams import RADIO, Stream, Streams, trace
from rostra.edge.turnstile import BEACON_S, Listener, Turnstile
from rostra.media.cmaf import AAC, OPUS
from rostra.media.hls import utc
from rostra.serving.codings import takes_gzip
from rostra.serving.errors import MethodNotAllowed, Overloaded
from rostra.serving.exchange import Exchange
from rostra.serving.request import Request
from rostra.serving.response import JSON, Headers

_TICKETED_AT: Final = "/t/"
SHARED: Final = "/c/"
"""How an address begins that a cache in front asks for everybody, in the place of ``/t/`` and a ticket."""
_MANIFEST: Final = "manifest.mpd"
_MOST_DIGITS = 9
_TICKET_REFUSED = (TicketInvalid, TicketExpired, TicketEnded, TicketLapsed)
_READ = {"GET", "HEAD"}
_ALLOWED = ("GET", "HEAD", "OPTIONS")
_NOINDEX = ("X-Robots-Tag", "noindex")
_FOUND: Headers = (("Cache-Control", answers.RECORDED),)
_NOT_FOUND: Headers = (("Cache-Control", answers.RECORDED), _NOINDEX)
"""Of an unlisted recording: whoever has the address, but no search engine."""
_TICKETED: Headers = (("Cache-Control", BY_LISTENERS.media), _NOINDEX)
"""Kept by no cache on the way."""
_NOT_SHARED: Final = answers.refusal(TicketInvalid(), same_for_all=True)
_ENDED: Final = answers.refusal(TicketEnded())


class Site:
    """The edge as an application of the server."""

    def __init__(
        self,
        *,
        spaces: Spaces,
        shelf: Shelf,
        turnstile: Turnstile,
        streams: Streams,
        settings: Settings,
        clock: Clock,
    ) -> None:
        self._spaces = spaces
        self._at_hand = spaces.at_hand
        self._shelf = shelf
        self._turnstile = turnstile
        self._streams = streams
        self._settings = settings
        self._refusals = Refusals(settings)
        self._clock = clock
        self._shared: Holding[SpaceId] = Holding()
        self._read: Holding[SpaceId] = Holding()
        """Of recordings, to whoever asked without a ticket."""
        """What is open or held for caches, each of a space that is not private."""
        self._unnamed = count()
        """Of whom a cache names none: each is dealt the next lane."""
        self._beacon_s = BEACON_S if settings.behind_cache else 0
        self._pages: dict[str, Callable[[Documents, Request], bytes]] = {
            "live.json": lambda documents, _: documents.live_json(beacon_s=self._beacon_s),
            "index.m3u8": lambda documents, request: documents.multivariant(
                AAC, zipped=takes_gzip(request.headers)
            ),
            "opus.m3u8": lambda documents, request: documents.multivariant(
                OPUS, zipped=takes_gzip(request.headers)
            ),
            _MANIFEST: self._manifest,
        }
        self.documents = self._pages.keys()
        """What tells of a live programme as a whole."""

    def at_hand(self, path: str, _fields: bytes = b"") -> bytes | None:
        """Give who is here a live segment or part that lies ready; all else :meth:`respond` decides."""
        ticket, _, address = path[len(_TICKETED_AT) :].partition("/")
        found = self._at_hand.get(address)
        if found is None or not path.startswith(_TICKETED_AT):
            return None
        space, rendered = found
        return rendered if self._turnstile.again(ticket, space) else None

    def respond(self, request: Request, exchange: Exchange) -> None:
        """Answer one request. Raises the refusals of the error tree, but those that a person reads."""
        try:
            if request.method == "OPTIONS":
                exchange.send(answers.PREFLIGHT)
                return
            if request.method not in _READ:
                _check_method(request)
            match request.path.split("/", 4):
                case ["", "t", ticket, space, rest]:
                    self._ticketed(ticket, space, rest, request, exchange)
                case ["", "r", space, run, name] if request.method in _READ:
                    self._recording(space, run, name, request, exchange)
                case ["", "time"]:
                    exchange.send(self._told(utc(self._clock.utc_ns()), answers.TEXT))
                case ["", "healthz"]:
                    exchange.send(self._told('{"ok":true}', JSON))
                case _:
                    raise NotFound
        except RostraError as error:
            if exchange.begun or not is_page_wanted(request):
                raise
            exchange.send(self._refusals.answer(error, request))

    def shared(self, space: str, rest: str, request: Request, exchange: Exchange) -> None:
        """Answer a cache for all its listeners: what is live in a space that is not private.

        Endless streams and recordings are not answered here: nobody shares the first, and the others have
        addresses without a ticket. A private space is refused, which a cache may remember for a second:
        all its listeners then go on with their tickets at once.
        """
        state = self._spaces.state(space)
        if state.visibility is Visibility.PRIVATE:
            exchange.send(_NOT_SHARED)
            return
        programme = self._spaces.programme(state.space)
        if programme is None:
            raise NotFound("This conversation is not live.")
        self._of_programme(programme, rest, None, request, exchange)
        if not exchange.closed:
            self._shared.hold(exchange, state.space)

    def _ticketed(self, ticket: str, space: str, rest: str, request: Request, exchange: Exchange) -> None:
        if rest.startswith("r/"):
            run, _, name = rest[2:].partition("/")
            self._ticketed_recording(ticket, space, run, name, request, exchange)
            return
        state = self._spaces.state(space)
        try:
            listener = self._turnstile.admit(ticket, state.space, epoch=_live_epoch(state), lapses=True)
        except _TICKET_REFUSED as error:
            self._refuse_ticket(error, state.space, request, exchange)
            return
        programme = self._spaces.programme(state.space)
        if programme is None:
            raise NotFound("This conversation is not live.")
        try:
            hears = self._of_programme(programme, rest, listener, request, exchange)
        except Overloaded:
            self._turnstile.turn_away(listener)
            raise
        if not hears:
            self._turnstile.turn_away(listener)
        elif not exchange.closed:
            self._turnstile.hold(listener, exchange)

    def _of_programme(
        self,
        programme: Programme,
        rest: str,
        listener: Listener | None,
        request: Request,
        exchange: Exchange,
    ) -> bool:
        """Answer with what is the programme's; False where all that is heard is that no place is left."""
        match rest.split("/"):
            case [run, rendition, name] if run == programme.genesis.run:
                self._of_rendition(programme, rendition, name, listener, request, exchange)
            case ["beacon"] if listener is not None:
                if self._beacon_s:
                    self._turnstile.beacon(listener)
                exchange.send(answers.NOTED)
            case [name] if name in self._pages:
                exchange.send(self._pages[name](programme.documents, request))
                if name == _MANIFEST and listener is not None:
                    programme.told(listener.id)
            case [name] if listener and name in programme.radios and programme.ended_ns is None:
                wants_titles = request.headers.get(b"icy-metadata") == b"1"
                radio = programme.radios[name]
                if not radio.answer(exchange, wants_titles=wants_titles, lane=lane(listener.id)):
                    return False
                self._began(listener, RADIO, (0, 0), request, exchange)
            case _:
                raise NotFound
        return True

    def _of_rendition(
        self,
        programme: Programme,
        rendition: str,
        name: str,
        listener: Listener | None,
        request: Request,
        exchange: Exchange,
    ) -> None:
        of = programme.renditions.get(rendition)
        if of is None:
            raise NotFound
        finished = of.segments.finished.get(name)
        if finished is not None:
            portions.send(finished, exchange)
            return
        match name.split("."):
            case [numbers, "m4s"]:
                stretch = _stretch(numbers)
                goes_on = of.segments.stretch(
                    *stretch,
                    exchange,
                    http10=request.http10,
                    stalled=programme.stalled,
                    lane=lane(listener.id) if listener else next(self._unnamed) % LANES,
                    follower=None if "-" in numbers else listener.id if listener else b"",
                )
                if goes_on:
                    self._began(listener, rendition, stretch, request, exchange)
            case [number, part, "m4s"]:
                of.segments.part(_count(number), _count(part), exchange, stalled=programme.stalled)
            case ["live", "m3u8"]:
                of.playlist.answer(request.query, exchange, zipped=takes_gzip(request.headers))
            case ["plain", "m3u8"]:
                of.playlist.answer_plain(exchange, zipped=takes_gzip(request.headers))
            case ["init", "mp4"]:
                exchange.send(of.init())
            case _:
                raise NotFound

    def _began(
        self,
        listener: Listener | None,
        rendition: str,
        stretch: tuple[int, int],
        request: Request,
        exchange: Exchange,
    ) -> None:
        if listener is not None:
            stream = Stream(rendition, *stretch, trace(listener.id, request.peer))
            self._streams.began(listener.id, stream, exchange)

    def _recording(self, space: str, run: str, name: str, request: Request, exchange: Exchange) -> None:
        """Answer what is in the open: a released recording, unless its space is private."""
        state = self._known_recording(space, run)
        if state.is_held:
            raise RecordingHeld
        if state.visibility is Visibility.PRIVATE:
            self._refuse_ticket(TicketInvalid(), state.space, request, exchange)
            return
        found = _FOUND if state.visibility is Visibility.PUBLIC else _NOT_FOUND
        self._shelf.answer(space, run, name, request, exchange, kept=found)
        if not exchange.closed:
            self._read.hold(exchange, state.space)

    def _ticketed_recording(
        self, ticket: str, space: str, run: str, name: str, request: Request, exchange: Exchange
    ) -> None:
        """Answer a private or held recording. Its tickets come from the door, which has checked a pass."""
        state = self._known_recording(space, run)
        try:
            subject = recording_of(state.space, RunId(run))
            listener = self._turnstile.admit(ticket, subject, epoch=_recording_epoch(state))
        except _TICKET_REFUSED as error:
            self._refuse_ticket(error, state.space, request, exchange)
            return
        self._shelf.answer(space, run, name, request, exchange, kept=_TICKETED)
        if not exchange.closed:
            self._turnstile.hold(listener, exchange)

    def _known_recording(self, space: str, run: str) -> SpaceState:
        if not (is_id(space) and is_id(run)):
            raise NotFound("There is no recording at this address.")
        return self._spaces.recording(space, run)

    def take(self, state: SpaceState) -> None:
        """Control tells of a space anew: end what a ticket no longer opens, and what is no longer shared."""
        live, recorded = _live_epoch(state), _recording_epoch(state)
        ended = [] if live is None else self._turnstile.ended({state.space}, epoch=live)
        if recorded is not None and state.run is not None:
            ended += self._turnstile.ended({recording_of(state.space, state.run)}, epoch=recorded)
        _end(ended, _ENDED)
        if state.visibility is Visibility.PRIVATE:
            _end([each for each, space in self._shared.items() if space == state.space], _NOT_SHARED)
            _end([each for each, space in self._read.items() if space == state.space], _ENDED)

    def end_overdue(self) -> None:
        """End what is open on tickets whose time is over: an endless answer asks for nothing anew."""
        _end(self._turnstile.overdue(), _ENDED)

    def _refuse_ticket(self, error: NotAllowed, space: SpaceId, request: Request, exchange: Exchange) -> None:
        exchange.send(self._refusals.of_ticket(error, space, request))

    def refuse(self, error: RostraError, request: Request) -> bytes:
        """Render a refusal of the server, which may know little of the request; a cache reads no page."""
        if request.path.startswith(SHARED):
            return answers.refusal(error)
        return self._refusals.answer(error, request)

    def turn_away(self, request: Request) -> bytes:
        """Render the answer to somebody too many; a cache hands it to others, who came by other names."""
        if request.path.startswith(SHARED):
            return answers.refusal(Overloaded())
        return self._refusals.of_crowd(request)

    def _manifest(self, documents: Documents, request: Request) -> bytes:
        host = request.authority or "localhost"
        edge = as_set(self._settings.edge_url) or f"{self._settings.scheme}://{host}"
        folder = request.path.rpartition("/")[0]
        base_uri, time_uri = f"{edge}{folder}/", f"{edge}/time"
        if request.path.startswith(SHARED):
            base_uri, time_uri = "", f"{as_set(self._settings.edge_url)}/time"
        return documents.manifest(base_uri=base_uri, time_uri=time_uri, zipped=takes_gzip(request.headers))

    def _told(self, text: str, kind: str) -> bytes:
        return answers.whole(text.encode(), kind, answers.NEVER, date_s=self._clock.utc_ns() / 1e9)


def _check_method(request: Request) -> None:
    """Raise MethodNotAllowed for what neither reads nor says that somebody listens."""
    allowed = ("GET", "HEAD", "POST", "OPTIONS") if request.path.endswith("/beacon") else _ALLOWED
    if request.method not in allowed:
        raise MethodNotAllowed(allow=", ".join(allowed))


def _end(open_or_held: Iterable[Exchange], refusal: bytes) -> None:
    """Drop those that have begun, and refuse the others."""
    for exchange in open_or_held:
        if exchange.begun:
            exchange.drop()
        else:
            exchange.send(refusal)


def _live_epoch(state: SpaceState) -> int | None:
    """The epoch that tickets to the live programme must be of, if any."""
    return state.pass_epoch if state.visibility is Visibility.PRIVATE else None


def _recording_epoch(state: SpaceState) -> int | None:
    """The same of the recording, which whoever may see a public space does not hear while it is held."""
    return state.pass_epoch if state.is_held else _live_epoch(state)


def _stretch(text: str) -> tuple[int, int]:
    """Read ``{first}-{last}``, or the number of one segment."""
    first, dash, last = text.partition("-")
    return _count(first), _count(last if dash else first)


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > _MOST_DIGITS:
        raise NotFound
    return int(text)
