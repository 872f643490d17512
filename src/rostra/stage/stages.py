"""The stages that are open, by space: while somebody is on one, or it is live."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator

import structlog

from rostra.bus.messages import StageReport
from rostra.core.clock import Clock
from rostra.core.ids import RunId, SpaceId
from rostra.core.settings import Settings
from rostra.stage.hold_files import HoldFiles
from rostra.stage.session import Stage
from rostra.stage.tasks import Tasks
from rostra.stage.told import Told

log = structlog.get_logger()


class Stages:
    """``interrupted`` is told of a run that is off the air and has no end: its tape can be resumed."""

    def __init__(
        self,
        *,
        settings: Settings,
        told: Told,
        hold_files: HoldFiles,
        clock: Clock,
        let_sound_in: Callable[[], None],
        publish: Callable[[StageReport], None],
        interrupted: Callable[[SpaceId, RunId], None],
        tasks: Tasks,
    ) -> None:
        self._settings = settings
        self._told = told
        self._hold_files = hold_files
        self._clock = clock
        self._let_sound_in = let_sound_in
        self._publish = publish
        self._interrupted = interrupted
        self._tasks = tasks
        self._stages: dict[SpaceId, Stage] = {}
        self._loading_music = asyncio.Lock()

    def __iter__(self) -> Iterator[Stage]:
        return iter(tuple(self._stages.values()))

    def get(self, space: SpaceId) -> Stage | None:
        """Return a space's stage, if there is one; it may be closing."""
        return self._stages.get(space)

    def open(self, space: SpaceId) -> Stage:
        """Return a space's stage, opened if need be."""
        stage = self._stages.get(space)
        if stage is None or stage.closed:
            stage = Stage(
                space,
                clock=self._clock,
                max_speakers=self._settings.max_speakers,
                most_speakers=self._settings.most_speakers,
                hold_end_s=self._settings.hold_end_s,
                max_monitors=self._settings.max_monitors,
                let_sound_in=self._let_sound_in,
                publish=self._publish,
                interrupted=lambda run: self._interrupted(space, run),
            )
            stage.words = self._told.words(space)
            self._stages[space] = stage
            self._tasks.start(self.load_music(stage))
            self._tasks.start(self._run(stage))
        return stage

    async def load_music(self, stage: Stage) -> None:
        """Give a stage its music. One after the other: the newest file is what is read last."""
        async with self._loading_music:
            stage.hold.use(await asyncio.to_thread(self._hold_files.music, stage.space))

    async def park(self) -> None:
        """Park every live programme and close every stage, all at once."""
        await asyncio.gather(*map(_park, self))

    async def _run(self, stage: Stage) -> None:
        try:
            await stage.run()
        except Exception:
            # Whatever it was, the tape can be resumed: do that.
            log.exception("stage_failed", space=stage.space)
            await _park(stage)
            if stage.run_id is not None:
                self._interrupted(stage.space, stage.run_id)
        finally:
            if self._stages.get(stage.space) is stage:
                del self._stages[stage.space]


async def _park(stage: Stage) -> None:
    """Whatever fails at it, the tape is free and can be gone on with: what comes next must come."""
    try:
        await stage.park()
    except Exception:
        log.exception("stage_tape_not_parked", space=stage.space)
