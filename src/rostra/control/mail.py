"""Mails, handed to the operator's SMTP server. Knows how to send, never what is said.

One mail at a time, in a thread, with a time limit; many in a row may go by one connection. Never sends a
password over a connection that others could read, nor to a server whose certificate does not fit.
"""

from __future__ import annotations

import asyncio
import smtplib
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing, suppress
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
MOST_LETTERS: Final = 100
"""By one connection."""
CLOSING: Final = 421
"""By that code a server says that it goes away (RFC 5321 §3.8)."""
_PORTS: Final = {"smtp": 587, "smtps": 465}
_OK: Final = 250


class MailFailed(Unavailable):
    """The mail could not be sent. Please try again, or pass the link on by other means."""

    code = "mail_failed"

    @property
    def is_of_letter(self) -> bool:
        """Whether others may get theirs: this is no mail, or the server refused this address, or this text.

        The text for good only (RFC 5321 §4.2.1): with a 4xx after it the server asks for patience with all.
        """
        cause = self.__cause__
        if isinstance(cause, ValueError | LookupError):
            return not isinstance(cause, OSError)  # as a certificate that does not fit is both
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

    async def send(self, letter: Letter, *, sender: str, line: MailLine | None = None) -> None:
        """Hand ``letter`` to the server, in the name of ``sender``, by ``line`` or alone; MailFailed."""
        if self._url is None:
            raise MailFailed
        try:
            message = _compose(letter, name=sender, address=self._from)
            async with self._one_at_a_time:
                if line is None:
                    await asyncio.to_thread(_deliver, self._url, message)
                else:
                    await asyncio.to_thread(line.deliver, message)
        except (OSError, smtplib.SMTPException, ValueError, LookupError) as error:
            log.warning("mail_failed", server=self._url.hostname, reason=str(error))
            raise MailFailed from error

    @asynccontextmanager
    async def line(self) -> AsyncIterator[MailLine | None]:
        """A connection for many letters, closed at the end of the block; None where there is no server."""
        if self._url is None:
            yield None
            return
        line = MailLine(self._url)
        try:
            yield line
        finally:
            if line.is_open:
                async with self._one_at_a_time:
                    await asyncio.to_thread(line.close)

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
    """An address that holds an encoded word (RFC 2047) would become another one: ValueError."""
    if "=?" in letter.to:
        raise ValueError(letter.to)
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


class MailLine:
    """A connection to the server that is made for its first letter and serves the next ones too.

    Blocks, and is for one thread at a time. After a failure, after :data:`MOST_LETTERS`, and where the server
    has closed it meanwhile, the next letter gets a new one.
    """

    def __init__(self, url: SplitResult) -> None:
        self._url = url
        self._server: smtplib.SMTP | None = None
        self._letters = 0

    def deliver(self, message: EmailMessage) -> None:
        """Hand a letter to the server. OSError, SMTPException."""
        if self._letters >= MOST_LETTERS or not self._is_there():
            self.close()
        if self._server is None:
            self._server, self._letters = _connected(self._url), 0
        self._letters += 1
        try:
            self._server.send_message(message)
        except BaseException:
            self.close()
            raise

    @property
    def is_open(self) -> bool:
        """Whether there is a connection to close."""
        return self._server is not None

    def close(self) -> None:
        """Say good-bye, if there is anybody."""
        server, self._server = self._server, None
        if server is not None:
            with suppress(OSError):
                server.quit()
            server.close()

    def _is_there(self) -> bool:
        """Whether the server still listens; asked before a letter, for after one it may have taken it."""
        try:
            return self._server is not None and self._server.noop()[0] == _OK
        except OSError:
            return False


def _deliver(url: SplitResult, message: EmailMessage) -> None:
    with closing(MailLine(url)) as line:
        line.deliver(message)


def _connected(url: SplitResult) -> smtplib.SMTP:
    host, port = url.hostname or "", url.port or _PORTS[url.scheme]
    context = ssl.create_default_context()
    if url.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=TIMEOUT_S, context=context)
    else:
        server = smtplib.SMTP(host, port, timeout=TIMEOUT_S)
    try:
        _introduce(server, url, context)
    except BaseException:
        server.close()
        raise
    return server


def _introduce(server: smtplib.SMTP, url: SplitResult, context: ssl.SSLContext) -> None:
    if url.scheme == "smtp":
        server.ehlo()
        if server.has_extn("starttls"):
            server.starttls(context=context)
            server.ehlo()
        elif url.password and not _is_this_machine(url.hostname or ""):
            raise smtplib.SMTPNotSupportedError("The server offers no encryption, and a password is needed.")
    if url.username:
        server.login(unquote(url.username), unquote(url.password or ""))


def _is_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
