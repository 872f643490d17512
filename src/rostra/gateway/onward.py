"""Where a space that has moved goes on, and which spaces go on in one. Pure.

Names nothing that its own page would not tell to everybody: of a private space not even the title, and no
unlisted one on a page or in a feed that search engines find. Whoever is at the old space is led on all the
same: by its address, which answers with the other, and by its status, which open pages ask for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from rostra.bus.messages import Lifecycle, SpaceState, Visibility
from rostra.core import words
from rostra.core.addresses import STAY
from rostra.core.ids import SpaceId
from rostra.gateway.directory import Directory
from rostra.gateway.origins import Origins

UNFINISHED = frozenset({Lifecycle.SCHEDULED, Lifecycle.LOBBY, Lifecycle.LIVE})

Onward = Callable[[SpaceState], SpaceState | None]
"""Where a space goes on; None where it goes on where it is."""


class Elsewhere(msgspec.Struct, frozen=True):
    """Another space, as a page names it."""

    space: SpaceId
    title: str
    """Empty where it is not for everybody to know."""
    url: str
    state: str
    """Its lifecycle; empty as well."""


@dataclass(frozen=True, slots=True)
class WayOn:
    """What a page says of where it goes on."""

    said: str
    href: str
    """Empty where nobody is led on any more to what the page may not name."""
    is_named: bool


def nowhere(_: SpaceState) -> None:
    """Nobody has moved."""


def onward(directory: Directory) -> Onward:
    """Return what says where a space goes on; one that nobody knows (any more) is nowhere."""

    def target(state: SpaceState) -> SpaceState | None:
        if state.moved_to is None or state.moved_to not in directory:
            return None
        return directory.entry(state.moved_to).state

    return target


def leads_on(state: SpaceState, to: Onward) -> SpaceState | None:
    """Where the address of ``state`` leads: where it goes on, until that is over."""
    target = to(state)
    return target if target is not None and target.lifecycle in UNFINISHED else None


def may_name(other: SpaceState, on: SpaceState) -> bool:
    """Whether all who may see ``on`` may know ``other`` by name and address."""
    if other.visibility is Visibility.UNLISTED:
        return on.visibility is not Visibility.PUBLIC
    return other.visibility is Visibility.PUBLIC


def moved_to(state: SpaceState, to: Onward, origins: Origins) -> Elsewhere | None:
    """Return where ``state`` goes on, for its status: whoever asks is to follow, so the address is there."""
    target = to(state)
    if target is None:
        return None
    url = origins.event(target.space)
    return _named(target, url) if may_name(target, state) else Elsewhere(target.space, "", url, "")


def way_on(state: SpaceState, to: Onward, origins: Origins, language: str) -> WayOn | None:
    """Return the same for its page, whose own address leads on to what it may not name."""
    target = to(state)
    if target is None:
        return None
    said, named = moved_text(state, target, language), may_name(target, state)
    follows = named or target.lifecycle in UNFINISHED
    return WayOn(said, origins.event(found_at(state, target)) if follows else "", named)


def found_at(state: SpaceState, target: SpaceState | None) -> SpaceId:
    """Return the space whose address feeds and calendars name for ``state``."""
    return target.space if target is not None and may_name(target, state) else state.space


def moved_from(state: SpaceState, directory: Directory, origins: Origins) -> tuple[Elsewhere, ...]:
    """Return what goes on in ``state``, as far as its page may name it."""
    known = (directory.entry(space).state for space in state.moved_from if space in directory)
    return tuple(
        _named(source, f"{origins.event(source.space)}?{STAY}") for source in known if may_name(source, state)
    )


def _named(state: SpaceState, url: str) -> Elsewhere:
    return Elsewhere(state.space, state.title, url, state.lifecycle.value)


def moved_text(state: SpaceState, target: SpaceState | None, language: str) -> str:
    """That ``state`` goes on elsewhere, as pages, feeds and calendars say it; empty if it does not."""
    if target is None:
        return ""
    if target.visibility is Visibility.PRIVATE:
        return words.say(language, "door.moved_to.private")
    if not may_name(target, state):
        return words.say(language, "door.moved_to.elsewhere")
    return words.say(language, "door.moved_to", title=target.title)
