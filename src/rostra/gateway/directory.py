"""What the door knows: the site, every space, who is on its stage, how many listen, and keys.

Fed from the bus, read by pages. Holds what it was told last for as long as nobody says otherwise,
so that a bus that is away changes nothing. Never asks anybody, never renders.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from rostra.admission.tickets import Keyring, TicketKey
from rostra.bus.messages import (
    Asking,
    Audience,
    FloorState,
    HostState,
    Lifecycle,
    PassKeys,
    Removed,
    SiteState,
    SpaceState,
    StageReport,
    TicketKeys,
)
from rostra.core.clock import Clock
from rostra.core.errors import Unavailable, UnknownSpace
from rostra.core.ids import AccountId, SpaceId
from rostra.gateway.errors import SpaceHidden

AUDIENCE_STALE_NS = 15_000_000_000
"""An edge worker that has said nothing for so long is gone, and its listeners with it."""
MOST_HIDDEN = 4096
"""Hidden spaces whose reason is kept; beyond, the oldest is unknown."""
MOST_EARLY = 1024
"""Reports kept for spaces that are not known yet; beyond, the oldest goes."""


@dataclass(slots=True)
class Entry:
    """One space as last heard of."""

    state: SpaceState
    report: StageReport | None = None
    counts: dict[int, tuple[int, int]] = field(default_factory=dict)
    """Edge worker → (listeners, monotonic ns when heard)."""
    estimated: bool = False
    """Whether those are estimates."""
    cadence: int = 1
    """How much audio one write of the edge carries, or soon will."""
    turn: int = 0
    """Rises with every change that pages should not be a second late to show."""
    asked: dict[str, Asking] = field(default_factory=dict)
    """Requests to speak, and where each stands."""


class Directory:
    """All spaces by id. Values of a space that is not (or no longer) known are dropped."""

    def __init__(self, *, clock: Clock, site_name: str = "Rostra") -> None:
        self._clock = clock
        self.site = SiteState(name=site_name)
        """As the settings name it until backstage says more."""
        self._entries: dict[SpaceId, Entry] = {}
        self._live: dict[SpaceId, Entry] = {}
        """Of those, the live ones: a site has published many more, and the rooms ask at every turn."""
        self._hosts: dict[AccountId, HostState] = {}
        self._early: dict[SpaceId, StageReport] = {}
        self._hidden: dict[SpaceId, str] = {}
        """Why an operator hid a space; the oldest is forgotten first."""
        self.turn = 0
        """Rises whenever the turn of a space does, and when one comes or goes."""
        self.keyring: Keyring | None = None
        """None until the supervisor's keys are in."""
        self.pass_keyring: Keyring | None = None
        """Keys of passes to private spaces; None until they are in."""
        self.complete = False
        """Whether every space there is has been heard of, so that an unknown one does not exist."""
        self.waited = False
        """Whether visitors are answered of what is known, though there may be more."""

    @property
    def ready(self) -> bool:
        """Whether visitors can be answered."""
        return (self.complete or self.waited) and self.keyring is not None

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._entries.values())

    def __contains__(self, space: object) -> bool:
        return space in self._entries

    def entry(self, space: str) -> Entry:
        """Return what is known of ``space``, any text at all; UnknownSpace, SpaceHidden.

        Unavailable where it is unknown and there may be spaces that nobody has told of.
        """
        entry = self._entries.get(SpaceId(space))
        if entry is not None:
            return entry
        hidden = self._hidden.get(SpaceId(space))
        if hidden is not None:
            raise SpaceHidden.because(hidden)
        raise UnknownSpace if self.complete else Unavailable

    def listeners(self, entry: Entry) -> int:
        """Sum the listeners of all edge workers that still report."""
        now_ns = self._clock.monotonic_ns()
        return sum(
            count for count, heard_ns in entry.counts.values() if now_ns - heard_ns <= AUDIENCE_STALE_NS
        )

    def host(self, account: AccountId) -> HostState:
        """Return what a host says about themselves; nothing, for one who does not."""
        return self._hosts.get(account) or HostState(host=account)

    def live(self) -> list[Entry]:
        """Return the spaces that are live now."""
        return list(self._live.values())

    def take_state(self, value: SpaceState | Removed) -> None:
        """Note a space's new state, or that it is gone."""
        self.turn += 1
        if isinstance(value, Removed):
            self._entries.pop(value.space, None)
            self._live.pop(value.space, None)
            self._early.pop(value.space, None)
            self._take_hidden(value)
            return
        self._hidden.pop(value.space, None)
        entry = self._entries.get(value.space)
        if entry is None:
            entry = self._entries[value.space] = Entry(value, self._early.pop(value.space, None))
        else:
            entry.state = value
            entry.turn += 1
        if value.lifecycle is Lifecycle.LIVE:
            self._live[value.space] = entry
        else:
            self._live.pop(value.space, None)

    def take_report(self, value: StageReport) -> None:
        """Note who is on a stage. A report may come ahead of its space's state."""
        entry = self._entries.get(value.space)
        if entry is None:
            self._early[value.space] = value
            if len(self._early) > MOST_EARLY:
                del self._early[next(iter(self._early))]
        else:
            entry.report = value

    def take_floor(self, value: FloorState) -> None:
        """Note where requests to speak stand; of a space not known yet, backstage tells again."""
        entry = self._entries.get(value.space)
        if entry is not None:
            entry.asked = {asked.request: asked.state for asked in value.requests}

    def _take_hidden(self, value: Removed) -> None:
        self._hidden.pop(value.space, None)
        if value.reason:
            self._hidden[value.space] = value.reason
            if len(self._hidden) > MOST_HIDDEN:
                del self._hidden[next(iter(self._hidden))]

    def take_audience(self, value: Audience) -> None:
        """Note one edge worker's count. Repeated every few seconds, so an early one may be dropped."""
        entry = self._entries.get(value.space)
        if entry is not None:
            entry.turn += (self.listeners(entry) == 0) != (value.listeners == 0)
            entry.estimated, entry.cadence = value.estimated, value.cadence
            entry.counts[value.worker] = (value.listeners, self._clock.monotonic_ns())

    def take_host(self, value: HostState) -> None:
        """Note what a host says about themselves."""
        self.turn += 1
        self._hosts[value.host] = value

    def take_site(self, value: SiteState) -> None:
        """Note how the site is called and what it says about itself."""
        self.turn += 1
        self.site = value

    def take_pass_keys(self, value: PassKeys) -> None:
        """Note the keys that passes are signed with, newest first; an empty list is ignored."""
        if value.keys:
            self.pass_keyring = Keyring(tuple(TicketKey(number, secret) for number, secret in value.keys))

    def take_keys(self, value: TicketKeys) -> None:
        """Note the keys that sign tickets, newest first; an empty list is ignored."""
        if value.keys:
            self.keyring = Keyring(tuple(TicketKey(number, secret) for number, secret in value.keys))
