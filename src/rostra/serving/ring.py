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
from collections.abc import Sequence
from typing import Any, Final

import cffi
import numpy as np
import numpy.typing as npt

from rostra.core.errors import RostraError

ENTRIES: Final = 256
"""Sockets in one call: a power of two."""
_NUMBERS: Final = np.arange(ENTRIES)
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
        self._fds, self._addresses, self._sizes = entries["fd"], entries["addr"], entries["len"]
        self._numbers = entries["user_data"]
        self._tail = np.frombuffer(submissions, np.uint32, 1, to.tail)
        self._head = np.frombuffer(completions, np.uint32, 1, of.head)
        self._filled = np.frombuffer(completions, np.uint32, 1, of.tail)
        self._completions = np.frombuffer(completions, _COMPLETION, parameters.completions, of.cqes)

    def _map(self, at: int, size: int) -> mmap.mmap:
        return mmap.mmap(self._fd, size, mmap.MAP_SHARED, mmap.PROT_READ | mmap.PROT_WRITE, offset=at)

    def send(self, descriptors: Sequence[int], data: bytes) -> npt.NDArray[np.int32]:
        """Send ``data`` on each of up to :data:`ENTRIES` connected sockets.

        Return what send(2) would say of each: how many bytes it took, or the negated errno. Where the kernel
        does not take the whole call, the rest is :data:`NOT_TRIED` and the ring is closed.
        """
        count, first = len(descriptors), int(self._tail[0])
        places = (first + _NUMBERS[:count]) % ENTRIES
        memory = _ffi.from_buffer(data)
        self._fds[places] = descriptors
        self._addresses[places] = int(_ffi.cast("uintptr_t", memory))
        self._sizes[places] = len(data)
        self._numbers[places] = _NUMBERS[:count]
        self._tail[0] = (first + count) % 2**32
        submitted = _call(_ENTER, self._fd, count, count, _GETEVENTS, _ffi.NULL, 0)
        results = self._take(count)
        if submitted != count:
            self.close()
        return results

    def _take(self, count: int) -> npt.NDArray[np.int32]:
        """The results of this call, by number."""
        results = np.full(count, NOT_TRIED, np.int32)
        head, filled = int(self._head[0]), int(self._filled[0])
        taken = self._completions[(head + np.arange((filled - head) % 2**32)) % len(self._completions)]
        results[taken["user_data"]] = taken["res"]
        self._head[0] = filled
        return results

    def close(self) -> None:
        """Give it back to the kernel. A second time it does nothing."""
        if not self.closed:
            self.closed = True
            os.close(self._fd)


def _call(number: int, *arguments: Any) -> int:
    """A system call of io_uring(7): libc has no functions for them."""
    longs = (each if isinstance(each, _ffi.CData) else _ffi.cast("long", each) for each in arguments)
    return int(_libc.syscall(number, *longs))
