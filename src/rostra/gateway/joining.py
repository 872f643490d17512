"""Joining at the door: a ticket for whoever may come in, a place in line for everybody else.

Reads what a page brings, within limits; asks the room; signs the answer. Nobody who may see the space is
refused: what cannot be understood is passed over, and gets a new place.
"""

from __future__ import annotations

import base64
import binascii
import secrets
from collections.abc import Callable
from hashlib import blake2b
from typing import Final, TypeVar

import msgspec
from msgspec import structs

from rostra.admission.entering import is_drawn, line_of
from rostra.admission.join import Terms, decide_hearing, decide_join
from rostra.admission.line import Verdict
from rostra.admission.moving import listener_in, ticket_from
from rostra.admission.places import Place, give, named, read
from rostra.admission.polling import SOON_MS
from rostra.admission.room import Kind
from rostra.admission.tickets import Keyring, Ticket, mint, new_listener
from rostra.bus.messages import Lifecycle, SpaceState
from rostra.core.errors import BodyTooLarge, Unavailable
from rostra.gateway.askers import Askers
from rostra.gateway.directory import Entry
from rostra.gateway.in_line import InLine, Telling, unplaced
from rostra.gateway.prefixes import prefix_of
from rostra.gateway.rooms import Rooms
from rostra.gateway.tickets_out import Called
from rostra.gateway.waiting_room import WaitingRoom

MAX_BYTES: Final = 1_024
NONCE_BYTES: Final = 16


class Ask(msgspec.Struct, frozen=True):
    """What a page brings; all of it may be missing."""

    nonce: str = ""
    """Base64url: the page's part of its entry in the draw."""
    place: str = ""
    """What it got before."""
    reserved: str = ""
    """The reserved link that it came by."""
    moved: str = ""
    """The ticket to a space that has moved here, by which it is inside there."""


class Admitted(msgspec.Struct, frozen=True):
    """Come in."""

    ticket: str


Answer = Callable[[Admitted | InLine], None]
Of = TypeVar("Of")


