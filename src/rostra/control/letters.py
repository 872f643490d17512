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


def may_speak(language: str, *, to: str, site: str, name: str, title: str, url: str) -> Letter:
    """An account was invited to speak."""
    return Letter(
        to,
        _one_line(say(language, "mail.speak.subject", site=site, title=title)),
        say(language, "mail.speak.text", site=site, name=name, title=title, url=url),
    )


def unled(language: str, *, to: str, site: str, title: str, space: str) -> Letter:
    """A live stage has neither host nor co-host."""
    return Letter(
        to,
        say(language, "mail.unled.subject", site=site, title=title),
        say(language, "mail.unled.text", site=site, title=title, space=space),
    )


def confirm_reminder(
    language: str,
    *,
    to: str,
    site: str,
    title: str,
    when: str,
    url: str,
    forget: str,
) -> Letter:
    """Somebody, maybe a stranger, wants this address to be reminded; of a private space without ``title``."""
    if title:
        subject = say(language, "mail.remind.subject", title=_one_line(title))
        text = say(language, "mail.remind.text", site=site, title=title, when=when, url=url)
    else:
        subject = say(language, "mail.remind.private.subject")
        text = say(language, "mail.remind.private.text", site=site, url=url)
    return Letter(to, subject, text, unsubscribe=forget)


def reminder(language: str, *, to: str, site: str, subject: str, said: str, url: str, forget: str) -> Letter:
    """What somebody asked to be told of a space."""
    foot = say(language, "mail.remind.foot", site=site, url=forget)
    return Letter(to, _one_line(subject), f"{said}\n\n{url}\n\n{foot}\n", unsubscribe=forget)


def _one_line(text: str) -> str:
    return " ".join(text.split())
