"""Secrets that backstage draws: tokens, and the key files in ``<data>/keys``.

``local.token``: whoever can read the data folder acts as the operator (the command line does).
``reminders.token``: what reminders' secrets are made of.
``setup.token``: proves that whoever claims a fresh site could read its terminal or its disk.
Only hashes of drawn tokens are ever stored in the database.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from pathlib import Path

from rostra.core.folders import make_private


def draw_token() -> str:
    """Return a fresh secret of 256 bits, safe in an address."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """What is stored of a token. Plain SHA-256 is enough: the token itself cannot be guessed."""
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()


def same(ours: str, theirs: str) -> bool:
    """Compare two secrets in constant time."""
    return secrets.compare_digest(token_hash(ours), token_hash(theirs))


def setup_token_path(data: Path) -> Path:
    return data / "keys" / "setup.token"


def reminders_token_path(data: Path) -> Path:
    return data / "keys" / "reminders.token"


def ensure_token(path: Path) -> str:
    """Return the token in ``path``, drawing it first if the file is missing. Readable by its owner only."""
    make_private(path.parent)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        present = path.read_text(encoding="ascii").strip()
        if present:
            return present
        descriptor = os.open(path, os.O_WRONLY | os.O_TRUNC)  # a crash left it empty
    token = draw_token()
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(token + "\n")
    return token
