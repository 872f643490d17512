"""What tickets and places of a space are worth where it goes on."""

from __future__ import annotations

from rostra.admission.moving import Block, TakenIn, listener_in, ticket_from
from rostra.admission.places import Place
from rostra.admission.room import Kind
from rostra.admission.tickets import Keyring, Ticket, TicketKey, mint, space_tag
from rostra.core.ids import SpaceId

OLD, OTHER, NEW = SpaceId("oldold2222"), SpaceId("other22222"), SpaceId("newnew2222")
KEYRING = Keyring((TicketKey(1, b"k" * 32),))
NOW_S = 1_700_000_000
ANN = b"ann....."


def ticket(space: SpaceId = OLD, *, end_s: int = NOW_S + 60, epoch: int = 0) -> str:
    return mint(KEYRING, Ticket(space, ANN, rank=0, edge=0, admit_by_s=0, end_s=end_s, epoch=epoch))


def test_a_ticket_counts_only_of_a_space_that_moved_here_and_while_it_holds() -> None:
    def found(text: str, *sources: tuple[SpaceId, int]) -> Ticket | None:
        return ticket_from(KEYRING, text, sources, now_s=NOW_S)

    read = found(ticket(), (OTHER, 0), (OLD, 0))
    assert read is not None
    assert (read.space, read.listener) == (OLD, ANN)
    assert found(ticket(), (OTHER, 0)) is None
    assert found(ticket()) is None
    assert found(ticket(end_s=NOW_S - 1), (OLD, 0)) is None
    assert found(ticket(epoch=1), (OLD, 2)) is None
    assert found("nonsense", (OLD, 0)) is None


def test_a_listener_is_always_the_same_one_there_and_another_elsewhere() -> None:
    assert listener_in(NEW, ANN) == listener_in(NEW, ANN)
    assert len({ANN, listener_in(NEW, ANN), listener_in(OTHER, ANN), listener_in(NEW, b"ben.....")}) == 4


def test_numbers_of_a_block_keep_their_order_and_others_have_none() -> None:
    block = Block(first=7, count=3, here=20)
    assert [block.number(theirs) for theirs in (6, 7, 8, 9, 10)] == [None, 20, 21, 22, None]


def test_a_place_counts_once_its_line_was_taken_in_and_in_the_same_line_alone() -> None:
    taken_in = TakenIn()
    place = Place(space=OLD, line=Kind.FIRST, entered_s=0, number=7)
    taken_in.add(space_tag(OLD), Kind.FIRST, Block(first=7, count=3, here=20))
    assert taken_in.has(OLD)
    assert not taken_in.has(OTHER)
    assert taken_in.number(place) is None, "nobody says yet which numbers its drawn places have"
    taken_in.sources[OLD] = lambda place: place.number
    assert taken_in.number(place) == 20
    assert taken_in.number(Place(space=OLD, line=Kind.SECOND, entered_s=0, number=7)) is None
