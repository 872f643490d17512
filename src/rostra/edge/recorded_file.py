"""A file of a recording, read in portions for everybody who hears it; the loop never waits for a disk.

What the page cache holds is read at once; the rest in a few threads of the shelf's, so that a slow
disk delays those who want it and nobody who is live. Decides nothing.
"""

from __future__ import annotations

import asyncio
import os
from concurrent.futures import Executor
from pathlib import Path

from rostra.core.errors import RecordingDeleted
from rostra.edge.portions import PORTION_BYTES
from rostra.serving.backlog import widen
from rostra.serving.exchange import Deliver, Exchange


class RecordedFile:
    """An open file that never changes. One descriptor, shared by all who read."""

    __slots__ = ("_descriptor", "_exchanges", "_reads", "_retired", "_threads", "etag", "size")

    def __init__(self, path: Path, *, etag: str, threads: Executor) -> None:
        self._descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        self._threads = threads
        self._exchanges: set[Exchange] = set()
        self._reads = 0
        """Of threads, which must not find another file under the descriptor."""
        self._retired = False
        self.size = os.fstat(self._descriptor).st_size
        self.etag = etag

    @property
    def readers(self) -> int:
        """Answers that read from the file now."""
        return len(self._exchanges)

    def send(self, head: bytes, start: int, end: int, exchange: Exchange) -> None:
        """Answer with this range, as fast as the client takes it."""
        if end - start > PORTION_BYTES:
            widen(exchange.transport)
        self._exchanges.add(exchange)
        exchange.on_close(lambda: self._left(exchange))
        exchange.stream(head, Reading(self, start, end).read)

    def retire(self) -> None:
        """Break off who reads, now, and free the descriptor; once no thread uses it."""
        self._retired = True
        for exchange in list(self._exchanges):
            exchange.drop()
        self._free()

    def cached(self, length: int, offset: int) -> bytes | None:
        """Return what is in memory, perhaps less than asked for; None where a disk would be waited for."""
        if self._retired:
            raise RecordingDeleted
        portion = bytearray(length)
        try:
            got = os.preadv(self._descriptor, [portion], offset, os.RWF_NOWAIT)
        except OSError:  # nothing is cached, or this file system cannot tell (EAGAIN, EOPNOTSUPP)
            return None
        return bytes(portion[:got]) if got else None

    def fetch(self, length: int, offset: int) -> asyncio.Future[bytes]:
        """Read in a thread."""
        self._reads += 1
        read = self._threads.submit(os.pread, self._descriptor, length, offset)
        fetched: asyncio.Future[bytes] = asyncio.wrap_future(read)
        fetched.add_done_callback(self._fetched)
        return fetched

    def _fetched(self, _: asyncio.Future[bytes]) -> None:
        self._reads -= 1
        self._free()

    def _left(self, exchange: Exchange) -> None:
        self._exchanges.discard(exchange)

    def _free(self) -> None:
        if self._retired and not self._reads and self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


class Reading:
    """One answer's way through a range of a file."""

    __slots__ = ("_end", "_file", "_offset")

    def __init__(self, file: RecordedFile, start: int, end: int) -> None:
        self._file = file
        self._offset = start
        self._end = end

    def read(self, deliver: Deliver) -> None:
        """Deliver the next portion, now or later; None at the end. One at a time."""
        length = min(PORTION_BYTES, self._end - self._offset)
        if not length:
            deliver(None)
            return
        portion = self._file.cached(length, self._offset)
        if portion is not None:
            self._took(portion, deliver)
            return
        self._file.fetch(length, self._offset).add_done_callback(lambda read: self._fetched(read, deliver))

    def _fetched(self, read: asyncio.Future[bytes], deliver: Deliver) -> None:
        error = None if read.cancelled() else read.exception()
        if read.cancelled() or error is not None:
            deliver(OSError("the recording could not be read"))
        else:
            self._took(read.result(), deliver)

    def _took(self, portion: bytes, deliver: Deliver) -> None:
        self._offset += len(portion)
        deliver(portion or OSError("the recording is shorter than it was"))
