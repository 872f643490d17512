"""The door's signing keys on disk, so that tickets stay good over a restart of everything."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from rostra.bus.messages import TicketKeys
from rostra.core.errors import RostraError

SECRET_BYTES = 32


class KeysDamaged(RostraError):
    """The ticket key file is damaged. Remove it; listeners then get new tickets by themselves."""

    code = "keys_damaged"


def load_ticket_keys(data: Path) -> TicketKeys:
    """Read ``keys/tickets.key``; make it (mode 600) when it is not there yet."""
    path = data / "keys" / "tickets.key"
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        raw = secrets.token_bytes(SECRET_BYTES)
        _write_private(path, raw)
    if len(raw) != SECRET_BYTES:
        raise KeysDamaged(path=str(path))
    return TicketKeys(keys=((1, raw),))


def _write_private(path: Path, raw: bytes) -> None:
    draft = path.with_suffix(".new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(raw)
        file.flush()
        os.fsync(file.fileno())
    draft.rename(path)
