"""What the demo prints for the person who tries it: links, a QR code, keys. Pure: values in, text out."""

from __future__ import annotations

import io
from dataclasses import dataclass

import segno
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

KEYS = "Press e to end the conversation and open its recording, q to quit."
NO_KEYS = "Ctrl-C ends the conversation; a second Ctrl-C quits."
HTTPS = (
    "Scan it with a phone on the same network to listen there.\n"
    "Speaking from another device needs HTTPS, because browsers give no microphone without it;\n"
    "on this machine the Host link works as it is."
)


@dataclass(frozen=True, slots=True)
class Invitation:
    """Every address that the demo hands out."""

    listen: str
    host: str
    console: str
    lan_listen: str | None
    """The event page as another device reaches it; None without a network."""

    def render(self, *, keys: bool) -> RenderableType:
        """Lay the links out for a terminal."""
        table = Table.grid(padding=(0, 2))
        table.add_row(Text("Listen", style="bold green"), link(self.listen))
        table.add_row(Text("Host", style="bold"), link(self.host))
        table.add_row(Text("Console", style="bold"), link(self.console))
        parts: list[RenderableType] = ["", table]
        if self.lan_listen:
            table.add_row(Text("Phone", style="bold"), link(self.lan_listen))
            parts += ["", qr(self.lan_listen), Text(HTTPS, style="dim")]
        parts += ["", Text(KEYS if keys else NO_KEYS), ""]
        return Group(*parts)


def link(url: str) -> Text:
    """An address that is never broken over two lines."""
    return Text(url, style="cyan", no_wrap=True, overflow="ignore")


def qr(url: str) -> Text:
    """Draw a QR code with half blocks."""
    drawing = io.StringIO()
    segno.make(url, error="l", micro=False).terminal(out=drawing, border=2, compact=True)
    return Text.from_ansi(drawing.getvalue(), no_wrap=True, overflow="ignore")