class Joining:
    """Of one door process."""

    def __init__(
        self, rooms: Rooms, askers: Askers, *, terms: Terms, per_prefix: int, now_ms: Callable[[], int]
    ) -> None:
        self._rooms = rooms
        self._askers = askers
        self._telling = Telling(rooms, askers)
        self._terms = terms
        self._per_prefix = per_prefix
        self._now_ms = now_ms

    def join(self, entry: Entry, body: bytes, peer: str, keyring: Keyring, answer: Answer) -> None:
        """Let somebody in, or give them a place, now or at the next turn. BodyTooLarge.

        Unavailable where a place could not be written down: no place is told that a kill would lose.
        """
        ask = _read(body)
        self._asked()
        room = self._room(entry)
        if ask.moved and self._comes_along(entry, ask, keyring, answer):
            return
        place = self._place(entry, room, ask)
        if ask.reserved:
            answer = self._telling_of_link(entry, room, ask.reserved, answer)
        if place is not None:
            self._again(entry, room, place, ask, peer, keyring, answer)
        else:
            self._rooms.counted["came"] += 1
            self._newcomer(entry, room, ask, peer, keyring, answer)

    def at_once(self, entry: Entry, body: bytes, peer: str, keyring: Keyring) -> Admitted | InLine | None:
        """Let a newcomer in, or give them a place in line, who brings nothing else, as nearly all of a crowd.

        None, and nothing has happened, where there may be more to it: that is for :meth:`join`.
        """
        state = entry.state
        if state.lifecycle is not Lifecycle.LIVE or state.moved_from or len(body) > MAX_BYTES:
            return None
        try:
            room = self._rooms.of(entry)
            if not room.drawn or not _is_news(_read(body)):
                return None
            prefix = prefix_of(peer)
            if self._go_straight(room, prefix):
                told: Admitted | InLine = Admitted(self._ticket(entry, keyring))
            else:
                room.catch_up()
                line = self._line_of(room.prefixes.entered(prefix))
                told = self._stand(entry, room, line, prefix)
        except (OSError, Unavailable):
            return None
        self._asked()
        self._rooms.counted["came"] += 1
        return told

    def straight_in(self, entry: Entry, peer: str, keyring: Keyring) -> str | None:
        """Return a ticket for a program that holds no place; None when it has to come again."""
        self._asked()
        self._rooms.counted["came"] += 1
        room = self._room(entry)
        return self._ticket(entry, keyring) if self._go_straight(room, prefix_of(peer)) else None

    def lets_straight(self, entry: Entry, peer: str) -> bool:
        """Whether a program would get a ticket now, for whoever asks just that: takes no place."""
        room = self._room(entry)
        line = self._line_of(room.prefixes.entered(prefix_of(peer)))
        return self._rooms.has_room and room.lets_straight(line)

    def to_hear(self, entry: Entry, keyring: Keyring, *, until_s: int) -> Admitted:
        """Let somebody in who hears what was reported, by a pass that ends at ``until_s``.

        They come past any line and are in no count, so that nobody waits for them either.
        """
        ticket = decide_hearing(
            entry.state.space,
            listener=new_listener(),
            terms=self._terms,
            now_s=self._now_ms() // 1000,
            end_s=until_s,
            epoch=entry.state.pass_epoch,
        )
        return Admitted(mint(keyring, ticket))

    def _room(self, entry: Entry) -> WaitingRoom:
        """Return a space's room; whoever waited in one that moved here stands before whoever comes now."""
        room = self._rooms.of(entry)
        self._rooms.moves_in.take_in(entry, room)
        return room

    def _asked(self) -> None:
        self._rooms.counted["asked"] += 1
        self._askers.joined()

    def _comes_along(self, entry: Entry, ask: Ask, keyring: Keyring, answer: Answer) -> bool:
        """Let somebody in who is inside a space that has moved here: their seat comes along.

        Whether there was an answer: who brings the ticket of somebody who has left joins as others do.
        """
        if entry.state.lifecycle is not Lifecycle.LIVE:
            return False
        states = [source.state for source in self._rooms.moves_in.sources(entry)]
        epochs = [(state.space, state.pass_epoch) for state in states]
        theirs = ticket_from(keyring, ask.moved, epochs, now_s=self._now_ms() // 1000)
        if theirs is None:
            return False
        tickets, listener = self._rooms.tickets, listener_in(entry.state.space, theirs.listener)
        if tickets.holds(listener):
            answer(Admitted(self._same_ticket(entry, keyring, listener)))
        elif tickets.has_seat(theirs.listener):
            if not self._rooms.admits_moved(entry):
                return False
            self._rooms.release(theirs.listener, theirs.space)
            answer(Admitted(self._ticket(entry, keyring, listener=listener)))
        elif not tickets.here.is_whole:
            answer(unplaced(Kind.FIRST, again_ms=SOON_MS, reason="restarted"))
        else:
            return False
        return True

    def _place(self, entry: Entry, room: WaitingRoom, ask: Ask) -> Place | None:
        """The place that a page brings; None where it counts for nothing here."""
        if not ask.place:
            return None
        here = entry.state.space
        space = named(ask.place, (here, *entry.state.moved_from))
        if space is None:
            return None
        key = room.key if space == here else room.taken_in.keys.get(space)
        if key is None:
            if room.taken_in.has(space):
                raise Unavailable  # What its journal says is still being read.
            return None
        place = read(key, ask.place, space=space)
        if place is None or (space != here and room.number(place) is None):
            return None
        if place.line is Kind.RESERVED and not self._still_counts(entry, room, place):
            return None  # Its link was taken back: another place, at the end.
        return place

    def _newcomer(
        self, entry: Entry, room: WaitingRoom, ask: Ask, peer: str, keyring: Keyring, answer: Answer
    ) -> None:
        reserved = self._rooms.orders.reserved(entry.state.space, ask.reserved) if ask.reserved else None
        if reserved is not None and self._in_use(room, reserved.link) < reserved.places:
            self._by_link(entry, room, reserved.link, keyring, answer)
            return
        prefix = prefix_of(peer)
        if entry.state.lifecycle is Lifecycle.LIVE and self._go_straight(room, prefix):
            answer(Admitted(self._ticket(entry, keyring)))
            return
        _written(room.catch_up)
        before = room.prefixes.entered(prefix)
        line = self._line_of(before)
        if not (room.drawn or _enters_draw(room, line, before=before)):
            self._rooms.refused["undrawn"] += 1
            answer(self._telling.undrawn(line))
            return
        nonce = b"" if room.drawn else _nonce(ask.nonce)
        answer(_written(lambda: self._stand(entry, room, line, prefix, nonce)))

    def _stand(self, entry: Entry, room: WaitingRoom, line: Kind, prefix: str, nonce: bytes = b"") -> InLine:
        """Give somebody a place at the end of a line, or in a draw that is open. OSError."""
        entered = room.enter(line, nonce, now_ms=self._now_ms())
        room.prefixes.enter(prefix)
        told = self._placed(entry, room, entered.place)
        if not entered.place.entry:
            return told
        return structs.replace(
            told,
            id=entered.place.entry.hex(),
            index=entered.index,
            server_nonce=_text(entered.server_nonce),
        )

    def _placed(self, entry: Entry, room: WaitingRoom, place: Place) -> InLine:
        """What somebody is told who has just been given a place; counts them."""
        reason = self._why(entry.state, room)
        self._rooms.counted["placed"] += 1
        self._rooms.refused[reason] += 1
        return self._telling.in_line(room, place, give(room.key, place), reason=reason)

    def _go_straight(self, room: WaitingRoom, prefix: str) -> bool:
        """Whether somebody comes in without standing in line, who counts for their network then."""
        if room.straight.is_spent:  # As it is for nearly all of a crowd.
            return False
        line = self._line_of(room.prefixes.entered(prefix))
        if not (self._rooms.has_room and room.go_straight(line)):
            return False
        room.prefixes.enter(prefix)
        return True

    def _line_of(self, before: int) -> Kind:
        return line_of(before, per_prefix=self._per_prefix)

    def _by_link(
        self, entry: Entry, room: WaitingRoom, link: bytes, keyring: Keyring, answer: Answer
    ) -> None:
        """Somebody comes by a reserved link that has places left."""
        if entry.state.lifecycle is Lifecycle.LIVE and room.go_straight(Kind.RESERVED):
            answer(Admitted(self._ticket(entry, keyring, link=link)))
            return
        now_ms = self._now_ms()
        place = _written(lambda: room.enter_by_link(link, now_ms=now_ms)).place
        answer(self._placed(entry, room, place))

    def _telling_of_link(self, entry: Entry, room: WaitingRoom, text: str, answer: Answer) -> Answer:
        """Have whoever came by a link be told why they do not wait in its line."""

        def tell(told: Admitted | InLine) -> None:
            if isinstance(told, InLine):
                taken = 0 if told.line is Kind.RESERVED else self._taken(entry, room, text)
                told = structs.replace(told, link_places=taken)
            answer(told)

        return tell

    def _taken(self, entry: Entry, room: WaitingRoom, text: str) -> int:
        """How many places a reserved link has, where none is left; 0 where it counts for nothing too."""
        reserved = self._rooms.orders.reserved(entry.state.space, text)
        if reserved is None or self._in_use(room, reserved.link) < reserved.places:
            return 0
        return reserved.places

    def _in_use(self, room: WaitingRoom, link: bytes) -> int:
        return room.waiting_by_link(link) + self._rooms.tickets.inside_by_link(link)

    def _still_counts(self, entry: Entry, room: WaitingRoom, place: Place) -> bool:
        link, order = room.link_of(place), self._rooms.orders.of(entry.state.space)
        return bool(order.reserved) and (not link or link in order.links)

    def _again(
        self,
        entry: Entry,
        room: WaitingRoom,
        place: Place,
        ask: Ask,
        peer: str,
        keyring: Keyring,
        answer: Answer,
    ) -> None:
        number = room.number(place)
        if number is None or entry.state.lifecycle is not Lifecycle.LIVE:
            if number is None and room.drawn:  # Its entry is not in the log: another evening's.
                self._newcomer(entry, room, ask, peer, keyring, answer)
            else:
                answer(self._telling.in_line(room, place, ask.place, reason=self._why(entry.state, room)))
            return
        if self._is_awaited(entry, room, place, number):
            told = self._telling.in_line(room, place, ask.place, reason=self._why(entry.state, room))
            answer(structs.replace(told, called=False))
            return
        link, listener = room.link_of(place), _listener(ask.place)
        if place.space != room.space:
            listener = listener_in(room.space, listener)
        if self._rooms.tickets.holds(listener):  # The answer was lost, or the page was loaded anew.
            answer(Admitted(self._same_ticket(entry, keyring, listener)))
            return

        def judged(verdict: Verdict) -> None:
            if verdict is Verdict.ADMITTED:
                called = Called(place.line, number)
                answer(Admitted(self._ticket(entry, keyring, listener=listener, called=called, link=link)))
            elif verdict is Verdict.USED and (
                self._is_awaited(entry, room, place, number) or not self._rooms.tickets.here.is_whole
            ):
                answer(self._telling.in_line(room, place, ask.place, reason="owed"))
            elif verdict in (Verdict.TOO_LATE, Verdict.USED):
                try:
                    self._newcomer(entry, room, Ask(reserved=ask.reserved), peer, keyring, answer)
                except Unavailable:  # They bring the old one again, for a new one then.
                    answer(self._telling.in_line(room, place, ask.place, reason="full"))
            else:
                reason = "owed" if verdict is Verdict.OWED else self._why(entry.state, room)
                answer(self._telling.in_line(room, place, ask.place, reason=reason, least_ms=SOON_MS))

        room.claim(place.line, number, judged)

    def _is_awaited(self, entry: Entry, room: WaitingRoom, place: Place, number: int) -> bool:
        """Whether a place has gone along to where its space goes on, and its page is yet to follow."""
        return number in room.sent_on.get(place.line, ()) and self._rooms.moves_in.is_awaited(entry)

    def _ticket(
        self,
        entry: Entry,
        keyring: Keyring,
        *,
        listener: bytes = b"",
        called: Called | None = None,
        link: bytes = b"",
    ) -> str:
        """Return a ticket for somebody who comes straight in, or for a listener who was ``called``."""
        listener = listener or new_listener()
        ticket = self._decided(entry, listener)
        self._rooms.joined(entry, listener, until_s=ticket.admit_by_s, called=called, link=link)
        return mint(keyring, ticket)

    def _same_ticket(self, entry: Entry, keyring: Keyring, listener: bytes) -> str:
        """Return the ticket of somebody who has their place still: it fills no other, and for no longer."""
        ticket, until_s = self._decided(entry, listener), self._rooms.tickets.until_s(listener)
        return mint(keyring, ticket if until_s is None else structs.replace(ticket, admit_by_s=until_s))

    def _decided(self, entry: Entry, listener: bytes) -> Ticket:
        return decide_join(
            entry.state.space,
            listener=listener,
            terms=self._terms,
            now_s=self._now_ms() // 1000,
            epoch=entry.state.pass_epoch,
        )

    def _why(self, state: SpaceState, room: WaitingRoom) -> str:
        """Why somebody waits in line; ``pace``: there is room for all who do, and the rate lets them in."""
        if state.lifecycle is not Lifecycle.LIVE:
            return "before_start"
        return "pace" if room.all_fit and not self._rooms.occupancy.is_full else "full"


def _enters_draw(room: WaitingRoom, line: Kind, *, before: int) -> bool:
    """Whether a draw that is to come takes one more; ``before``: how many came from their network."""
    first, second, _ = room.waiting_by_line
    return not room.closed and is_drawn(line, before=before, first=first, second=second)


def _written(write: Callable[[], Of]) -> Of:
    """Return what is written down; Unavailable where it could not be."""
    try:
        return write()
    except OSError as error:
        raise Unavailable from error


def _is_news(ask: Ask) -> bool:
    """Whether somebody brings nothing of an earlier visit, nor a link that would put them elsewhere."""
    return not (ask.place or ask.reserved or ask.moved)


def _read(body: bytes) -> Ask:
    if len(body) > MAX_BYTES:
        raise BodyTooLarge
    try:
        return msgspec.json.decode(body, type=Ask) if body else Ask()
    except msgspec.MsgspecError:
        return Ask()


def _nonce(text: str) -> bytes:
    """The page's own nonce; one of ours where it brought none that is usable."""
    try:
        nonce = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        nonce = b""
    return nonce if NONCE_BYTES <= len(nonce) <= 4 * NONCE_BYTES else secrets.token_bytes(NONCE_BYTES)


def _listener(place: str) -> bytes:
    """The id of whoever is let in by a place: one listener, however often the answer is lost."""
    return blake2b(place.encode(), digest_size=8, person=b"rostra.listener").digest()


def _text(nonce: bytes) -> str:
    return base64.urlsafe_b64encode(nonce).decode().rstrip("=")
