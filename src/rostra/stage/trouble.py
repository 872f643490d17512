"""What a disk that is full, or that fails, means for what was asked of a tape: a sentence for each act.

Not for a tape that is being written: that one's people are told by its stage (``stage/errors.py``). What the
disk said goes to the log, for the operator.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

import structlog

from rostra.core.errors import DiskFull, RostraError
from rostra.stage.errors import TapeFailed
from rostra.tape.disk import full_disk_named

log = structlog.get_logger()


def beginning() -> AbstractContextManager[None]:
    """Of a tape that is to begin: there is none, then. The block raises DiskFull, TapeFailed."""
    return _told(
        full=DiskFull("There is not enough room on the disk to begin. Nothing has changed."),
        failed=TapeFailed("The disk cannot be written. Nothing has begun, and nothing has changed."),
    )


def ending() -> AbstractContextManager[None]:
    """Of a tape that is to end, and that the house ends as soon as it can. As :func:`beginning`."""
    return _told(
        full=DiskFull(
            "The disk is full. The conversation cannot be closed until there is room; it ends by itself then."
        ),
        failed=TapeFailed(
            "The disk cannot be written. The conversation cannot be closed until that works;"
            " it ends by itself then."
        ),
    )


def erasing() -> AbstractContextManager[None]:
    """Of a tape that is to be erased, which backstage asks for until it is. The block raises TapeFailed."""
    failed = TapeFailed("The recording could not be erased from the disk. It is tried again.")
    return _told(full=failed, failed=failed)


@contextmanager
def _told(*, full: RostraError, failed: RostraError) -> Iterator[None]:
    try:
        with full_disk_named():
            yield
    except DiskFull as error:
        raise full from error
    except OSError as error:
        log.exception("stage_disk_failed")
        raise failed from error
