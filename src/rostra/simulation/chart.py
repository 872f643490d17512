"""Columns of a course as small charts for a terminal, in block characters of one width."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

BLOCKS: Final = " ▁▂▃▄▅▆▇█"
WIDTH: Final = 72
"""Where there is room for so many characters."""


def line(values: NDArray[Any], *, most: float = 0, width: int = WIDTH) -> str:
    """Draw ``values`` as one line, each column the greatest of its share; ``most`` is the full height."""
    if not len(values):
        return ""
    edges = np.linspace(0, len(values), min(width, len(values)) + 1).astype(int)
    heights = [float(values[start:end].max()) for start, end in pairwise(edges)]
    top = max(most, *heights, 1e-9)
    return "".join(BLOCKS[round(height / top * (len(BLOCKS) - 1))] for height in heights)


def spread(values: NDArray[Any], *, width: int = WIDTH) -> str:
    """Draw how often ``values`` fall into ``width`` equal steps from 0 to the greatest."""
    if not len(values):
        return ""
    return line(np.histogram(values, bins=width, range=(0, max(1.0, float(values.max()))))[0])
