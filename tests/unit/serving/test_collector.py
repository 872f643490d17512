"""The garbage collector of a process that serves."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest

from rostra.serving.collector import THRESHOLDS, settle


class Knot:
    """Refers to itself."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    thresholds = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*thresholds)


def test_what_is_there_before_serving_is_looked_at_no_more() -> None:
    everything = len(gc.get_objects())
    settle()
    assert gc.get_freeze_count() > everything / 2
    assert len(gc.get_objects()) < everything / 10
    assert gc.get_threshold() == THRESHOLDS


def test_what_comes_later_and_is_forgotten_is_still_freed() -> None:
    settle()
    seen = weakref.ref(Knot())
    gc.collect()
    assert seen() is None
