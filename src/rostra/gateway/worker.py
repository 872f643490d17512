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
from rostra.admission.capacity import Policy
from rostra.admission.join import Terms
from rostra.admission.ladder import Name
from rostra.bus.client import BusClient
from rostra.bus.messages import (
    DOOR_ORDER,
    FLOOR_ASK,
    FLOOR_WITHDRAW,
    PASS_KEYS,
    REMINDER_MEANS,
    SITE_STATE,
    SPACES_KNOWN,
    TICKET_KEYS,
    Asked,
    AskToSpeak,
    Audience,
    AudienceNote,
    DoorOrder,
    DoorReport,
    FloorState,
    HostState,
    Measured,
    Newcomers,
    PassKeys,
    Present,
    ReminderMeans,
    Removed,
    SiteState,
    SpaceOrder,
    SpacesKnown,
    SpaceState,
    StageReport,
    TicketKeys,
    WithdrawAsking,
    audience_note,
    door_report,
    measured,
    newcomers,
    present,
    space_order,
)
from rostra.bus.subscription import Subscription
from rostra.core.proxies import Proxies
from rostra.core.role import RoleContext
from rostra.core.tls import certificate
from rostra.gateway import card
from rostra.gateway.answers import Fresh, Ready
from rostra.gateway.applause import Applause
from rostra.gateway.ask_desk import AskDesk
from rostra.gateway.askers import Askers
from rostra.gateway.assets import Assets
from rostra.gateway.card_shelf import CardShelf
from rostra.gateway.directory import Directory
from rostra.gateway.door import Door
from rostra.gateway.edge_load import EdgeLoad
from rostra.gateway.join_queue import JoinQueue
from rostra.gateway.joining import Joining
from rostra.gateway.machine import machine_of
from rostra.gateway.origins import Addresses
from rostra.gateway.pages import Pages
from rostra.gateway.premises import MOST_ANSWERS, Premises
from rostra.gateway.reminder_box import ReminderBox
from rostra.gateway.report_box import ReportBox
from rostra.gateway.rooms import Rooms
from rostra.gateway.stored import kept
from rostra.serving.accept_queue import queued
from rostra.serving.collector import settle
from rostra.serving.limits import Limits
from rostra.serving.metrics import SERVER, Counters, exposition, log_changes
from rostra.serving.scrape import WithMetrics
from rostra.serving.server import serve

PAGES = Path(rostra.__file__).parent / "pages"
"""Where the web build puts its files."""
NOTE_EVERY_S = 1.0
BRISK = 9_500
"""Connections of the door, half of what it holds, beyond which only a page's goes on after its answer."""
CRAMPED = 14_250
"""Three quarters: beyond, it keeps none at all."""
PATIENCE_S = 15.0
"""How long a door without backstage waits for all spaces before it answers of those that it knows."""


async def run(context: RoleContext) -> None:
    """Serve the door until ``context.stopping`` is set."""
    directory = Directory(clock=context.clock, site_name=context.settings.site_name)
    shelf = CardShelf(draw=card.draw)
    box = ReportBox(clock=context.clock)
    reminders = ReminderBox(clock=context.clock)
    askers = Askers(clock=context.clock, most_per_s=context.settings.poll_rate)
    counters = Counters()
    rooms = rooms_of(context, directory, counters, askers)
    applause = Applause(clock=context.clock, open=context.settings.reactions)
    async with (
        BusClient(context.bus_path, name=f"gateway{context.index}") as bus,
        contextlib.AsyncExitStack() as stack,
    ):
        desk = AskDesk(partial(_pass_on, bus), clock=context.clock)
        door = build(context, directory, shelf, desk, box, rooms, applause, reminders, askers)
        scraped = WithMetrics(door, lambda: exposition("door", SERVER, {context.index: counters.samples()}))
        # The broker answers subscriptions in order: what says that all spaces are known comes after them.
        before = await stack.enter_async_context(bus.subscribe(door_report(context.index), DoorReport))
        came = await stack.enter_async_context(bus.subscribe(newcomers(context.index), Newcomers))
        states = await stack.enter_async_context(bus.subscribe("space.*.state", SpaceState, Removed))
        hosts = await stack.enter_async_context(bus.subscribe("host.*.state", HostState))
        reports = await stack.enter_async_context(bus.subscribe("space.*.stage", StageReport))
        audiences = await stack.enter_async_context(bus.subscribe("space.*.audience.*", Audience))
        keys = await stack.enter_async_context(bus.subscribe(TICKET_KEYS, TicketKeys))
        pass_keys = await stack.enter_async_context(bus.subscribe(PASS_KEYS, PassKeys))
        sites = await stack.enter_async_context(bus.subscribe(SITE_STATE, SiteState))
        floors = await stack.enter_async_context(bus.subscribe("space.*.floor", FloorState))
        orders = await stack.enter_async_context(bus.subscribe(DOOR_ORDER, DoorOrder))
        space_orders = await stack.enter_async_context(bus.subscribe(space_order("*"), SpaceOrder))
        here = await stack.enter_async_context(bus.subscribe(present("*"), Present))
        measures = await stack.enter_async_context(bus.subscribe(measured("*"), Measured))
        means = await stack.enter_async_context(bus.subscribe(REMINDER_MEANS, ReminderMeans))
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
                group.create_task(_feed(orders, rooms.take_order)),
                group.create_task(_feed(space_orders, rooms.take_space_order)),
                group.create_task(_feed(here, rooms.tickets.take)),
                group.create_task(_feed(measures, rooms.load.take)),
                group.create_task(_feed(means, reminders.learn)),
                group.create_task(reminders.run(bus)),
                group.create_task(rooms.run()),
                group.create_task(_recall(before, rooms.recall)),
                group.create_task(_recall(came, rooms.recall_newcomers)),
                group.create_task(_report(bus, context, directory, rooms, counters)),
                group.create_task(_complete(known, directory, rooms)),
                group.create_task(_tell_stages(bus, directory, rooms, applause)),
                group.create_task(shelf.run()),
                group.create_task(box.run(bus)),
                group.create_task(log_changes(counters.samples)),
            ]
            settle()
            await serve(
                scraped,
                context.sockets,
                stopping=context.stopping,
                limits=Limits(backlog=context.settings.backlog, brisk=BRISK, cramped=CRAMPED),
                clock=context.clock,
                render_error=door.refuse,
                counters=counters,
                certificate=certificate(context.settings),
                proxies=Proxies(context.settings.trusted_proxies),
                at_hand=door.at_hand,
                at_once=door.at_once,
                goes_on=door.goes_on,
            )
            for task in tasks:
                task.cancel()
            rooms.close()


