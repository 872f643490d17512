"""A push service for tests (RFC 8030): takes what it is given over HTTP and keeps it to be looked at.

Opens nothing by itself; a test that holds a browser's keys may. Answers 201, or what it is told to.
"""

from __future__ import annotations

import asyncio
import json
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


@dataclass(frozen=True)
class Pushed:
    """One request."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class PushService:
    """``async with push_service() as service:``."""

    pushed: list[Pushed] = field(default_factory=list)
    answers: dict[str, int] = field(default_factory=dict)
    """By path; 201 else."""
    retry_after: dict[str, str] = field(default_factory=dict)
    """By path: what that header says; none else."""
    port: int = 0

    def endpoint(self, name: str) -> str:
        return f"http://127.0.0.1:{self.port}/{name}"

    def of(self, name: str) -> list[Pushed]:
        return [each for each in self.pushed if each.path == f"/{name}"]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of one connection."""
        try:
            while line := await reader.readline():
                _, path, _ = line.decode().split()
                headers: dict[str, str] = {}
                while (line := await reader.readline()) != b"\r\n":
                    name, _, value = line.decode().partition(":")
                    headers[name.lower()] = value.strip()
                body = await reader.readexactly(int(headers.get("content-length", 0)))
                self.pushed.append(Pushed(path, headers, body))
                wait = self.retry_after.get(path, "")
                lines = f"Retry-After: {wait}\r\n" if wait else ""
                status = self.answers.get(path, 201)
                writer.write(f"HTTP/1.1 {status} So\r\n{lines}Content-Length: 0\r\n\r\n".encode())
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def push_service() -> AsyncIterator[PushService]:
    """Be there for the block, on a port of the system's choice."""
    service = PushService()
    server = await asyncio.start_server(service.serve, "127.0.0.1", 0)
    service.port = server.sockets[0].getsockname()[1]
    async with server:
        yield service


class Receiver:
    """A browser's end of a subscription: its keys, and what it makes of a message (RFC 8291 §3.4)."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._auth = b"a secret of ours"

    @property
    def keys(self) -> dict[str, str]:
        return {"p256dh": _text(self._public), "auth": _text(self._auth)}

    def open(self, body: bytes) -> dict[str, Any]:
        salt, (_, length) = body[:16], struct.unpack("!IB", body[16:21])
        theirs = body[21 : 21 + length]
        point = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), theirs)
        info = b"WebPush: info\0" + self._public + theirs
        secret = _derive(self._key.exchange(ec.ECDH(), point), self._auth, info, 32)
        key = _derive(secret, salt, b"Content-Encoding: aes128gcm\0", 16)
        nonce = _derive(secret, salt, b"Content-Encoding: nonce\0", 12)
        plain = AESGCM(key).decrypt(nonce, body[21 + length :], None)
        return dict(json.loads(plain.removesuffix(b"\x02")))

    @property
    def _public(self) -> bytes:
        return self._key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def claims(authorization: str) -> dict[str, Any]:
    """What the sender says of itself (RFC 8292 §2)."""
    signed = authorization.removeprefix("vapid t=").partition(",")[0]
    part = signed.split(".")[1]
    return dict(json.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4))))


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")


def _derive(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=length, salt=salt, info=info).derive(secret)
