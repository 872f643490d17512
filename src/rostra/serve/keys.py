"""Signing keys on disk, turned in time: of tickets and of passes, good over a restart of everything.

When a key is made and when it goes is decided in ``admission/rotation.py``.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Annotated, Generic, TypeVar

import msgspec
import structlog

from rostra.admission.rotation import DatedKey, keyring, turned
from rostra.admission.tickets import TicketKey
from rostra.bus.messages import PassKeys, TicketKeys
from rostra.core.clock import Clock
from rostra.core.errors import RostraError
from rostra.core.folders import make_private

log = structlog.get_logger()

SECRET_BYTES = 32


class KeysDamaged(RostraError):
    """A file of signing keys is damaged. Remove it; listeners then get new tickets by themselves."""

    code = "keys_damaged"


class _StoredKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    number: Annotated[int, msgspec.Meta(ge=0, le=255)]
    secret: Annotated[bytes, msgspec.Meta(min_length=SECRET_BYTES, max_length=SECRET_BYTES)]
    born: Annotated[int, msgspec.Meta(ge=0)]
    """Seconds UTC."""


class _StoredKeys(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    keys: Annotated[tuple[_StoredKey, ...], msgspec.Meta(min_length=1, max_length=256)]
    """Newest first."""


K = TypeVar("K", TicketKeys, PassKeys)


class KeyBox(Generic[K]):
    """One kind of keys of a data folder, in ``keys/<name>.key`` (mode 600)."""

    def __init__(
        self, data: Path, *, name: str, kind: type[K], clock: Clock, every_s: int, life_s: int
    ) -> None:
        """``every_s``: when a new key is made (0: never); ``life_s``: of what they sign.

        The first key is made here. KeysDamaged; OSError when a first key cannot be stored.
        """
        self._path = data / "keys" / f"{name}.key"
        self._kind: type[K] = kind
        self._clock = clock
        self._every_s = every_s
        self._life_s = life_s
        make_private(self._path.parent)
        self._keys = _read(self._path)
        self._told: K | None = None
        self._complained = False
        if not self._keys:
            self._renew()

    def turn(self) -> K | None:
        """Do what is due. Return what is to be published, the signing key first; None when all know it.

        May write to disk. Keys that cannot be stored are not used: the present ones stay on.
        """
        now_s = self._renew()
        ring = keyring(self._keys, now_s=now_s)
        value: K = self._kind(keys=tuple((key.number, key.secret) for key in ring.keys))
        if value == self._told:
            return None
        self._told = value
        return value

    def _renew(self) -> int:
        """Make and drop keys as is due; return the time by which that was decided, seconds UTC."""
        now_s = self._clock.utc_ns() // 1_000_000_000
        keys = turned(
            self._keys,
            now_s=now_s,
            every_s=self._every_s,
            life_s=self._life_s,
            draw=lambda: secrets.token_bytes(SECRET_BYTES),
        )
        if keys != self._keys and self._store(keys):
            self._keys = keys
        return now_s

    def _store(self, keys: tuple[DatedKey, ...]) -> bool:
        """Write the file. Without any key yet, an OSError comes out."""
        stored = tuple(_StoredKey(each.key.number, each.key.secret, each.born_s) for each in keys)
        try:
            _write_private(self._path, msgspec.json.encode(_StoredKeys(stored)))
        except OSError as error:
            if not self._keys:
                raise
            if not self._complained:
                log.warning("keys_not_stored", file=self._path.name, reason=str(error))
            self._complained = True
            return False
        self._complained = False
        log.info("keys_turned", file=self._path.name, keys=len(keys), newest=keys[0].key.number)
        return True


def _read(path: Path) -> tuple[DatedKey, ...]:
    """Return the stored keys, none without a file. A file of 32 bytes is one key from before they turned."""
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        return ()
    if len(raw) == SECRET_BYTES:
        return (DatedKey(TicketKey(1, raw), int(path.stat().st_mtime)),)
    try:
        stored = msgspec.json.decode(raw, type=_StoredKeys)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise KeysDamaged(path=str(path)) from error
    if len({each.number for each in stored.keys}) != len(stored.keys):
        raise KeysDamaged(path=str(path))
    return tuple(DatedKey(TicketKey(each.number, each.secret), each.born) for each in stored.keys)


def _write_private(path: Path, raw: bytes) -> None:
    """Replace the file in one step, so that a crash leaves the old keys or the new."""
    draft = path.with_suffix(".new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(raw)
        file.flush()
        os.fsync(file.fileno())
    draft.rename(path)
