"""What is mailed, in whose language. Words only; :mod:`.mail` sends them."""

from __future__ import annotations

from rostra.control.mail import Letter
from rostra.core.words import say


def invitation(language: str, *, to: str, site: str, inviter: str, url: str, days: int) -> Letter:
    """Somebody may make an account here."""
    return Letter(
        to,
        say(language, "mail.invitation.subject", site=site),
        say(language, "mail.invitation.text", site=site, inviter=inviter or site, url=url, count=days),
    )


def reset(language: str, *, to: str, site: str, name: str, handle: str, url: str, hours: int) -> Letter:
    """An account gets a new password."""
    return Letter(
        to,
        say(language, "mail.reset.subject", site=site),
        say(language, "mail.reset.text", site=site, name=name, handle=handle, url=url, count=hours),
    )


def unled(language: str, *, to: str, site: str, title: str, space: str) -> Letter:
    """A live stage has neither host nor co-host."""
    return Letter(
        to,
        say(language, "mail.unled.subject", site=site, title=title),
        say(language, "mail.unled.text", site=site, title=title, space=space),
    )
