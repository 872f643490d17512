"""Send the same bytes on many sockets by one system call (io_uring(7), IORING_OP_SEND).

No send waits (MSG_DONTWAIT), so all of them are over when the call returns, and the kernel uses nothing of
the caller's any more. The rings are arrays in memory shared with the kernel, filled a column at a time. Needs
Linux 5.6; containers mostly forbid it (seccomp(2)), as may the setting ``kernel.io_uring_disabled``.
"""

from __future__ import annotations

import errno
import mmap
import os
import socket
from typing import Any, Final

import cffi
import numpy as np
import numpy.typing as npt

from rostra.core.errors import RostraError

ENTRIES: Final = 512
"""Sockets in one call: a power of two."""
NOT_TRIED: Final = -errno.EAGAIN
"""As of a socket that takes nothing now."""
_SETUP, _ENTER = 425, 426
_SEND: Final = 26
_GETEVENTS: Final = 1
_SUBMISSIONS_AT, _COMPLETIONS_AT, _ENTRIES_AT = 0, 0x8000000, 0x10000000
_SUBMISSION: Final = np.dtype(
    {
        "names": ["opcode", "fd", "addr", "len", "msg_flags", "user_data"],
        "formats": ["u1", "i4", "u8", "u4", "u4", "u8"],
        "offsets": [0, 4, 16, 24, 28, 32],
        "itemsize": 64,
    }
)
"""``struct io_uring_sqe``, as far as it is used."""
_COMPLETION: Final = np.dtype([("user_data", "u8"), ("res", "i4"), ("flags", "u4")])
"""``struct io_uring_cqe``."""
_DECLARATIONS: Final = """
struct submissions { uint32_t head, tail, mask, entries, flags, dropped, array, none; uint64_t address; };
struct completions { uint32_t head, tail, mask, entries, overflow, cqes, flags, none; uint64_t address; };
struct parameters {
    uint32_t submissions, completions, flags, cpu, idle_ms, features, workers, none[3];
    struct submissions at_submissions;
    struct completions at_completions;
};
long syscall(long number, ...);
"""
"""``struct io_uring_params`` and what it holds."""

_ffi = cffi.FFI()
_ffi.cdef(_DECLARATIONS)
_libc: Any = _ffi.dlopen(None)


class RingUnavailable(RostraError):
    """This system has none, or forbids it, or it has broken."""


class Ring:
    """From its construction to :meth:`close`. For one thread. RingUnavailable."""

    def __init__(self) -> None:
        parameters = _ffi.new("struct parameters *")
        self._fd = _call(_SETUP, ENTRIES, parameters)
        self.closed = False
        if self._fd < 0:
            raise RingUnavailable(os.strerror(_ffi.errno))
        try:
            self._share(parameters)
        except OSError as error:
            self.close()
            raise RingUnavailable(str(error)) from error

    def _share(self, parameters: Any) -> None:
        """Map what the kernel shares, and fill in what is the same in every call."""
        to, of = parameters.at_submissions, parameters.at_completions
        submissions = self._map(_SUBMISSIONS_AT, to.array + 4 * ENTRIES)
        completions = self._map(_COMPLETIONS_AT, of.cqes + _COMPLETION.itemsize * parameters.completions)
        entries = np.frombuffer(self._map(_ENTRIES_AT, _SUBMISSION.itemsize * ENTRIES), _SUBMISSION)
        np.frombuffer(submissions, np.uint32, ENTRIES, to.array)[:] = np.arange(ENTRIES)
        entries["opcode"] = _SEND
        entries["msg_flags"] = socket.MSG_DONTWAIT | socket.MSG_NOSIGNAL
        entries["user_data"] = np.arange(ENTRIES)
        self._fds, self._addresses, self._sizes = entries["fd"], entries["addr"], entries["len"]
        self._data = b""
        self._tail = np.frombuffer(submissions, np.uint32, 1, to.tail)
        self._head = np.frombuffer(completions, np.uint32, 1, of.head)
        self._filled = np.frombuffer(completions, np.uint32, 1, of.tail)
        self._completions = np.frombuffer(completions, _COMPLETION, parameters.completions, of.cqes)

    def _map(self, at: int, size: int) -> mmap.mmap:
        return mmap.mmap(self._fd, size, mmap.MAP_SHARED, mmap.PROT_READ | mmap.PROT_WRITE, offset=at)

    def send(self, descriptors: npt.NDArray[np.int32], data: bytes) -> list[tuple[int, int]]:
        """Send ``data`` on each of up to :data:`ENTRIES` connected sockets.

        Return which of them did not take all of it, and what send(2) would say of each: how many bytes, or
        the negated errno. Where the kernel does not take the whole call, the rest is :data:`NOT_TRIED` and
        the ring is closed.
        """
        count, first = len(descriptors), int(self._tail[0])
        self._point_to(data)
        place, wrapped = first % ENTRIES, max(0, first % ENTRIES + count - ENTRIES)
        self._fds[place : place + count] = descriptors[: count - wrapped]
        self._fds[:wrapped] = descriptors[count - wrapped :]
        self._tail[0] = (first + count) % 2**32
        submitted = _call(_ENTER, self._fd, count, count, _GETEVENTS, _ffi.NULL, 0)
        head, filled = int(self._head[0]), int(self._filled[0])
        taken = self._taken(head, filled)
        self._head[0] = filled
        if submitted == len(taken) == count and (taken["res"] == len(data)).all():
            return []
        if submitted != count:
            self.close()
        results = dict.fromkeys(range(count), NOT_TRIED)
        numbers = (taken["user_data"] - first) % ENTRIES
        results.update(zip(numbers.tolist(), taken["res"].tolist(), strict=True))
        return [(number, result) for number, result in results.items() if result != len(data)]

    def _point_to(self, data: bytes) -> None:
        """Have every entry send this; it is kept until another is to be sent."""
        if data is not self._data:
            self._data = data
            self._addresses[:] = int(_ffi.cast("uintptr_t", _ffi.from_buffer(data)))
            self._sizes[:] = len(data)

    def _taken(self, head: int, filled: int) -> npt.NDArray[np.void]:
        """What the kernel has said from ``head`` on; the entry's place is its ``user_data``."""
        size = len(self._completions)
        first, count = head % size, (filled - head) % 2**32
        if first + count <= size:
            return self._completions[first : first + count]
        return self._completions[(first + np.arange(count)) % size]

    def close(self) -> None:
        """Give it back to the kernel. A second time it does nothing."""
        if not self.closed:
            self.closed = True
            os.close(self._fd)


def _call(number: int, *arguments: Any) -> int:
    """A system call of io_uring(7): libc has no functions for them."""
    longs = (each if isinstance(each, _ffi.CData) else _ffi.cast("long", each) for each in arguments)
    return int(_libc.syscall(number, *longs))
