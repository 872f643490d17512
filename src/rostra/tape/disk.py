"""Whole writes, whole reads and durable small files; a full disk has one error.

Whatever the kernel calls "no room" (ENOSPC, EDQUOT, EFBIG) comes out as DiskFull.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rostra.core.errors import DiskFull

_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


@contextmanager
def full_disk_named() -> Iterator[None]:
    """Turn "no room" errors of the block into DiskFull; others pass."""
    try:
        yield
    except OSError as error:
        if error.errno in _NO_ROOM:
            raise DiskFull from error
        raise


def write_at(descriptor: int, data: bytes, offset: int) -> None:
    """Write all of ``data`` at ``offset``. Raises OSError part-way: the caller knows what to cut."""
    view = memoryview(data)
    while view:
        written = os.pwrite(descriptor, view, offset)
        offset += written
        view = view[written:]


def read_at(descriptor: int, length: int, offset: int) -> bytes:
    """Read ``length`` bytes at ``offset``; fewer only where the file ends."""
    data = os.pread(descriptor, length, offset)
    while 0 < len(data) < length:
        more = os.pread(descriptor, length - len(data), offset + len(data))
        if not more:
            break
        data += more
    return data


def write_document(folder: Path, name: str, data: bytes) -> None:
    """Put a small file in place whole and durably: after a crash it is there entirely or not at all."""
    fresh = folder / f"{name}.new"
    with fresh.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(folder / name)
    sync_folder(folder)


def sync_folder(folder: Path) -> None:
    """Make names created, renamed or removed in ``folder`` durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def free_bytes(descriptor: int) -> int:
    """Bytes that may still be written to the file system of an open file."""
    state = os.fstatvfs(descriptor)
    return state.f_bavail * state.f_frsize
