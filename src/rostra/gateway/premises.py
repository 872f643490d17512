"""What every answer of the door is made from: what it knows, its pages, its addresses, its clock.

Holds these together and says how a request sees them; answers nothing by itself.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

from rostra.admission.join import Terms
from rostra.core import words
from rostra.core.clock import Clock
from rostra.core.errors import Unavailable
from rostra.gateway.answers import Fresh, Ready
from rostra.gateway.applause import Applause
from rostra.gateway.ask_desk import AskDesk
from rostra.gateway.askers import Askers
from rostra.gateway.assets import Assets
from rostra.gateway.card_shelf import CardShelf
from rostra.gateway.directory import Directory
from rostra.gateway.joining import Joining
from rostra.gateway.origins import Addresses, Origins
from rostra.gateway.pages import Pages
from rostra.gateway.reminder_box import ReminderBox
from rostra.gateway.report_box import ReportBox
from rostra.gateway.rooms import Rooms
from rostra.gateway.stored import Kept
from rostra.gateway.view import View
from rostra.serving.request import Request

MOST_ANSWERS = 512
"""Spaces times host names times languages whose page and status are kept."""


@dataclass(frozen=True, slots=True)
class Premises:
    """Shared by all of the door's answers."""

    directory: Directory
    pages: Pages
    assets: Assets
    shelf: CardShelf
    desk: AskDesk
    addresses: Addresses
    terms: Terms
    kept: tuple[Kept, ...]
    """For the privacy page."""
    clock: Clock
    fresh: Fresh[Hashable]
    ready: Ready
    askers: Askers
    reports: ReportBox
    reminders: ReminderBox
    rooms: Rooms
    joining: Joining
    applause: Applause

    def need_ready(self) -> None:
        """Raise Unavailable until the directory is."""
        if not self.directory.ready:
            raise Unavailable

    def origins(self, request: Request) -> Origins:
        """Return the addresses under which this visitor reaches the deployment."""
        return self.addresses.seen_from(request.local_host)

    def view(self, request: Request) -> View:
        """Return how this visitor sees the site."""
        return View(self.origins(request), self.directory.site, self.now_ms(), self.language(request))

    def language(self, request: Request) -> str:
        """Return the language that this visitor reads."""
        return words.choose(
            query=request.query,
            cookie=request.headers.get(b"cookie", b"").decode("latin-1"),
            accept=request.headers.get(b"accept-language", b"").decode("latin-1"),
        )

    def now_ms(self) -> int:
        """UTC in milliseconds."""
        return self.clock.utc_ns() // 1_000_000

    def now_s(self) -> int:
        """UTC in whole seconds."""
        return self.clock.utc_ns() // 1_000_000_000