async def _pass_on(bus: BusClient, asked: AskToSpeak | WithdrawAsking) -> Asked:
    subject = FLOOR_ASK if isinstance(asked, AskToSpeak) else FLOOR_WITHDRAW
    return await bus.request(subject, asked, Asked)


def build(
    context: RoleContext,
    directory: Directory,
    shelf: CardShelf,
    desk: AskDesk,
    box: ReportBox,
    rooms: Rooms,
    applause: Applause,
    reminders: ReminderBox,
    askers: Askers,
) -> Door:
    """Put the door together from the settings and the web build."""
    settings = context.settings
    assets = Assets(PAGES)
    pages = Pages(assets=assets)
    pages.prepare()
    terms = Terms(admit_s=settings.ticket_admit_s, life_s=settings.ticket_life_s)
    clock = context.clock
    return Door(
        Premises(
            directory=directory,
            pages=pages,
            assets=assets,
            shelf=shelf,
            desk=desk,
            addresses=Addresses.of(settings, clock=clock, door_port=_bound_port(context)),
            terms=terms,
            kept=kept(settings),
            clock=context.clock,
            fresh=Fresh(clock=context.clock, most=MOST_ANSWERS),
            ready=Ready(clock=context.clock, turn=lambda: directory.turn, most=MOST_ANSWERS),
            askers=askers,
            reports=box,
            reminders=reminders,
            rooms=rooms,
            joining=Joining(
                rooms,
                askers,
                terms=terms,
                per_prefix=settings.entries_per_prefix,
                now_ms=lambda: clock.utc_ns() // 1_000_000,
            ),
            applause=applause,
        )
    )


def rooms_of(context: RoleContext, directory: Directory, counters: Counters, askers: Askers) -> Rooms:
    """Return the waiting rooms, with what the settings say of this machine."""
    settings = context.settings
    return Rooms(
        directory,
        EdgeLoad(tls=settings.tls_certificate is not None, clock=context.clock),
        JoinQueue(queued=partial(queued, context.sockets), accepted=lambda: counters.accepted),
        folder=settings.data / "door",
        opens_ms=settings.waiting_room_s * 1000,
        policy=Policy(by_hand=settings.capacity or None, machine=machine_of(settings)),
        clock=context.clock,
        poll_ms=lambda: askers.poll_ms,
    )


def _bound_port(context: RoleContext) -> int | None:
    for listener in context.sockets:
        return int(listener.getsockname()[1])
    return None


async def _feed(values: Subscription, take: Callable[[Any], None]) -> None:
    async for _, value in values:
        take(value)


async def _complete(known: Subscription, directory: Directory, rooms: Rooms) -> None:
    """Wait until control says that these are all spaces; with what is known then once patience is over.

    Visitors are answered once the rooms of before are open again.
    """
    all_known = False
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE_S):
            await _told(known)
            all_known = True
    await rooms.resume()
    if not all_known:
        directory.waited = True
        await _told(known)
        await rooms.resume()
    directory.complete = True


async def _told(values: Subscription) -> None:
    async for _ in values:
        return


async def _recall(before: Subscription, recall: Callable[[Any], None]) -> None:
    """Take in what the door before this one told last; what comes later is this one's own."""
    async for _, value in before:
        recall(value)
        return


async def _report(
    bus: BusClient, context: RoleContext, directory: Directory, rooms: Rooms, counters: Counters
) -> None:
    """Tell backstage once a second what this door sees, once it has heard what there was before.

    For the door after it: which networks have had their entries of the first line.
    """
    index, told = context.index, None
    while True:
        if directory.complete or directory.waited:
            turned_away = counters.overloaded + counters.broken_off
            bus.publish(door_report(index), rooms.report(index, turned_away=turned_away), retain=True)
            came = rooms.newcomers(index, at_least=context.settings.entries_per_prefix)
            if came != told:
                told = came
                bus.publish(newcomers(index), came, retain=True)
        await asyncio.sleep(NOTE_EVERY_S)


async def _tell_stages(bus: BusClient, directory: Directory, rooms: Rooms, applause: Applause) -> None:
    """Tell each live stage once a second how many listen and may, how many pressed what, and the rung."""
    while True:
        for entry in directory.live():
            space = entry.state.space
            listeners, estimated = rooms.audience(entry)
            note = AudienceNote(
                space=space,
                listeners=listeners,
                estimated=estimated,
                cadence=entry.cadence,
                rung="" if rooms.rung == Name.GROUND else rooms.rung,
                places=rooms.orders.ordered(space),
                reactions=applause.take(space),
            )
            bus.publish(audience_note(space), note)
        await asyncio.sleep(NOTE_EVERY_S)
