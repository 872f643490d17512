"""One writer per tape: a ``flock`` on the file ``lock``. A dead writer holds nothing."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from rostra.core.errors import TapeLocked
from rostra.tape.genesis import LOCK, UnknownTape


def take(folder: Path) -> int:
    """Lock a tape for writing; return the descriptor whose closing frees it.

    Raises TapeLocked at once when another writer holds it, UnknownTape when there is no such folder.
    """
    try:
        descriptor = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise UnknownTape from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        raise TapeLocked from error
    return descriptor
