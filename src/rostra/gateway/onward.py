"""Where a space that has moved goes on, and which spaces go on in one. Pure.

Names nothing that its own page would not tell to everybody: of a private space not even the title, and no
unlisted one on a page that search engines find.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from rostra.bus.messages import Lifecycle, SpaceState, Visibility
from rostra.core import words
from rostra.core.ids import SpaceId
from rostra.gateway.directory import Directory
from rostra.gateway.origins import Origins

STAY = "stay"
"""In a query: show this page though the space has moved."""
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
    """Its lifecycle."""


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


def moved_to(state: SpaceState, to: Onward, origins: Origins) -> Elsewhere | None:
    """Return where ``state`` goes on, for its page and status."""
    target = to(state)
    return _named(target, origins.event(target.space)) if target is not None else None


def moved_from(state: SpaceState, directory: Directory, origins: Origins) -> tuple[Elsewhere, ...]:
    """Return what goes on in ``state``, as far as its page may name it."""
    known = (directory.entry(space).state for space in state.moved_from if space in directory)
    return tuple(
        _named(source, f"{origins.event(source.space)}?{STAY}")
        for source in known
        if source.visibility is Visibility.PUBLIC
        or (source.visibility is Visibility.UNLISTED and state.visibility is not Visibility.PUBLIC)
    )


def _named(state: SpaceState, url: str) -> Elsewhere:
    title = "" if state.visibility is Visibility.PRIVATE else state.title
    return Elsewhere(state.space, title, url, state.lifecycle.value)


def moved_text(target: SpaceState | None, language: str) -> str:
    """That it goes on elsewhere, as feeds and calendars say it; empty if it does not."""
    if target is None:
        return ""
    if target.visibility is Visibility.PRIVATE:
        return words.say(language, "door.moved_to.private")
    return words.say(language, "door.moved_to", title=target.title)
