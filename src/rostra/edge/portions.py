"""Answers of bytes that all share, written in portions: whoever does not read them costs no more than one.

Knows nothing of what is answered.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from rostra.serving.exchange import Deliver, Exchange

PORTION_BYTES = 65_536
_HEAD_ENDS = b"\r\n\r\n"


def send(rendered: bytes, exchange: Exchange) -> None:
    """Send a whole rendered response: at once, or, where it is longer than a portion, as it is taken."""
    if len(rendered) <= PORTION_BYTES:
        exchange.send(rendered)
    else:
        begins = rendered.index(_HEAD_ENDS) + len(_HEAD_ENDS)
        stream(rendered[:begins], rendered, exchange, begins=begins)


def stream(head: bytes, body: bytes, exchange: Exchange, *, begins: int = 0) -> None:
    """Write a head that tells the length, then ``body`` from ``begins`` on as fast as the client takes it."""
    exchange.stream(head, partial(_deliver, _portions(body, begins)))


def _portions(body: bytes, begins: int) -> Iterator[bytes]:
    return (body[start : start + PORTION_BYTES] for start in range(begins, len(body), PORTION_BYTES))


def _deliver(portions: Iterator[bytes], deliver: Deliver) -> None:
    deliver(next(portions, None))
