"""Which of this process's descriptors have bytes unsent, so that nothing may overtake them.

One byte for each, by descriptor: that is a small number, the lowest that is free.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

_GROWS_BY: Final = 1_024
_NO_DESCRIPTORS: Final = 16
"""Places at the end, where negative numbers lead: none of them takes bytes."""


class Unsent:
    """Of one process."""

    def __init__(self) -> None:
        self._table = bytearray(b"\1" * _GROWS_BY)

    def mark(self, descriptor: int) -> None:
        """From now on some wait there, or it is over."""
        if descriptor >= 0:
            self._table[descriptor] = 1

    def clear(self, descriptor: int) -> None:
        """It takes bytes now."""
        if descriptor < 0:
            return
        if missing := max(0, descriptor + 1 + _NO_DESCRIPTORS - len(self._table)):
            self._table.extend(b"\1" * (missing + _GROWS_BY))
        self._table[descriptor] = 0

    def among(self, descriptors: npt.NDArray[np.int32]) -> npt.NDArray[np.bool_]:
        """Whether bytes wait, of each of these; of whatever is no descriptor they do for ever."""
        waiting: npt.NDArray[np.bool_] = np.frombuffer(self._table, np.bool_)[descriptors]
        return waiting


UNSENT: Final = Unsent()
