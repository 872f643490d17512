"""When the door signs with a new key, and how long the older ones are still accepted. Pure.

Everybody knows a key before it signs, so that no ticket ever meets an edge that has not heard of its
key; and a key is kept for as long as a ticket that it signed can live.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from rostra.admission.tickets import Keyring, TicketKey

AHEAD_S = 15
"""A new key is known for this long before it signs."""
SLACK_S = 120
"""A door that hears late that a key is to be used no more has this long to stop."""
_NUMBERS = 256


@dataclass(frozen=True, slots=True)
class DatedKey:
    """A key and when it was made, in whole seconds UTC."""

    key: TicketKey
    born_s: int


def turned(
    keys: tuple[DatedKey, ...], *, now_s: int, every_s: int, life_s: int, draw: Callable[[], bytes]
) -> tuple[DatedKey, ...]:
    """Return the keys as they are to be now, newest first.

    A new one comes in once the newest is ``every_s`` old (0: never), made from ``draw()``; those whose last
    ticket has ended go. Without a free number (256 keys still in use) the newest stays on. A birth in
    the future, from a clock that was wrong, counts as now.
    """
    kept = _in_use([replace(each, born_s=min(each.born_s, now_s)) for each in keys], now_s - life_s)
    due = not kept or 0 < every_s <= now_s - kept[0].born_s
    number = _free_number(kept)
    if not due or number is None:
        return kept
    return (DatedKey(TicketKey(number, draw()), now_s), *kept)


def keyring(keys: tuple[DatedKey, ...], *, now_s: int) -> Keyring:
    """Return the keys with the one that signs first: the newest that all know by now."""
    known = [each for each in keys if now_s - each.born_s >= AHEAD_S]
    signing = known[0] if known else keys[-1]
    return Keyring((signing.key, *(each.key for each in keys if each is not signing)))


def _in_use(keys: list[DatedKey], ended_s: int) -> tuple[DatedKey, ...]:
    """Drop each key whose successor took over so long ago that its tickets have ended."""
    successors = [None, *keys[:-1]]
    return tuple(
        each
        for each, successor in zip(keys, successors, strict=False)
        if successor is None or successor.born_s + AHEAD_S + SLACK_S >= ended_s
    )


def _free_number(keys: tuple[DatedKey, ...]) -> int | None:
    taken = {each.key.number for each in keys}
    newest = keys[0].key.number if keys else 0
    following = ((newest + step) % _NUMBERS for step in range(1, _NUMBERS))
    return next((number for number in following if number not in taken), None)
