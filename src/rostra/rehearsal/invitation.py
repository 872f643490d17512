"""What the demo prints for the person who tries it: links, a QR code, keys. Decides nothing."""

from __future__ import annotations

import io
from dataclasses import dataclass

import segno
from rich.console import Console
from rich.text import Text

from rostra.rehearsal.backstage import SignIn

KEYS = (
    "Press e to end the conversation and open its recording, n to show a notice on its page,\n"
    "c to bring a crowd to its door (again: to send it home), "
    "w for the worst case (again: to leave it), q to quit."
)
NO_KEYS = "Ctrl-C ends the conversation; a second Ctrl-C quits."
HTTPS = (
    "Scan it with a phone on the same network to listen there.\n"
    "Speaking from another device needs HTTPS, because browsers give no microphone without it;\n"
    "on this machine the Host link works as it is."
)
NO_PHONE = (
    "No link for a phone: without a default route this machine cannot tell\n"
    "by which of its addresses a phone on the same network reaches it."
)


@dataclass(frozen=True, slots=True)
class Invitation:
    """Every address that the demo hands out."""

    listen: str
    host: str
    console: str
    sign_in: SignIn | None
    """What the console asks for; None when it is not the demo's to tell."""
    lan_listen: str | None
    """The event page as another device reaches it; None where this machine cannot tell."""

    def show(self, console: Console, *, keys: bool) -> None:
        """Print the links; ``keys`` says whether single keys are read. No address is ever broken in two."""
        parts = [Text(), _row("Listen", self.listen), _row("Host", self.host), _row("Console", self.console)]
        if self.sign_in:
            asks = f"sign in as {self.sign_in.handle} with the password {self.sign_in.password}"
            parts.append(Text(f"{'':9}{asks}", style="dim"))
        if self.lan_listen:
            parts += [_row("Phone", self.lan_listen), Text(), qr(self.lan_listen), Text(HTTPS, style="dim")]
        else:
            parts += [Text(), Text(NO_PHONE, style="dim")]
        parts += [Text(), Text(KEYS if keys else NO_KEYS), Text()]
        for part in parts:
            console.print(part, soft_wrap=True)


def _row(name: str, url: str) -> Text:
    return Text.assemble((f"{name:<9}", "bold"), (url, "cyan"))


def qr(url: str) -> Text:
    """Draw a QR code with half blocks."""
    drawing = io.StringIO()
    segno.make(url, error="l", micro=False).terminal(out=drawing, border=2, compact=True)
    return Text.from_ansi(drawing.getvalue())
