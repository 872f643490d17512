"""What stages and edges report, newest values only, and who in backstage wants to know of changes.

A watcher has one flag: changes that come faster than it looks are one change. Never decides
anything; forgets everything at a restart, because the bus tells it again.
"""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from rostra.bus.messages import Audience, AudienceNote, Off, StageReport
from rostra.core.clock import Clock
from rostra.core.errors import TooManyRequests, Unavailable
from rostra.core.ids import SpaceId, SpeakerId

MAX_WATCHERS = 512
"""Open studio streams; further ones are refused."""
MAX_WATCHERS_OF_ONE = 32
"""Of one person, some of them on connections that broke unnoticed; further ones are refused."""
AUDIENCE_STALE_NS = 15_000_000_000
"""An edge worker that has said nothing for so long is gone, and its listeners with it; as the door has it."""
FIRST_REPORT_S = 3.0
"""A stage that was in use has told of itself so soon after backstage started, or it restarts too."""
MAX_OFF = 4096
"""People taken off a stage who are remembered, so that their page can say why; then the oldest is not."""
MAX_CAME = 4096
"""People who came to a stage who are remembered; then the one who came first is not."""


@dataclass(frozen=True, slots=True)
class Reactions:
    """How many listeners pressed each kind in a second, and when that was told, in UTC milliseconds."""

    at_ms: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)


NO_REACTIONS = Reactions()


