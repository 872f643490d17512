"""A mail server for tests: takes whatever it is given over SMTP (RFC 5321) and keeps it to be read."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage


class PostOffice:
    """``async with post_office() as office:``; ``refusing`` answers every recipient with 550;
    ``slow_s`` is how long it says nothing at first.
    """

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self.refusing = False
        self.slow_s = 0.0
        self.port = 0

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Hold one conversation."""
        try:
            await asyncio.sleep(self.slow_s)
            writer.write(b"220 test ESMTP\r\n")
            while line := await reader.readline():
                command = line.strip().upper()
                if command == b"DATA":
                    writer.write(b"354 go on\r\n")
                    self.letters.append(await _read_letter(reader))
                writer.write(self._answer(command))
                if command == b"QUIT":
                    break
        finally:
            writer.close()

    def _answer(self, command: bytes) -> bytes:
        if command.startswith(b"RCPT") and self.refusing:
            return b"550 nobody here\r\n"
        return b"221 bye\r\n" if command == b"QUIT" else b"250 ok\r\n"


async def _read_letter(reader: asyncio.StreamReader) -> EmailMessage:
    lines = []
    while (line := await reader.readline()) not in (b".\r\n", b""):
        lines.append(line[1:] if line.startswith(b"..") else line)
    letter = message_from_bytes(b"".join(lines).replace(b"\r\n", b"\n"), policy=policy.default)
    assert isinstance(letter, EmailMessage)
    return letter


@asynccontextmanager
async def post_office() -> AsyncIterator[PostOffice]:
    """Be open for the block, on a port of the system's choice."""
    office = PostOffice()
    server = await asyncio.start_server(office.serve, "127.0.0.1", 0)
    office.port = server.sockets[0].getsockname()[1]
    async with server:
        yield office
