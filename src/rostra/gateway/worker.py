"""The door's process: fills the directory from the bus, serves the door, counts the audience aloud.

Composes; decides nothing. When the bus is away, everything goes on as last heard.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import rostra
from rostra.admission.join import Terms
from rostra.bus.client import BusClient
from rostra.bus.messages import (
    FLOOR_ASK,
    FLOOR_WITHDRAW,
    PASS_KEYS,
    SITE_STATE,
    SPACES_KNOWN,
    TICKET_KEYS,
    Asked,
    AskToSpeak,
    Audience,
    AudienceNote,
    FloorState,
    HostState,
    PassKeys,
    Removed,
    SiteState,
    SpacesKnown,
    SpaceState,
    StageReport,
    TicketKeys,
    WithdrawAsking,
    audience_note,
)
from rostra.bus.subscription import Subscription
from rostra.core.proxies import Proxies
from rostra.core.role import RoleContext
from rostra.core.tls import certificate
from rostra.gateway import card
from rostra.gateway.answers import Fresh
from rostra.gateway.ask_desk import AskDesk
from rostra.gateway.askers import Askers
from rostra.gateway.assets import Assets
from rostra.gateway.card_shelf import CardShelf
from rostra.gateway.directory import Directory
from rostra.gateway.door import Door
from rostra.gateway.origins import Addresses
from rostra.gateway.pages import Pages
from rostra.gateway.premises import MOST_ANSWERS, Premises
from rostra.gateway.stored import kept
from rostra.serving.metrics import SERVER, Counters, exposition, log_changes
from rostra.serving.scrape import WithMetrics
from rostra.serving.server import serve

PAGES = Path(rostra.__file__).parent / "pages"
"""Where the web build puts its files."""
NOTE_EVERY_S = 1.0
PATIENCE_S = 15.0
"""How long a door without backstage waits for all spaces before it opens with those it knows."""


async def run(context: RoleContext) -> None:
    """Serve the door until ``context.stopping`` is set."""
    directory = Directory(clock=context.clock, site_name=context.settings.site_name)
    shelf = CardShelf(draw=card.draw)
    counters = Counters()
    async with (
        BusClient(context.bus_path, name=f"gateway{context.index}") as bus,
        contextlib.AsyncExitStack() as stack,
    ):
        desk = AskDesk(partial(_pass_on, bus), clock=context.clock)
        door = build(context, directory, shelf, desk)
        measured = WithMetrics(door, lambda: exposition("door", SERVER, {context.index: counters.samples()}))
        # The broker answers subscriptions in order: what says that all spaces are known comes after them.
        states = await stack.enter_async_context(bus.subscribe("space.*.state", SpaceState, Removed))
        hosts = await stack.enter_async_context(bus.subscribe("host.*.state", HostState))
        reports = await stack.enter_async_context(bus.subscribe("space.*.stage", StageReport))
        audiences = await stack.enter_async_context(bus.subscribe("space.*.audience.*", Audience))
        keys = await stack.enter_async_context(bus.subscribe(TICKET_KEYS, TicketKeys))
        pass_keys = await stack.enter_async_context(bus.subscribe(PASS_KEYS, PassKeys))
        sites = await stack.enter_async_context(bus.subscribe(SITE_STATE, SiteState))
        floors = await stack.enter_async_context(bus.subscribe("space.*.floor", FloorState))
        known = await stack.enter_async_context(bus.subscribe(SPACES_KNOWN, SpacesKnown))
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(_feed(states, directory.take_state)),
                group.create_task(_feed(hosts, directory.take_host)),
                group.create_task(_feed(reports, directory.take_report)),
                group.create_task(_feed(audiences, directory.take_audience)),
                group.create_task(_feed(keys, directory.take_keys)),
                group.create_task(_feed(pass_keys, directory.take_pass_keys)),
                group.create_task(_feed(sites, directory.take_site)),
                group.create_task(_feed(floors, directory.take_floor)),
                group.create_task(desk.run()),
                group.create_task(_complete(known, directory)),
                group.create_task(_tell_stages(bus, directory)),
                group.create_task(shelf.run()),
                group.create_task(log_changes(counters.samples)),
            ]
            await serve(
                measured,
                context.sockets,
                stopping=context.stopping,
                clock=context.clock,
                counters=counters,
                certificate=certificate(context.settings),
                proxies=Proxies(context.settings.trusted_proxies),
            )
            for task in tasks:
                task.cancel()


async def _pass_on(bus: BusClient, asked: AskToSpeak | WithdrawAsking) -> Asked:
    subject = FLOOR_ASK if isinstance(asked, AskToSpeak) else FLOOR_WITHDRAW
    return await bus.request(subject, asked, Asked)


def build(context: RoleContext, directory: Directory, shelf: CardShelf, desk: AskDesk) -> Door:
    """Put the door together from the settings and the web build."""
    settings = context.settings
    assets = Assets(PAGES)
    return Door(
        Premises(
            directory=directory,
            pages=Pages(assets=assets),
            assets=assets,
            shelf=shelf,
            desk=desk,
            addresses=Addresses.of(settings, door_port=_bound_port(context)),
            terms=Terms(admit_s=settings.ticket_admit_s, life_s=settings.ticket_life_s),
            kept=kept(settings),
            clock=context.clock,
            fresh=Fresh(clock=context.clock, most=MOST_ANSWERS),
            askers=Askers(clock=context.clock, most_per_s=settings.poll_rate),
        )
    )


def _bound_port(context: RoleContext) -> int | None:
    for listener in context.sockets:
        return int(listener.getsockname()[1])
    return None


async def _feed(values: Subscription, take: Callable[[Any], None]) -> None:
    async for _, value in values:
        take(value)


async def _complete(known: Subscription, directory: Directory) -> None:
    """Wait until control says that these are all spaces, and no longer than patience lasts."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE_S):
            async for _ in known:
                break
    directory.complete = True


async def _tell_stages(bus: BusClient, directory: Directory) -> None:
    """Tell each live stage once a second how many listen."""
    while True:
        for entry in directory.live():
            space = entry.state.space
            listeners = directory.listeners(entry)
            note = AudienceNote(
                space=space, listeners=listeners, estimated=entry.estimated, cadence=entry.cadence
            )
            bus.publish(audience_note(space), note)
        await asyncio.sleep(NOTE_EVERY_S)
