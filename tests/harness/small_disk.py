"""A small disk of its own, to be filled: a tmpfs, which root mounts and everybody else has in a namespace.

A process in a user and mount namespace of its own holds the disk there; from outside it is reached
through that process's ``/proc/<pid>/root`` (proc(5)), by a link so that paths stay short.
"""

from __future__ import annotations

import errno
import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

FILLER = "filler"
MOUNTED = b"mounted\n"


@contextmanager
def mounted(folder: Path, *, megabytes: int) -> Iterator[Path]:
    """Put a disk at ``folder``; skips the test only where neither root nor a namespace can mount one."""
    mount = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs"]
    with _by_root(folder, mount) if os.geteuid() == 0 else _in_namespace(folder, mount):
        yield folder


@contextmanager
def _by_root(folder: Path, mount: list[str]) -> Iterator[None]:
    folder.mkdir()
    done = subprocess.run([*mount, str(folder)], capture_output=True, check=False)
    if done.returncode:
        folder.rmdir()
        with _in_namespace(folder, mount):
            yield
        return
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@contextmanager
def _in_namespace(folder: Path, mount: list[str]) -> Iterator[None]:
    place = folder.with_name(f"{folder.name}.mounted")
    place.mkdir()
    script = '"$@" && echo mounted && exec cat'
    holder = subprocess.Popen(
        ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script, "sh", *mount, str(place)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    with holder:
        if holder.stdout is None or holder.stdout.readline() != MOUNTED:
            _, complaint = holder.communicate()
            pytest.skip(f"no disk can be mounted here: {complaint.decode()}")
        folder.symlink_to(f"/proc/{holder.pid}/root{place.absolute()}")
        try:
            yield
        finally:
            folder.unlink()
            holder.communicate()


def way_in(folder: Path) -> list[str]:
    """What a program is started with that shall see the disk as its own: SQLite follows links by itself."""
    held = re.match(r"/proc/(\d+)/root/", os.readlink(folder)) if folder.is_symlink() else None
    return ["nsenter", "--preserve-credentials", "--user", "--mount", "--target", held[1]] if held else []


def fill(folder: Path, *, leaving: int = 0) -> Path:
    """Take the disk's room, but for so many bytes; return the file that holds it.

    Whoever else writes there may take some of it first.
    """
    filler = folder / FILLER
    with filler.open("wb") as file:
        while True:
            state = os.statvfs(folder)
            try:
                os.posix_fallocate(file.fileno(), 0, state.f_bavail * state.f_frsize - leaving)
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise
                file.truncate(0)
            else:
                return filler


def make_room(folder: Path) -> None:
    """Give it back."""
    (folder / FILLER).unlink()
