"""Where the minute around a report is to be heard: at the edge, by a ticket of one's own.

For operators and moderators alone, whatever the space's visibility: they cannot judge what they may not
hear. The ticket is for this visit; the edge serves the tape, live or finished, and backstage no audio.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from rostra.admission.join import Terms, decide_join, decide_recording
from rostra.admission.tickets import Keyring, TicketKey, mint, new_listener
from rostra.bus.client import BusClient
from rostra.bus.messages import TICKET_KEYS, Lifecycle, SpaceState, TicketKeys
from rostra.control.addresses import Addresses
from rostra.core.clock import Clock
from rostra.core.errors import Conflict, Unavailable
from rostra.core.ids import RunId
from rostra.core.samples import SAMPLE_RATE, SEGMENT
from rostra.core.settings import Settings
from rostra.store.tables import ReportRow

AROUND_S: Final = 30
"""Before and after the second that was reported."""
LIFE_S: Final = 600
"""Of a ticket to a live programme."""


@dataclass(frozen=True, slots=True)
class Minute:
    """What to fetch, and which seconds of it. ``segments`` while it is live, ``mp4`` once it is finished."""

    from_s: int
    to_s: int
    codec: str
    folder: str = ""
    """Of ``init.mp4`` and ``{n}.m4s``."""
    first: int = 0
    """Numbers of segments."""
    last: int = 0
    mp4: str = ""


class Hearing:
    """``run()`` follows the keys of tickets."""

    def __init__(self, bus: BusClient, *, settings: Settings, clock: Clock) -> None:
        self._bus = bus
        self._terms = Terms(admit_s=settings.ticket_admit_s, life_s=min(LIFE_S, settings.ticket_life_s))
        self._clock = clock
        self._keyring: Keyring | None = None

    async def run(self) -> None:
        """Follow the keys until cancelled."""
        async with self._bus.subscribe(TICKET_KEYS, TicketKeys) as published:
            async for _, told in published:
                if told.keys:
                    self._keyring = Keyring(tuple(TicketKey(number, secret) for number, secret in told.keys))

    def minute(self, report: ReportRow, state: SpaceState, own: Addresses) -> Minute:
        """Where to hear it. Conflict, with a sentence, while there is nothing to be heard; Unavailable."""
        if self._keyring is None:
            raise Unavailable
        if state.hidden_reason or report.run is None or report.run != state.run or not state.renditions:
            raise Conflict("There is no audio around this report that could be played.")
        from_s, to_s = max(0, report.at_s - AROUND_S), report.at_s + AROUND_S
        baseline = next((each for each in state.renditions if each.codec.startswith("mp4a")), None)
        rendition = baseline or state.renditions[0]
        if state.lifecycle is Lifecycle.LIVE:
            first, last = from_s * SAMPLE_RATE // SEGMENT, to_s * SAMPLE_RATE // SEGMENT
            folder = f"{own.edge}/t/{self._live_ticket(state)}/{state.space}/{state.run}/{rendition.name}/"
            return Minute(from_s, to_s, rendition.codec, folder=folder, first=first, last=last)
        if state.recording is None or not (state.is_released or state.is_held):
            raise Conflict("There is no audio around this report that could be played.")
        ticket = self._recording_ticket(state, RunId(report.run))
        mp4 = f"{own.edge}/t/{ticket}/{state.space}/r/{state.run}/{rendition.name}.mp4"
        return Minute(from_s, to_s, rendition.codec, mp4=mp4)

    def _live_ticket(self, state: SpaceState) -> str:
        decided = decide_join(
            state.space,
            listener=new_listener(),
            terms=self._terms,
            now_s=self._now_s(),
            epoch=state.pass_epoch,
        )
        return mint(self._need_keys(), decided.ticket)

    def _recording_ticket(self, state: SpaceState, run: RunId) -> str:
        length_s = state.recording.duration_samples // SAMPLE_RATE if state.recording else 0
        decided = decide_recording(
            state.space,
            run,
            length_s=length_s,
            listener=new_listener(),
            terms=self._terms,
            now_s=self._now_s(),
            epoch=state.pass_epoch,
        )
        return mint(self._need_keys(), decided.ticket)

    def _need_keys(self) -> Keyring:
        if self._keyring is None:
            raise Unavailable
        return self._keyring

    def _now_s(self) -> int:
        return self._clock.utc_ns() // 1_000_000_000
