"""An edge's process: learns spaces and keys from the bus, follows their tapes, serves, counts listeners.

Composes; decides nothing. When the bus is away, everything goes on as last heard.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import Callable
from typing import Any

import structlog

from rostra.admission.tickets import Keyring, TicketKey
from rostra.bus.client import BusClient
from rostra.bus.messages import (
    SPACES_KNOWN,
    TICKET_KEYS,
    Admitted,
    Audience,
    Removed,
    SpacesKnown,
    SpaceState,
    StreamsBegun,
    TicketKeys,
    admitted,
    audience,
    streams_begun,
)
from rostra.bus.subscription import Subscription
from rostra.core.ids import SpaceId
from rostra.core.role import RoleContext
from rostra.edge import answers
from rostra.edge.shelf import Shelf
from rostra.edge.site import Site
from rostra.edge.spaces import Spaces
from rostra.edge.streams import Streams
from rostra.edge.turnstile import Turnstile
from rostra.serving.limits import Limits
from rostra.serving.server import serve

log = structlog.get_logger()

TICK_S = 0.25
COUNT_EVERY_S = 1.0
TELL_EVERY_S = 1.0
REPEAT_EVERY = 5
"""Counts after which one that has not changed is told again: the door forgets who falls silent."""
PATIENCE_S = 3.0
"""How long an edge without backstage waits for all spaces before it serves those it knows."""


async def run(context: RoleContext) -> None:
    """Serve live programmes and recordings until ``context.stopping`` is set."""
    turnstile = Turnstile(clock=context.clock)
    streams = Streams(worker=context.index, clock=context.clock)
    async with (
        BusClient(context.bus_path, name=f"edge{context.index}") as bus,
        contextlib.AsyncExitStack() as stack,
    ):
        # The broker answers subscriptions in order: what says that all is known comes after all.
        keys = await stack.enter_async_context(bus.subscribe(TICKET_KEYS, TicketKeys))
        states = await stack.enter_async_context(bus.subscribe("space.*.state", SpaceState, Removed))
        others = await stack.enter_async_context(bus.subscribe(admitted("*"), Admitted))
        elsewhere = await stack.enter_async_context(bus.subscribe(streams_begun("*"), StreamsBegun))
        known = await stack.enter_async_context(bus.subscribe(SPACES_KNOWN, SpacesKnown))
        async with asyncio.TaskGroup() as group:
            shelf = Shelf(context.tapes, group=group)
            spaces = Spaces(context.tapes, group=group, clock=context.clock, finished=shelf.prepare)
            site = Site(
                spaces=spaces,
                shelf=shelf,
                turnstile=turnstile,
                streams=streams,
                settings=context.settings,
                clock=context.clock,
            )
            tasks = [
                group.create_task(_feed(keys, lambda value: turnstile.take_keys(_keyring(value)))),
                group.create_task(_feed(states, spaces.take)),
                group.create_task(_feed(others, lambda value: turnstile.take_others(value.listeners))),
                group.create_task(
                    _feed(elsewhere, lambda value: streams.take_others(value.worker, value.streams))
                ),
                group.create_task(_tick(spaces)),
                group.create_task(_count(bus, spaces, turnstile, context.index)),
                group.create_task(_tell_others(bus, turnstile, streams, context.index)),
            ]
            await _all_known(known)
            await serve(
                site,
                context.sockets,
                stopping=context.stopping,
                limits=Limits(backlog=context.settings.backlog),
                clock=context.clock,
                render_error=answers.refusal,
            )
            for task in tasks:
                task.cancel()
            spaces.close()
        shelf.close()


def _keyring(value: TicketKeys) -> Keyring:
    return Keyring(tuple(TicketKey(number, secret) for number, secret in value.keys))


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


async def _count(bus: BusClient, spaces: Spaces, turnstile: Turnstile, worker: int) -> None:
    """Tell the door once a second how many listen to what, as it changes."""
    told: dict[SpaceId, int] = {}
    for turn in itertools.count():
        counts = turnstile.count()
        now = dict.fromkeys(told, 0) | {space: counts[space] for space, _ in spaces.programmes}
        for space, listeners in now.items():
            if told.get(space) != listeners or turn % REPEAT_EVERY == 0:
                value = Audience(space=space, worker=worker, listeners=listeners)
                bus.publish(audience(space, worker), value, retain=True)
        told = {space: now[space] for space, _ in spaces.programmes}
        await asyncio.sleep(COUNT_EVERY_S)


async def _tell_others(bus: BusClient, turnstile: Turnstile, streams: Streams, worker: int) -> None:
    """Tell other workers once a second who has come and which streams have begun."""
    while True:
        if fresh := turnstile.take_fresh():
            bus.publish(admitted(worker), Admitted(worker=worker, listeners=fresh))
        if begun := streams.take_begun():
            bus.publish(streams_begun(worker), StreamsBegun(worker=worker, streams=begun))
        await asyncio.sleep(TELL_EVERY_S)
