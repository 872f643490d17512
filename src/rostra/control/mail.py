"""Mails, handed to the operator's SMTP server. Knows how to send, never what is said.

One mail at a time, in a thread, with a time limit. Never sends a password over a connection that
others could read, nor to a server whose certificate does not fit.
"""

from __future__ import annotations

import asyncio
import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formataddr, formatdate, make_msgid
from ipaddress import ip_address
from typing import Final
from urllib.parse import SplitResult, unquote, urlsplit

import structlog

from rostra.core.errors import RostraError, Unavailable
from rostra.core.settings import Settings

log = structlog.get_logger()

TIMEOUT_S: Final = 10.0
"""Of each step of the conversation with the server."""
CLOSING: Final = 421
"""By that code a server says that it goes away (RFC 5321 §3.8)."""
_PORTS: Final = {"smtp": 587, "smtps": 465}


class MailFailed(Unavailable):
    """The mail could not be sent. Please try again, or pass the link on by other means."""

    code = "mail_failed"

    @property
    def is_of_letter(self) -> bool:
        """Whether the server is there and others may get theirs: it refused this address, or this text.

        The latter for good only (RFC 5321 §4.2.1): with a 4xx after the text it asks for patience with all.
        """
        cause = self.__cause__
        if isinstance(cause, smtplib.SMTPRecipientsRefused):
            return all(code != CLOSING for code, _ in cause.recipients.values())
        return isinstance(cause, smtplib.SMTPDataError) and cause.smtp_code >= 500


class MailMisconfigured(RostraError):
    """ROSTRA_SMTP_URL is not smtp://user:password@host:587 or smtps://…, or ROSTRA_MAIL_FROM is missing."""

    code = "mail_misconfigured"


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail of plain text."""

    to: str
    subject: str
    text: str
    unsubscribe: str = ""
    """An address that ends such mails in one step (RFC 8058); empty where there is nothing to end."""


class Mailer:
    """Sends letters if the operator named a server. MailMisconfigured when that name makes no sense."""

    def __init__(self, settings: Settings) -> None:
        self._url = _parse(settings) if settings.smtp_url else None
        self._from = settings.mail_from
        self._one_at_a_time = asyncio.Lock()

    @property
    def enabled(self) -> bool:
        """Whether there is a server at all."""
        return self._url is not None

    async def send(self, letter: Letter, *, sender: str) -> None:
        """Hand ``letter`` to the server, in the name of ``sender``; MailFailed."""
        if self._url is None:
            raise MailFailed
        message = _compose(letter, name=sender, address=self._from)
        try:
            async with self._one_at_a_time:
                await asyncio.to_thread(_deliver, self._url, message)
        except (OSError, smtplib.SMTPException, UnicodeError) as error:
            log.warning("mail_failed", server=self._url.hostname, reason=str(error))
            raise MailFailed from error

    async def try_to_send(self, letter: Letter, *, sender: str) -> bool:
        """The same, saying whether it went out; the reason why not is in the log."""
        if not self.enabled or not letter.to:
            return False
        try:
            await self.send(letter, sender=sender)
        except MailFailed:
            return False
        return True


def _parse(settings: Settings) -> SplitResult:
    try:
        url = urlsplit(settings.smtp_url)
        known = url.scheme in _PORTS and bool(url.hostname) and (url.port is None or url.port > 0)
    except ValueError as error:
        raise MailMisconfigured from error
    if not known or not settings.mail_from:
        raise MailMisconfigured
    return url


def _compose(letter: Letter, *, name: str, address: str) -> EmailMessage:
    message = EmailMessage()
    message["From"] = formataddr((name, address))
    message["To"] = letter.to
    message["Subject"] = letter.subject
    message["Date"] = formatdate()
    message["Message-ID"] = make_msgid(domain=address.rpartition("@")[2])
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's holiday note answers it
    if letter.unsubscribe:
        message["List-Unsubscribe"] = f"<{letter.unsubscribe}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(letter.text)
    return message


def _deliver(url: SplitResult, message: EmailMessage) -> None:
    host, port = url.hostname or "", url.port or _PORTS[url.scheme]
    context = ssl.create_default_context()
    if url.scheme == "smtps":
        with smtplib.SMTP_SSL(host, port, timeout=TIMEOUT_S, context=context) as server:
            _converse(server, url, message)
        return
    with smtplib.SMTP(host, port, timeout=TIMEOUT_S) as server:
        server.ehlo()
        if server.has_extn("starttls"):
            server.starttls(context=context)
            server.ehlo()
        elif url.password and not _is_this_machine(host):
            raise smtplib.SMTPNotSupportedError("The server offers no encryption, and a password is needed.")
        _converse(server, url, message)


def _converse(server: smtplib.SMTP, url: SplitResult, message: EmailMessage) -> None:
    if url.username:
        server.login(unquote(url.username), unquote(url.password or ""))
    server.send_message(message)


def _is_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
