"""Everything a request may need, composed once. Holds no logic."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from rostra.bus.client import BusClient
from rostra.control.accounts import Accounts
from rostra.control.alerts import Alerts
from rostra.control.announcer import Announcer
from rostra.control.api_tokens import ApiTokens
from rostra.control.audit_log import AuditLog
from rostra.control.board import Board
from rostra.control.captions import CaptionDesk
from rostra.control.challenges import Challenges
from rostra.control.checks import Checks
from rostra.control.conductor import Conductor
from rostra.control.departures import Departures
from rostra.control.door_orders import DoorOrders
from rostra.control.door_watch import DoorWatch, rung_of
from rostra.control.edge_pace import EdgePace
from rostra.control.eraser import Eraser
from rostra.control.export import Export
from rostra.control.floor_desk import FloorDesk
from rostra.control.guard import Guard
from rostra.control.hearing import Hearing
from rostra.control.hiding import Hiding
from rostra.control.hold_loops import HoldLoops
from rostra.control.invitations import Invitations
from rostra.control.invited import Invited
from rostra.control.keys import ensure_token, reminders_token_path
from rostra.control.lapses import Lapses
from rostra.control.links import Links
from rostra.control.lost_seats import LostSeats
from rostra.control.mail import Mailer
from rostra.control.moves import Moves
from rostra.control.mute_desk import MuteDesk
from rostra.control.notices import Notices
from rostra.control.passes import Passes
from rostra.control.passkeys import Passkeys
from rostra.control.passwords import Passwords
from rostra.control.pinned import PinnedLinks
from rostra.control.push_sender import PushSender
from rostra.control.reconciler import Reconciler
from rostra.control.refused_acts import RefusedActs
from rostra.control.reminder_mail import ReminderMail
from rostra.control.reminder_questions import ReminderQuestions
from rostra.control.reminder_round import ReminderRound
from rostra.control.reminder_secrets import ReminderSecrets
from rostra.control.reminders import Reminders
from rostra.control.reports import Reports
from rostra.control.requests import Requests
from rostra.control.reserved_links import ReservedLinks
from rostra.control.resets import Resets
from rostra.control.roles import Roles
from rostra.control.seating import Seating
from rostra.control.sessions import Sessions
from rostra.control.site import Site
from rostra.control.spaces import Spaces
from rostra.control.speaker_mails import SpeakerMails
from rostra.control.stage_desk import StageDesk
from rostra.control.stage_pace import StagePace
from rostra.control.suspension import Suspensions
from rostra.control.sweeper import Sweeper
from rostra.control.throttle import Throttle
from rostra.control.understudy import Understudy
from rostra.control.unheard import Unheard
from rostra.control.verdicts import Verdicts
from rostra.control.vouchers import Vouchers
from rostra.control.ways_in import WaysIn
from rostra.control.web_push import Vapid
from rostra.core.clock import Clock
from rostra.core.own_backstage import local_token_path
from rostra.core.settings import Settings
from rostra.store.database import Database


@dataclass(frozen=True, slots=True)
class Backstage:
    """The services of one backstage process."""

    settings: Settings
    clock: Clock
    database: Database
    board: Board
    announcer: Announcer
    site: Site
    edge_pace: EdgePace
    door_orders: DoorOrders
    door_watch: DoorWatch
    reserved_links: ReservedLinks
    accounts: Accounts
    roles: Roles
    sessions: Sessions
    api_tokens: ApiTokens
    invitations: Invitations
    resets: Resets
    passkeys: Passkeys
    suspensions: Suspensions
    departures: Departures
    export: Export
    audit_log: AuditLog
    mailer: Mailer
    throttle: Throttle
    refused_acts: RefusedActs
    spaces: Spaces
    desk: StageDesk
    ways_in: WaysIn
    lost_seats: LostSeats
    mutes: MuteDesk
    floor: FloorDesk
    speaker_mails: SpeakerMails
    requests: Requests
    vouchers: Vouchers
    alerts: Alerts
    understudy: Understudy
    unheard: Unheard
    lapses: Lapses
    hiding: Hiding
    checks: Checks
    conductor: Conductor
    eraser: Eraser
    sweeper: Sweeper
    invited: Invited
    links: Links
    notices: Notices
    pinned: PinnedLinks
    captions: CaptionDesk
    hold_loops: HoldLoops
    passes: Passes
    moves: Moves
    reports: Reports
    verdicts: Verdicts
    hearing: Hearing
    reminders: Reminders
    reminder_questions: ReminderQuestions
    reminder_round: ReminderRound
    reconciler: Reconciler
    local_token: str

    async def run(self) -> None:
        """Do what backstage does by itself, until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self.reconciler.run(), name="reconcile")
            group.create_task(self.announcer.take_back_unknown(), name="take back unknown spaces")
            group.create_task(self.eraser.run(), name="erase")
            group.create_task(self.sweeper.run(), name="sweep what has run out")
            group.create_task(self.ways_in.run(), name="answer the stage")
            group.create_task(self.lost_seats.run(), name="write down lost seats")
            group.create_task(self.passes.run(), name="follow pass keys")
            group.create_task(self.door_watch.run(), name="watch the door")
            group.create_task(self.reports.run(), name="take reports in")
            group.create_task(self.reminders.run(), name="take reminders in")
            group.create_task(self.reminder_questions.run(), name="ask who owns a mail address")
            group.create_task(self.reminder_round.run(), name="remind")
            group.create_task(self.suspensions.run(), name="enforce suspensions")
            group.create_task(self.hiding.run(), name="end what is hidden")
            group.create_task(self.resets.run(), name="mail links for new passwords")
            group.create_task(self.speaker_mails.run(), name="mail whoever may speak")
            group.create_task(self.requests.run(), name="take requests to speak")
            group.create_task(self.alerts.run(), name="mail operators")
            group.create_task(self.understudy.run(), name="watch who leads")
            group.create_task(self.lapses.run(), name="end what nobody came of")
            group.create_task(self.unheard.run(), name="tell stages again what they did not hear")


