"""Frames between a bus client and the broker: a 4-byte big-endian length, then MessagePack.

Owns the framing and its limits. Knows nothing of subjects' meaning; the values inside are opaque
bytes here. Only the broker and the client import this file.
"""

from __future__ import annotations

import asyncio
from typing import Final

import msgspec

from rostra.core.errors import BadRequest

MAX_FRAME_BYTES: Final = 1024 * 1024


class Frame(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """Anything that crosses the socket."""


class Publish(Frame, frozen=True):
    subject: str
    value: bytes
    retain: bool


class Subscribe(Frame, frozen=True):
    pattern: str


class Unsubscribe(Frame, frozen=True):
    pattern: str


class Serve(Frame, frozen=True):
    """This client answers requests on ``subject``."""

    subject: str


class Unserve(Frame, frozen=True):
    subject: str


class Request(Frame, frozen=True):
    """``number`` is the sender's own and comes back in the Reply."""

    number: int
    subject: str
    value: bytes


class Reply(Frame, frozen=True):
    number: int
    value: bytes


AnyFrame = Publish | Subscribe | Unsubscribe | Serve | Unserve | Request | Reply

_decoder: msgspec.msgpack.Decoder[AnyFrame] = msgspec.msgpack.Decoder(AnyFrame)
_encoder = msgspec.msgpack.Encoder()


def pack(frame: AnyFrame) -> bytes:
    """Return ``frame`` as it crosses the socket. BadRequest when it is over the limit."""
    body = _encoder.encode(frame)
    if len(body) > MAX_FRAME_BYTES:
        raise BadRequest("The message is larger than the bus carries.", size=len(body))
    return len(body).to_bytes(4, "big") + body


async def read(stream: asyncio.StreamReader) -> AnyFrame:
    """Return the next frame. IncompleteReadError at the end, BadRequest for anything malformed."""
    length = int.from_bytes(await stream.readexactly(4), "big")
    if length > MAX_FRAME_BYTES:
        raise BadRequest("The message is larger than the bus carries.", size=length)
    try:
        return _decoder.decode(await stream.readexactly(length))
    except msgspec.MsgspecError as error:
        raise BadRequest(str(error)) from error


def matches(pattern: str, subject: str) -> bool:
    """Say whether a NATS-shaped pattern covers ``subject``: ``*`` is one token, a final ``>`` the rest."""
    wanted, given = pattern.split("."), subject.split(".")
    for place, token in enumerate(wanted):
        if token == ">":
            return len(given) > place
        if place >= len(given) or (token not in ("*", given[place])):
            return False
    return len(wanted) == len(given)
