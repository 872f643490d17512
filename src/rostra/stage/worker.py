"""The stage's process: joins the house to the bus, runs until it is told to stop.

On the stop signal every live tape is left resumable and every peer is told, within the grace time.

A tape that is gone on with, or a gap that is filled, is worked through record by record in a thread, and the
loop whose tick is due must have the interpreter from it. Python's own 5 ms for that are a quarter of a tick,
and are due anew each time that the loop let go of it, as it does for each frame that is coded.
"""

from __future__ import annotations

import asyncio
import gc
from contextlib import AsyncExitStack

import structlog

from rostra.audio.encoding import offered
from rostra.bus.client import BusClient
from rostra.bus.messages import (
    CONTROL_WHO,
    SPACES_KNOWN,
    STAGE_CAPTION,
    STAGE_END,
    STAGE_ERASE,
    STAGE_HOLD,
    STAGE_LEAVE,
    STAGE_LIVE,
    STAGE_MONITOR,
    STAGE_MUTE,
    STAGE_OFFER,
    STAGE_PATCH,
    STAGE_RECAST,
    STAGE_TAKE_OFF,
    STAGE_TRY_LINE,
    STAGE_WHO_MONITORS,
    AudienceNote,
    Caption,
    End,
    Erase,
    GoLive,
    HoldLoop,
    Known,
    Leave,
    Monitor,
    Mute,
    Offer,
    Patch,
    Recast,
    Removed,
    SeatLost,
    SpacesKnown,
    SpaceState,
    StageReport,
    TakeOff,
    TryLine,
    WhoIs,
    WhoMonitors,
    seat_lost,
    stage_report,
)
from rostra.core.role import RoleContext
from rostra.core.threads import favour_the_loop
from rostra.stage.air import Air
from rostra.stage.hold_files import HoldFiles
from rostra.stage.house import House
from rostra.stage.postbox import Postbox
from rostra.stage.reach import Reach
from rostra.stage.source.listener import Sources
from rostra.stage.tapes import Tapes
from rostra.stage.trials import Trials

log = structlog.get_logger()


async def run(context: RoleContext) -> None:
    """Run the stage until ``context.stopping``; return with every tape parked and every peer closed."""
    gc.freeze()  # what was imported stays: looking through it now and then would make ticks late
    favour_the_loop()
    reach = Reach(context.settings)
    settings = context.settings
    tapes = Tapes(context.tapes, context.clock, settings.min_free_bytes, encodings=offered(mp3=settings.mp3))
    async with BusClient(context.bus_path, name="stage") as bus, asyncio.TaskGroup() as group:

        def publish(report: StageReport) -> None:
            bus.publish(stage_report(report.space), report, retain=True)

        def lose(lost: SeatLost) -> None:
            bus.publish(seat_lost(lost.space), lost)

        postbox = Postbox()
        house = House(
            settings=context.settings,
            network=reach.network,
            postbox=postbox,
            air=Air(tapes, clock=context.clock),
            hold_files=HoldFiles(context.settings.data / "hold"),
            clock=context.clock,
            publish=publish,
            seat_lost=lose,
            group=group,
        )
        trials = Trials(
            settings=settings, network=reach.network, postbox=postbox, clock=context.clock, group=group
        )
        following = [
            group.create_task(_follow_spaces(bus, house)),
            group.create_task(_follow_backstage(bus, house)),
            group.create_task(_take_notes(bus, house)),
            group.create_task(reach.find()),
        ]
        async with AsyncExitStack() as services:
            await _serve(bus, house, services)
            if settings.source_listen:
                following.append(group.create_task(_take_sources(bus, house, settings.source_listen)))
            await services.enter_async_context(bus.serve(STAGE_TRY_LINE, TryLine, trials.begin))
            await context.stopping.wait()
        for task in following:
            task.cancel()
        trials.stop()
        await house.stop()


async def _serve(bus: BusClient, house: House, services: AsyncExitStack) -> None:
    await services.enter_async_context(bus.serve(STAGE_OFFER, Offer, house.offer))
    await services.enter_async_context(bus.serve(STAGE_MONITOR, Monitor, house.monitor))
    await services.enter_async_context(bus.serve(STAGE_WHO_MONITORS, WhoMonitors, house.who_monitors))
    await services.enter_async_context(bus.serve(STAGE_PATCH, Patch, house.patch))
    await services.enter_async_context(bus.serve(STAGE_LEAVE, Leave, house.leave))
    await services.enter_async_context(bus.serve(STAGE_MUTE, Mute, house.mute))
    await services.enter_async_context(bus.serve(STAGE_RECAST, Recast, house.recast))
    await services.enter_async_context(bus.serve(STAGE_LIVE, GoLive, house.runs.go_live))
    await services.enter_async_context(bus.serve(STAGE_END, End, house.runs.end))
    await services.enter_async_context(bus.serve(STAGE_TAKE_OFF, TakeOff, house.take_off))
    await services.enter_async_context(bus.serve(STAGE_ERASE, Erase, house.runs.erase))
    await services.enter_async_context(bus.serve(STAGE_CAPTION, Caption, house.caption))
    await services.enter_async_context(bus.serve(STAGE_HOLD, HoldLoop, house.take_hold_loop))


async def _take_sources(bus: BusClient, house: House, listen: str) -> None:
    """Let Icecast sources in, until cancelled. A port that is taken stops nobody else."""

    async def who(asked: WhoIs) -> Known:
        return await bus.request(CONTROL_WHO, asked, Known)

    host, _, port = listen.rpartition(":")
    try:
        async with Sources(who=who, seat=house.seat).serving(host.strip("[]"), int(port)):
            log.info("sources_welcome", address=listen)
            await asyncio.Event().wait()
    except OSError as error:
        log.error("sources_not_taken", setting="ROSTRA_SOURCE_LISTEN", address=listen, reason=str(error))


async def _follow_spaces(bus: BusClient, house: House) -> None:
    async with bus.subscribe("space.*.state", SpaceState, Removed) as states:
        async for _, state in states:
            if isinstance(state, Removed):
                house.forget(state.space)
            else:
                house.follow(state)


async def _follow_backstage(bus: BusClient, house: House) -> None:
    async with bus.subscribe(SPACES_KNOWN, SpacesKnown) as told:
        async for _, known in told:
            house.follow_backstage(known.by)


async def _take_notes(bus: BusClient, house: House) -> None:
    async with bus.subscribe("space.*.note", AudienceNote) as notes:
        async for _, note in notes:
            house.note(note)