async def compose(
    settings: Settings, *, clock: Clock, database: Database, bus: BusClient, passwords: Passwords
) -> Backstage:
    """Wire the services and make what must be on disk: the key files."""
    board = Board(clock=clock)
    announcer = Announcer(bus, database, board)
    site = Site(database, bus, settings=settings, clock=clock)
    edge_pace = EdgePace(database, bus, settings=settings, clock=clock)
    door_orders = DoorOrders(database, bus, most_reserved=settings.host_reserved, clock=clock)
    mailer = Mailer(settings)
    throttle = Throttle(clock=clock)
    accounts = Accounts(database, announcer, settings=settings, clock=clock, passwords=passwords)
    eraser = Eraser(database, bus, clock=clock)
    refused_acts = RefusedActs(database, clock=clock)
    guard = Guard(database, refused_acts, clock=clock)
    stage_pace = StagePace(clock=clock)
    mutes = MuteDesk(database, bus, board, guard, stage_pace)
    desk = StageDesk(database, bus, announcer, board, mutes, stage_pace, clock=clock)
    conductor = Conductor(database, bus, announcer, eraser, guard, desk, clock=clock)
    vouchers = Vouchers(clock=clock)
    seating = Seating(most=settings.max_speakers, most_speakers=settings.most_speakers)
    requests = Requests(
        database, bus, announcer, board, guard, refused_acts, vouchers, clock=clock, seating=seating
    )
    speaker_mails = SpeakerMails(site, mailer, clock=clock)
    alerts = Alerts(database, site, mailer)
    floor = FloorDesk(
        database,
        announcer,
        board,
        desk,
        requests,
        guard,
        speaker_mails,
        clock=clock,
        most_cohosts=settings.max_cohosts,
    )
    suspensions = Suspensions(database, announcer, conductor, desk, board, clock=clock)
    notices = Notices(database, announcer, desk, clock=clock)
    hiding = Hiding(database, announcer, conductor, clock=clock)
    passes = Passes(database, bus, passwords, clock=clock, hours=settings.pass_hours)
    vapid = None
    if settings.push_sender:
        vapid = await asyncio.to_thread(Vapid.of, settings.data, contact=settings.push_sender)
    reminder_secrets = ReminderSecrets(
        await asyncio.to_thread(ensure_token, reminders_token_path(settings.data))
    )
    reminder_mail = ReminderMail(mailer, site, clock=clock)
    reminder_questions = ReminderQuestions(database, reminder_mail, reminder_secrets, site, clock=clock)
    reminders = Reminders(
        database,
        bus,
        mailer,
        reminder_secrets,
        reminder_questions,
        settings=settings,
        clock=clock,
        vapid=vapid,
    )
    backstage = Backstage(
        settings=settings,
        clock=clock,
        database=database,
        board=board,
        announcer=announcer,
        site=site,
        edge_pace=edge_pace,
        door_orders=door_orders,
        door_watch=DoorWatch(bus, door_orders, edge_pace, clock=clock),
        reserved_links=ReservedLinks(database, door_orders, clock=clock),
        accounts=accounts,
        roles=Roles(database, announcer, desk, clock=clock),
        sessions=Sessions(database, settings=settings, clock=clock, passwords=passwords, throttle=throttle),
        api_tokens=ApiTokens(database, clock=clock),
        invitations=Invitations(
            database, accounts, site, mailer, settings=settings, clock=clock, passwords=passwords
        ),
        resets=Resets(database, site, mailer, settings=settings, clock=clock, passwords=passwords),
        passkeys=Passkeys(database, Challenges(clock=clock), clock=clock),
        suspensions=suspensions,
        departures=Departures(database, accounts, announcer, conductor, suspensions, requests, clock=clock),
        export=Export(database, clock=clock),
        audit_log=AuditLog(database),
        mailer=mailer,
        throttle=throttle,
        refused_acts=refused_acts,
        spaces=Spaces(database, announcer, clock=clock, passwords=passwords),
        desk=desk,
        ways_in=WaysIn(database, bus, desk, stage_pace, settings=settings, clock=clock),
        lost_seats=LostSeats(database, bus, clock=clock),
        mutes=mutes,
        floor=floor,
        speaker_mails=speaker_mails,
        requests=requests,
        vouchers=vouchers,
        alerts=alerts,
        understudy=Understudy(
            database,
            announcer,
            board,
            alerts,
            clock=clock,
            patience_s=settings.host_patience_s,
            seat_s=settings.seat_s,
        ),
        lapses=Lapses(database, announcer, board, clock=clock),
        unheard=Unheard(database, announcer, board, desk, mutes),
        checks=Checks(database, bus, desk, stage_pace, clock=clock),
        conductor=conductor,
        eraser=eraser,
        sweeper=Sweeper(database, clock=clock),
        invited=Invited(database, announcer, clock=clock),
        links=Links(database, announcer, desk, guard, most_cohosts=settings.max_cohosts),
        notices=notices,
        moves=Moves(database, announcer, clock=clock),
        hiding=hiding,
        reports=Reports(database, bus, clock=clock),
        verdicts=Verdicts(database, notices, floor, suspensions, hiding, clock=clock),
        hearing=Hearing(database, passes, clock=clock),
        pinned=PinnedLinks(database, announcer, clock=clock),
        captions=CaptionDesk(database, bus, clock=clock),
        hold_loops=HoldLoops(database, bus, announcer, clock=clock),
        passes=passes,
        reminders=reminders,
        reminder_questions=reminder_questions,
        reminder_round=ReminderRound(
            database,
            announcer,
            reminders,
            reminder_secrets,
            site,
            reminder_mail,
            PushSender(vapid, hosts=settings.push_hosts, clock=clock) if vapid else None,
            settings=settings,
            clock=clock,
        ),
        reconciler=Reconciler(bus, board, announcer, conductor, clock=clock),
        local_token=await asyncio.to_thread(ensure_token, local_token_path(settings.data)),
    )
    await accounts.open()
    await suspensions.open()
    await hiding.open()
    await site.open()
    await door_orders.open()
    rung = rung_of(door_orders.seen)
    await edge_pace.open(cadence=rung.cadence, low=rung.low)
    await requests.open()
    return backstage