class Board:
    """Reports by space, and a flag for every watcher."""

    def __init__(self, *, clock: Clock) -> None:
        self._clock = clock
        self._reports: dict[SpaceId, StageReport] = {}
        self._expected: dict[SpaceId, asyncio.Event] = {}
        """Stages that were in use when backstage started, and have not reported since."""
        self._expected_ns = 0
        """By then they have, or are not waited for."""
        self._listeners: defaultdict[SpaceId, dict[int, tuple[int, int]]] = defaultdict(dict)
        self._reactions: dict[SpaceId, Reactions] = {}
        self._estimated: set[SpaceId] = set()
        self._watchers: defaultdict[SpaceId, set[asyncio.Event]] = defaultdict(set)
        self._watching: Counter[str] = Counter()
        """How many streams are whose."""
        self._off: dict[SpeakerId, Off] = {}
        self._came: dict[SpeakerId, None] = {}
        self._mutings: defaultdict[SpaceId, int] = defaultdict(int)
        self.closed = False
        """True once backstage stops: watchers should go."""

    def report(self, space: SpaceId) -> StageReport:
        """The newest report of a stage; an empty one when none came."""
        return self._reports.get(space) or StageReport(space=space, live=False)

    def reported(self, space: SpaceId) -> bool:
        """Whether a stage has reported this space since backstage started."""
        return space in self._reports

    def expect(self, spaces: Iterable[SpaceId]) -> None:
        """These stages were in use when backstage started: :meth:`first_report` waits for what they tell."""
        self._expected = {space: asyncio.Event() for space in spaces if not self.reported(space)}
        self._expected_ns = self._clock.monotonic_ns() + int(FIRST_REPORT_S * 1e9)

    async def first_report(self, space: SpaceId) -> None:
        """Wait until a stage that is expected has reported, at most :data:`FIRST_REPORT_S` after the start.

        Before that nobody may be told who is on stage: a page would take itself for forgotten.
        """
        left_ns = self._expected_ns - self._clock.monotonic_ns()
        if left_ns > 0 and not self.closed and space in self._expected:
            with suppress(TimeoutError):
                async with asyncio.timeout(left_ns / 1e9):
                    await self._expected[space].wait()

    def listeners(self, space: SpaceId) -> int:
        """How many listen, over all edge workers that still report."""
        since_ns = self._clock.monotonic_ns() - AUDIENCE_STALE_NS
        counts = self._listeners[space].values() if space in self._listeners else ()
        return sum(count for count, heard_ns in counts if heard_ns >= since_ns)

    def estimated(self, space: SpaceId) -> bool:
        """Whether that is an estimate."""
        return space in self._estimated

    def take_report(self, report: StageReport) -> None:
        """Keep a stage's report and tell the watchers of its space."""
        self._reports[report.space] = report
        self._came |= dict.fromkeys(each.speaker for each in report.speakers)
        while len(self._came) > MAX_CAME:
            del self._came[next(iter(self._came))]
        if expected := self._expected.pop(report.space, None):
            expected.set()
        self.touch(report.space)

    def take_audience(self, audience: Audience) -> None:
        """Keep one edge worker's count and tell the watchers if the sum changed."""
        before = self.listeners(audience.space)
        (self._estimated.add if audience.estimated else self._estimated.discard)(audience.space)
        self._listeners[audience.space][audience.worker] = (audience.listeners, self._clock.monotonic_ns())
        if self.listeners(audience.space) != before:
            self.touch(audience.space)

    def take_note(self, note: AudienceNote) -> None:
        """Keep what listeners pressed in a second and tell the watchers, if anybody watches or did."""
        if note.reactions:
            self._reactions[note.space] = Reactions(self._clock.utc_ns() // 1_000_000, dict(note.reactions))
            self.touch(note.space)
        elif self._reactions.pop(note.space, None) is not None:
            self.touch(note.space)

    def reactions(self, space: SpaceId) -> Reactions:
        """What listeners pressed in the newest second."""
        return self._reactions.get(space, NO_REACTIONS)

    def take_off(self, space: SpaceId, speaker: SpeakerId, why: Off) -> None:
        """Remember why somebody was taken off a stage, and tell those who watch it."""
        self._off.pop(speaker, None)
        self._off[speaker] = why
        if len(self._off) > MAX_OFF:
            del self._off[next(iter(self._off))]
        self.touch(space)

    def let_back(self, speaker: SpeakerId) -> None:
        """They are on stage again."""
        self._off.pop(speaker, None)

    def off(self, speaker: SpeakerId | None) -> Off | None:
        """Why somebody was taken off; None when they were not."""
        return self._off.get(speaker) if speaker is not None else None

    def came(self, speaker: SpeakerId | None) -> bool:
        """Whether somebody is on stage, or was."""
        return speaker in self._came

    def count_muting(self, space: SpaceId) -> None:
        """Somebody was muted or unmuted: tell the watchers, who look at their own muting again."""
        self._mutings[space] += 1
        self.touch(space)

    def mutings(self, space: SpaceId) -> int:
        """How often somebody was, since backstage started."""
        return self._mutings.get(space, 0)

    def touch(self, space: SpaceId) -> None:
        """Raise the flag of everyone who watches ``space``."""
        for watcher in self._watchers.get(space, ()):
            watcher.set()

    def touch_all(self) -> None:
        """Raise everybody's flag: somebody may have to go."""
        for space in list(self._watchers):
            self.touch(space)

    def close(self) -> None:
        """Wake all watchers for the last time."""
        self.closed = True
        for expected in self._expected.values():
            expected.set()
        self.touch_all()

    def need_room(self, person: str) -> None:
        """Raise TooManyRequests when ``person`` watches as often as one may, Unavailable when all do."""
        if self._watching[person] >= MAX_WATCHERS_OF_ONE:
            raise TooManyRequests("You have too many studios open at once. Close one and try again.")
        if self._watching.total() >= MAX_WATCHERS:
            raise Unavailable("Too many studios are open at once. Close one and try again.")

    @contextmanager
    def watch(self, space: SpaceId, person: str) -> Iterator[asyncio.Event]:
        """Hand out a flag that is raised at every change; the watcher, who is ``person``, lowers it."""
        flag = asyncio.Event()
        self._watchers[space].add(flag)
        self._watching[person] += 1
        try:
            yield flag
        finally:
            self._watching[person] -= 1
            if not self._watching[person]:
                del self._watching[person]
            self._watchers[space].discard(flag)
            if not self._watchers[space]:
                del self._watchers[space]
