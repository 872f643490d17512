"""Identifiers: their types, and how new ones are drawn.

Every id is short, URL-safe, lower-case and unguessable to the degree its use needs.
"""

from __future__ import annotations

import re
import secrets
from typing import NewType

AccountId = NewType("AccountId", str)
SpaceId = NewType("SpaceId", str)
RunId = NewType("RunId", str)
SpeakerId = NewType("SpeakerId", str)
SessionId = NewType("SessionId", str)

ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
"""Without 0/o, 1/i/l: an id can be read out over a telephone."""

ID_PATTERN = re.compile(rf"[{ALPHABET}]{{6,26}}")


def draw(length: int) -> str:
    """Return ``length`` random characters of :data:`ALPHABET` (4.95 bits each)."""
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


def new_account_id() -> AccountId:
    return AccountId(draw(12))


def new_space_id() -> SpaceId:
    """Ten characters, 50 bits: an unlisted space cannot be found by trying."""
    return SpaceId(draw(10))


def new_run_id() -> RunId:
    """Eight characters; part of every media address, so that no cache confuses two tapes."""
    return RunId(draw(8))


def new_speaker_id() -> SpeakerId:
    return SpeakerId(draw(8))


def new_session_id() -> SessionId:
    return SessionId(draw(16))


def is_id(text: str) -> bool:
    """Say whether ``text`` has the shape of an id, so that it is safe as a path segment."""
    return ID_PATTERN.fullmatch(text) is not None
