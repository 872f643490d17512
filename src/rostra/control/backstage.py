"""Everything a request may need, composed once. Holds no logic."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from rostra.bus.client import BusClient
from rostra.control.accounts import Accounts
from rostra.control.announcer import Announcer
from rostra.control.board import Board
from rostra.control.conductor import Conductor
from rostra.control.keys import ensure_token, local_token_path
from rostra.control.passwords import Passwords
from rostra.control.reconciler import Reconciler
from rostra.control.spaces import Spaces
from rostra.control.stage_desk import StageDesk
from rostra.core.clock import Clock
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
    accounts: Accounts
    spaces: Spaces
    desk: StageDesk
    conductor: Conductor
    reconciler: Reconciler
    local_token: str


async def compose(
    settings: Settings, *, clock: Clock, database: Database, bus: BusClient, passwords: Passwords
) -> Backstage:
    """Wire the services and make what must be on disk: the key files."""
    board = Board()
    announcer = Announcer(bus, database, board)
    accounts = Accounts(database, settings=settings, clock=clock, passwords=passwords)
    conductor = Conductor(database, bus, announcer, clock=clock)
    backstage = Backstage(
        settings=settings,
        clock=clock,
        database=database,
        board=board,
        announcer=announcer,
        accounts=accounts,
        spaces=Spaces(database, announcer, clock=clock),
        desk=StageDesk(database, bus, announcer, clock=clock),
        conductor=conductor,
        reconciler=Reconciler(bus, board, announcer, conductor, clock=clock),
        local_token=await asyncio.to_thread(ensure_token, local_token_path(settings.data)),
    )
    await accounts.open()
    return backstage
