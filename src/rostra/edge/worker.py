"""An edge's process: learns spaces and keys from the bus, follows their tapes, serves, counts listeners.

Composes; decides nothing. When the bus is away, everything goes on as last heard.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
from collections.abc import Callable, Coroutine
from functools import partial, reduce
from operator import sub
from typing import Any

import structlog

from rostra.admission.tickets import Keyring, TicketKey
from rostra.bus.client import BusClient
from rostra.bus.messages import (
    EDGE_POLICY,
    SPACES_KNOWN,
    TICKET_KEYS,
    Admitted,
    Audience,
    EdgePolicy,
    EdgeRoom,
    Lately,
    Measured,
    Present,
    Removed,
    SpacesKnown,
    SpaceState,
    StreamsBegun,
    TicketKeys,
    Value,
    admitted,
    audience,
    edge_room,
    lately,
    measured,
    present,
    streams_begun,
)
from rostra.bus.subscription import Subscription
from rostra.core.ids import SpaceId
from rostra.core.pace import Pace, PaceUnusable
from rostra.core.proxies import Proxies
from rostra.core.role import RoleContext
from rostra.core.threads import favour_the_loop
from rostra.core.tls import certificate
from rostra.edge.census import Census, came_of, ids_of, more_first, pack_lately, unpack_lately
from rostra.edge.measures import Measures
from rostra.edge.pace import Pacing
from rostra.edge.radio import RadioPlaces
from rostra.edge.refusals import Refusals
from rostra.edge.shelf import Shelf
from rostra.edge.site import Site
from rostra.edge.spaces import Spaces
from rostra.edge.streams import Streams
from rostra.edge.trusted import ForCaches, listen
from rostra.edge.turnstile import Turnstile
from rostra.serving.broadcast import Broadcast
from rostra.serving.collector import settle
from rostra.serving.limits import Limits
from rostra.serving.metrics import Counters, log_changes
from rostra.serving.scrape import WithMetrics
from rostra.serving.server import serve

log = structlog.get_logger()

Duty = Coroutine[Any, Any, None]

TICK_S = 0.25
COUNT_EVERY_S = 1.0
TELL_EVERY_S = 1.0
MEASURE_EVERY_S = 5.0
LATELY_EVERY_S = 20.0
REPEAT_EVERY = 5
"""Counts after which one that has not changed is told again: the door forgets who falls silent."""
PATIENCE_S = 3.0
"""How long an edge without backstage waits for all spaces before it serves those it knows."""


class Edge:
    """One worker's parts."""

    def __init__(self, context: RoleContext, group: asyncio.TaskGroup, broadcast: Broadcast) -> None:
        clock, tapes = context.clock, context.tapes
        self.index = context.index
        self.clock = clock
        self.counters = Counters()
        self.turnstile = Turnstile(clock=clock)
        self.streams = Streams(worker=context.index, clock=clock)
        self.census = Census(worker=context.index, clock=clock)
        self._told_lately_s = 0
        self.estimates = context.settings.behind_cache
        radios = RadioPlaces(context.settings.radio_places, context.settings.radio_full == "message")
        self.shelf = Shelf(tapes, group=group, refuse=Refusals(context.settings).answer)
        self.pacing = Pacing(Pace(context.settings.edge_cadence, context.settings.edge_cohorts))
        self.spaces = Spaces(
            tapes,
            group=group,
            clock=clock,
            finished=self.shelf.prepare,
            withdrawn=self.shelf.forget,
            pacing=self.pacing,
            radios=radios,
            broadcast=broadcast,
        )
        self.measures = Measures(
            worker=context.index,
            counters=self.counters,
            spaces=self.spaces,
            turnstile=self.turnstile,
            streams=self.streams,
            cache_requests=lambda: self.for_caches.requests,
        )
        self.site = Site(
            spaces=self.spaces,
            shelf=self.shelf,
            turnstile=self.turnstile,
            streams=self.streams,
            settings=context.settings,
            clock=clock,
        )
        self.for_caches = ForCaches(self.site)

    def take_keys(self, value: TicketKeys) -> None:
        """The supervisor tells the ticket keys."""
        self.turnstile.take_keys(Keyring(tuple(TicketKey(number, secret) for number, secret in value.keys)))

    def count(self) -> tuple[dict[SpaceId, int], Present]:
        """How many listen to what and count here; what the other workers are to know of it."""
        here = self.turnstile.here()
        elsewhere = self.census.counted_elsewhere()
        counts = {space: len(reduce(sub, elsewhere, ids)) for space, ids in here.items()}
        return counts, self.census.tell(here, self.turnstile.take_changed())

    def audience(self, space: SpaceId, listeners: int) -> Audience:
        """What the door is told of a space."""
        return Audience(
            space=space,
            worker=self.index,
            listeners=listeners,
            estimated=self.estimates,
            cadence=self.pacing.told(self.clock.utc_ns() // 1_000_000),
        )

    def take_space(self, value: SpaceState | Removed) -> None:
        """Control tells of a space."""
        self.spaces.take(value)
        if isinstance(value, SpaceState):
            self.site.take(value)

    def take_policy(self, value: EdgePolicy) -> None:
        """Control announces another cadence."""
        try:
            self.pacing.announce(value)
        except PaceUnusable as error:
            log.warning("policy_not_taken", reason=error.sentence)

    def take_admitted(self, value: Admitted) -> None:
        """An edge worker has let these in."""
        self.turnstile.take_others(value.listeners)

    def take_present(self, value: Present) -> None:
        """An edge worker tells who is there."""
        self.census.take(value)
        if value.worker != self.index:
            self.turnstile.take_others(came_of(value) | ids_of(value.gone))

    def take_lately(self, value: Lately) -> None:
        """An edge worker, perhaps the one before this, tells who was there lately."""
        if (value.worker, value.at_s) == (self.index, self._told_lately_s):
            return  # one's own
        late_s = max(0, self.clock.utc_ns() // 1_000_000_000 - value.at_s)
        self.turnstile.take_lately((each, away_s + late_s) for each, away_s in unpack_lately(value.seen))

    def lately(self) -> Lately:
        """What others, and whoever comes after this worker, are told of who may resume here."""
        self._told_lately_s = self.clock.utc_ns() // 1_000_000_000
        seen = pack_lately(self.turnstile.lately())
        return Lately(worker=self.index, at_s=self._told_lately_s, seen=seen)

    def take_begun(self, value: StreamsBegun) -> None:
        """An edge worker has begun these streams."""
        self.streams.take_others(value.worker, value.streams)


async def run(context: RoleContext) -> None:
    """Serve live programmes and recordings until ``context.stopping`` is set."""
    favour_the_loop()
    async with (
        BusClient(context.bus_path, name=f"edge{context.index}") as bus,
        contextlib.AsyncExitStack() as stack,
        asyncio.TaskGroup() as group,
    ):
        broadcast = Broadcast.open()
        stack.callback(broadcast.close)
        edge = Edge(context, group, broadcast)
        stack.callback(edge.shelf.close)
        tasks = [group.create_task(work) for work in await _duties(edge, bus, stack)]
        tasks.append(group.create_task(_leave(edge.spaces, context.stopping)))
        await _all_known(await stack.enter_async_context(bus.subscribe(SPACES_KNOWN, SpacesKnown)))
        beside = []
        if address := context.settings.edge_trusted_listen:
            caches = stack.enter_context(listen(address, backlog=context.settings.backlog))
            beside.append((caches, edge.for_caches))
        settle()
        await serve(
            WithMetrics(edge.site, edge.measures.render),
            context.sockets,
            stopping=context.stopping,
            limits=Limits(backlog=context.settings.backlog),
            clock=context.clock,
            render_error=edge.site.refuse,
            counters=edge.counters,
            certificate=certificate(context.settings),
            proxies=Proxies(context.settings.trusted_proxies),
            retiring=context.retiring,
            trusted=context.trusted,
            beside=beside,
            room=partial(_tell_room, bus, edge),
            overload=edge.site.turn_away,
            at_hand=edge.site.at_hand,
        )
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        edge.spaces.close()


async def _leave(spaces: Spaces, stopping: asyncio.Event) -> None:
    """Once this worker is to stop, let nobody's answer go on beyond the segment that it is in."""
    await stopping.wait()
    spaces.leave()


async def _duties(edge: Edge, bus: BusClient, stack: contextlib.AsyncExitStack) -> list[Duty]:
    """Return all that goes on beside serving, each to be run until cancelled.

    The broker answers subscriptions in order: what says that all is known has to come after these.
    """
    feeds: tuple[tuple[str, Callable[[Any], None], tuple[type[Value], ...]], ...] = (
        (TICKET_KEYS, edge.take_keys, (TicketKeys,)),
        ("space.*.state", edge.take_space, (SpaceState, Removed)),
        (admitted("*"), edge.take_admitted, (Admitted,)),
        (streams_begun("*"), edge.take_begun, (StreamsBegun,)),
        (EDGE_POLICY, edge.take_policy, (EdgePolicy,)),
        (present("*"), edge.take_present, (Present,)),
        (lately("*"), edge.take_lately, (Lately,)),
        (measured("*"), edge.measures.take, (Measured,)),
    )
    heard = [
        _feed(await stack.enter_async_context(bus.subscribe(pattern, *types)), take)
        for pattern, take, types in feeds
    ]
    return [
        *heard,
        _tick(edge.spaces),
        _count(bus, edge),
        _tell_others(bus, edge),
        _tell_lately(bus, edge),
        _measure(bus, edge),
        log_changes(edge.measures.mine),
    ]


async def _feed(values: Subscription, take: Callable[[Any], None]) -> None:
    async for _, value in values:
        take(value)


async def _all_known(known: Subscription) -> None:
    """Wait until control says that these are all spaces, and no longer than patience lasts.

    Meanwhile the kernel queues listeners, who are better off there than refused.
    """
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE_S):
            async for _ in known:
                return


async def _tick(spaces: Spaces) -> None:
    while True:
        await asyncio.sleep(TICK_S)
        await spaces.tick()


async def _count(bus: BusClient, edge: Edge) -> None:
    """Tell the door once a second who listens, how many to what, and the cadence to come, as they change."""
    told: dict[SpaceId, Audience] = {}
    try:
        for turn in itertools.count():
            if turn % REPEAT_EVERY == 0:
                edge.site.end_overdue()
            counts, message = edge.count()
            now = {space: edge.audience(space, counts.get(space, 0)) for space, _ in edge.spaces.programmes}
            gone = {space: edge.audience(space, 0) for space in told.keys() - now.keys()}
            again = turn % REPEAT_EVERY == 0
            news = [value for value in (gone | now).values() if again or told.get(value.space) != value]
            more, others = more_first(news, {space: value.listeners for space, value in told.items()})
            for value in more:
                bus.publish(audience(value.space, edge.index), value, retain=True)
            if not bus.publish(present(edge.index), message):
                edge.census.lost()
            for value in others:
                bus.publish(audience(value.space, edge.index), value, retain=True)
            told = now
            await asyncio.sleep(COUNT_EVERY_S)
    finally:
        bus.publish(present(edge.index), edge.census.leave())
        for space in told:
            bus.publish(audience(space, edge.index), edge.audience(space, 0), retain=True)


async def _tell_others(bus: BusClient, edge: Edge) -> None:
    """Tell other workers once a second who has come and which streams have begun."""
    while True:
        if fresh := edge.turnstile.take_fresh():
            bus.publish(admitted(edge.index), Admitted(worker=edge.index, listeners=fresh))
        if begun := edge.streams.take_begun():
            bus.publish(streams_begun(edge.index), StreamsBegun(worker=edge.index, streams=begun))
        await asyncio.sleep(TELL_EVERY_S)


async def _tell_lately(bus: BusClient, edge: Edge) -> None:
    """Leave word now and then of who may resume here, for whoever comes after this worker."""
    while True:
        await asyncio.sleep(LATELY_EVERY_S)
        bus.publish(lately(edge.index), edge.lately(), retain=True)


def _tell_room(bus: BusClient, edge: Edge, has_room: bool) -> None:
    """Tell the supervisor whether newcomers are welcome here."""
    log.info("room", has_room=has_room, connections=edge.counters.open)
    value = EdgeRoom(worker=edge.index, pid=os.getpid(), has_room=has_room, connections=edge.counters.open)
    bus.publish(edge_room(edge.index), value, retain=True)


async def _measure(bus: BusClient, edge: Edge) -> None:
    """Tell other workers every few seconds what this one has counted."""
    try:
        while True:
            bus.publish(measured(edge.index), edge.measures.message(), retain=True)
            await asyncio.sleep(MEASURE_EVERY_S)
    finally:
        bus.publish(measured(edge.index), Measured(worker=edge.index, samples=()), retain=True)
