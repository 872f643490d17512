"""The spaces this worker knows, and the programme of each that is live or was a moment ago.

Control's states come in; programmes are opened, followed and let go. Knows nothing of requests.
When the bus is away, what was last heard holds. What goes wrong in one space costs no other anything.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import structlog

from rostra.bus.messages import Lifecycle, Removed, SpaceState, Visibility
from rostra.core.clock import Clock
from rostra.core.errors import NotFound, RecordingDeleted, RostraError, UnknownSpace
from rostra.core.ids import SpaceId
from rostra.core.pace import Pace
from rostra.edge.finished import AtHand
from rostra.edge.lateness import BOUNDS_MS
from rostra.edge.pace import Pacing
from rostra.edge.programme import Programme
from rostra.edge.radio import ENOUGH, RadioPlaces
from rostra.serving.broadcast import ONE_BY_ONE, Broadcast
from rostra.serving.metrics import Histogram
from rostra.tape.reader import TapeReader

log = structlog.get_logger()

KEPT_AFTER_END_NS = 600 * 1_000_000_000
"""So long live playlists still say that the programme is over."""
KEPT_LOST_NS = 30 * 1_000_000_000
"""Where no end may come: so long who listens waits for one."""
KEPT_UNPUBLISHED_NS = 15 * 1_000_000_000
"""Where the recording is not (yet) for everyone: time for those a little behind to hear the end."""
_AGAIN_S = 0.5
_ENDED = {Lifecycle.ENDED, Lifecycle.HELD, Lifecycle.PUBLISHED, Lifecycle.DELETED}


@dataclass(slots=True)
class _Entry:
    state: SpaceState
    programme: Programme | None = None
    task: asyncio.Task[None] | None = None


class Spaces:
    """``group`` runs one task per programme; ``finished`` is awaited when a tape has ended.

    ``withdrawn`` is called when a recording is no more, or nobody may hear it just now.
    """

    def __init__(
        self,
        tapes: Path,
        *,
        group: asyncio.TaskGroup,
        clock: Clock,
        finished: Callable[[Path], Awaitable[None]],
        withdrawn: Callable[[Path], None] = lambda _: None,
        pacing: Pacing | None = None,
        radios: RadioPlaces = ENOUGH,
        broadcast: Broadcast = ONE_BY_ONE,
    ) -> None:
        self._tapes = tapes
        self._group = group
        self._clock = clock
        self._finished = finished
        self._withdrawn = withdrawn
        self._radios = radios
        self._broadcast = broadcast
        self._entries: dict[SpaceId, _Entry] = {}
        self._pacing = pacing or Pacing(Pace())
        self._dropped = self._skipped = 0
        self.at_hand: AtHand = {}
        """Answers of all programmes that are the same for all who have a ticket."""
        self.late_ms = Histogram(BOUNDS_MS)
        """Writes by how late they were, of all programmes so far."""

    def take(self, value: SpaceState | Removed) -> None:
        """Take note of a space as control now has it."""
        entry = self._entries.get(value.space)
        if isinstance(value, Removed):
            if entry is not None:
                self._let_go(self._entries.pop(value.space))
                if entry.state.run is not None:
                    self._withdrawn(self._folder(entry.state))
            return
        was_deleted = entry is not None and entry.state.is_deleted
        if entry is None:
            entry = self._entries[value.space] = _Entry(value)
        elif entry.state.run != value.run:
            self._let_go(entry)
        if value.run is not None and value.is_deleted and not was_deleted:
            self._withdrawn(self._folder(value))
        entry.state = value
        if entry.programme is not None:
            _tell(entry.programme, value)
        self._begin(entry)

    def state(self, space: str) -> SpaceState:
        """Raises UnknownSpace."""
        entry = self._entries.get(SpaceId(space))
        if entry is None:
            raise UnknownSpace
        return entry.state

    def programme(self, space: SpaceId) -> Programme | None:
        """What is live there, or was a moment ago."""
        entry = self._entries.get(space)
        return entry.programme if entry else None

    def recording(self, space: str, run: str) -> SpaceState:
        """The space whose recording that run is, whoever may hear it. NotFound, RecordingDeleted."""
        entry = self._entries.get(SpaceId(space))
        if entry is None or entry.state.run != run:
            raise NotFound("There is no recording at this address.")
        if entry.state.is_deleted:
            raise RecordingDeleted
        if not entry.state.is_released and not entry.state.is_held:
            raise NotFound("There is no recording at this address.")
        return entry.state

    @property
    def programmes(self) -> list[tuple[SpaceId, Programme]]:
        """All that are open."""
        return [(space, each.programme) for space, each in self._entries.items() if each.programme]

    @property
    def dropped(self) -> int:
        """Listeners dropped because they lagged, of all programmes so far."""
        return self._dropped + sum(programme.dropped for _, programme in self.programmes)

    @property
    def skipped(self) -> int:
        """Writes left out to radios that lagged, of all programmes so far."""
        return self._skipped + sum(programme.skipped for _, programme in self.programmes)

    async def tick(self) -> None:
        """See to those who wait in vain, and let go of what is long over. Call a few times a second."""
        now_ns = self._clock.monotonic_ns()
        for space, programme in self.programmes:
            if self.programme(space) is not programme:
                continue  # it was let go meanwhile
            failed = await _failed_tick(programme)
            entry = self._entries.get(space)
            if entry is None or entry.programme is not programme:
                continue
            if failed:
                self._let_go(entry)
                self._begin(entry)
        for entry in self._entries.values():
            if entry.task is not None and self._is_past(entry, now_ns):
                self._let_go(entry)

    def leave(self) -> None:
        """This worker is about to stop: let listeners go over to another at their next segment."""
        for _, programme in self.programmes:
            programme.leave()

    def close(self) -> None:
        """Let go of all."""
        for entry in self._entries.values():
            self._let_go(entry)

    def _is_on(self, state: SpaceState) -> bool:
        if state.run is None:
            return False
        ended_ago_ns = self._clock.utc_ns() - state.ended_at * 1_000_000
        return state.lifecycle is Lifecycle.LIVE or (
            state.lifecycle in _ENDED and ended_ago_ns < _kept_ns(state)
        )

    def _is_past(self, entry: _Entry, now_ns: int) -> bool:
        """Whether the end was heard long ago; or, of a tape without one, whether none will come any more."""
        programme = entry.programme
        if programme is not None and programme.ended_ns is not None:
            return now_ns - programme.ended_ns > _kept_ns(entry.state)
        return not self._is_on(entry.state) and (programme is None or programme.stalled)

    def _folder(self, state: SpaceState) -> Path:
        return self._tapes / state.space / str(state.run)

    def _begin(self, entry: _Entry) -> None:
        """Follow what is on, unless that is done already."""
        if entry.task is None and self._is_on(entry.state):
            entry.task = self._group.create_task(self._follow(entry, self._folder(entry.state)))

    def _let_go(self, entry: _Entry) -> None:
        if entry.task is not None:
            entry.task.cancel()
        entry.task = None
        self._close(entry)

    def _close(self, entry: _Entry) -> None:
        """Break off who listens. Never raises."""
        programme, entry.programme = entry.programme, None
        if programme is None:
            return
        self._dropped += programme.dropped
        self._skipped += programme.skipped
        try:
            programme.close()
        except Exception:
            log.exception("programme_not_closed", space=entry.state.space)

    def _open(self, folder: Path) -> Programme:
        reader = TapeReader.open(folder)
        try:
            return Programme(
                reader,
                clock=self._clock,
                pacing=self._pacing,
                late_ms=self.late_ms,
                radios=self._radios,
                broadcast=self._broadcast,
                at_hand=self.at_hand,
            )
        except BaseException:
            reader.close()
            raise

    async def _follow(self, entry: _Entry, folder: Path) -> None:
        """Open the tape and follow it to its end; then have its recording ready.

        After an error again, until :meth:`tick` lets go of it: a tape may be lost before its end.
        """
        while True:
            if await self._followed(entry, folder):
                break
            await asyncio.sleep(_AGAIN_S)
        if entry.state.is_released or entry.state.is_held:
            await self._finished(folder)

    async def _followed(self, entry: _Entry, folder: Path) -> bool:
        """Follow the tape for as long as that goes well; say whether it has ended.

        After a fault of ours somebody may lack a chunk: then all who listen to this space are broken off,
        to ask again. Nobody else notices.
        """
        try:
            if entry.programme is None:
                entry.programme = self._open(folder)
                _tell(entry.programme, entry.state)
                log.info("programme_opened", space=entry.state.space, run=folder.name)
            await entry.programme.follow()
        except (RostraError, OSError) as error:
            log.warning("programme_not_read", space=entry.state.space, run=folder.name, reason=str(error))
        except Exception:
            log.exception("programme_failed", space=entry.state.space, run=folder.name)
            self._close(entry)
        else:
            return True
        return False


async def _failed_tick(programme: Programme) -> bool:
    """Whether a programme could not see to those who wait, some of whom it may have lost then."""
    try:
        await programme.tick()
    except Exception:
        log.exception("programme_failed", space=programme.genesis.space, run=programme.genesis.run)
        return True
    return False


def _tell(programme: Programme, state: SpaceState) -> None:
    """Say for whom it is, live and once it is over."""
    programme.keep_private(state.visibility is Visibility.PRIVATE)
    programme.withhold(not state.is_released)


def _kept_ns(state: SpaceState) -> int:
    if state.is_lost:
        return KEPT_LOST_NS
    return KEPT_AFTER_END_NS if state.is_released else KEPT_UNPUBLISHED_NS
