"""A mail server for tests: takes whatever it is given over SMTP (RFC 5321) and keeps it to be read.

In the clear, with STARTTLS (RFC 3207), or with TLS from the first byte (RFC 8314). Remembers what was
said before a conversation was encrypted.
"""

from __future__ import annotations

import asyncio
import base64
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path


class PostOffice:
    """``async with post_office() as office:``; ``refusing`` answers every recipient with 550;
    ``will_not_take`` answers a letter to that address so once it was read, as filters do;
    ``slow_s`` is how long it says nothing at first.
    """

    def __init__(self, *, upgrade: ssl.SSLContext | None = None, scheme: str = "smtp") -> None:
        self.letters: list[EmailMessage] = []
        self.refusing = False
        self.will_not_take: dict[str, bytes] = {}
        self.most_letters = 0
        """It hangs up after so many; 0: never."""
        self.conversations = 0
        self.slow_s = 0.0
        self.breaks_upgrade = False
        """Offers STARTTLS and does not keep its word."""
        self.port = 0
        self.said_in_clear: list[bytes] = []
        """Commands that anybody on the way could read."""
        self.senders: list[str] = []
        """Of the envelopes, as they were given."""
        self.logins: list[tuple[str, str]] = []
        self._upgrade = upgrade
        self._scheme = scheme

    @property
    def url(self) -> str:
        return self.url_for("")

    def url_for(self, whom: str) -> str:
        """The address for ``user:password@``, or for nobody in particular."""
        return f"{self._scheme}://{whom}127.0.0.1:{self.port}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Hold one conversation."""
        self.conversations += 1
        try:
            await asyncio.sleep(self.slow_s)
            writer.write(b"220 test ESMTP\r\n")
            with suppress(ssl.SSLError, ConnectionError):
                await self._converse(reader, writer)
        finally:
            writer.close()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        letters = 0
        while line := await reader.readline():
            command = line.strip().upper()
            encrypted = writer.get_extra_info("ssl_object") is not None
            refusal = b""
            if not encrypted:
                self.said_in_clear.append(command)
            if command == b"DATA":
                writer.write(b"354 go on\r\n")
                refusal = self._take(await _read_letter(reader))
                letters += 1
            if command.startswith(b"MAIL FROM:"):
                self.senders.append(line.strip().decode()[len("MAIL FROM:") :].split()[0])
            if command.startswith(b"AUTH PLAIN "):
                self._note_login(line.split()[2])
            writer.write(refusal or self._answer(command, encrypted=encrypted))
            if command == b"STARTTLS" and self._upgrade and not self.breaks_upgrade:
                await writer.start_tls(self._upgrade)
            if command == b"QUIT" or 0 < self.most_letters == letters:
                break

    def _take(self, letter: EmailMessage) -> bytes:
        """Keep a letter, or return why it is not taken."""
        if refusal := self.will_not_take.get(str(letter["To"])):
            return refusal + b"\r\n"
        self.letters.append(letter)
        return b""

    def _answer(self, command: bytes, *, encrypted: bool) -> bytes:
        if command.startswith(b"EHLO"):
            offers = b"250-STARTTLS\r\n" if self._upgrade and not encrypted else b""
            return b"250-test\r\n" + offers + b"250 AUTH PLAIN\r\n"
        if command.startswith(b"AUTH"):
            return b"235 come in\r\n"
        if command == b"STARTTLS":
            return b"454 not now\r\n" if self.breaks_upgrade else b"220 go on\r\n"
        if command.startswith(b"RCPT") and self.refusing:
            return b"550 nobody here\r\n"
        return b"221 bye\r\n" if command == b"QUIT" else b"250 ok\r\n"

    def _note_login(self, encoded: bytes) -> None:
        _, user, password = base64.b64decode(encoded).decode().split("\0")
        self.logins.append((user, password))


async def _read_letter(reader: asyncio.StreamReader) -> EmailMessage:
    lines = []
    while (line := await reader.readline()) not in (b".\r\n", b""):
        lines.append(line[1:] if line.startswith(b"..") else line)
    letter = message_from_bytes(b"".join(lines).replace(b"\r\n", b"\n"), policy=policy.default)
    assert isinstance(letter, EmailMessage)
    return letter


@asynccontextmanager
async def post_office(
    *, starttls: tuple[Path, Path] | None = None, tls: tuple[Path, Path] | None = None
) -> AsyncIterator[PostOffice]:
    """Be open for the block, on a port of the system's choice; certificate and key make it a secure one."""
    office = PostOffice(upgrade=_context(starttls), scheme="smtps" if tls else "smtp")
    server = await asyncio.start_server(office.serve, "127.0.0.1", 0, ssl=_context(tls))
    office.port = server.sockets[0].getsockname()[1]
    async with server:
        yield office


def _context(pair: tuple[Path, Path] | None) -> ssl.SSLContext | None:
    if pair is None:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*pair)
    return context
