"""Folders that hold what is nobody else's business: keys, addresses of mail, unpublished recordings."""

from __future__ import annotations

from pathlib import Path


def make_private(folder: Path) -> None:
    """Make a folder, and what is missing above it, for this user alone; one that is there stays as it is.

    ``Path.mkdir(parents=True, mode=…)`` gives the mode to the last folder only. Raises OSError.
    """
    try:
        folder.mkdir(mode=0o700)
    except FileNotFoundError:
        make_private(folder.parent)
        make_private(folder)
    except FileExistsError:
        if not folder.is_dir():
            raise
