"""What is told of a recording in text: however long, who does not read it costs a portion."""

from __future__ import annotations

import asyncio
import gzip
import random

from rostra.edge.portions import PORTION_BYTES
from rostra.edge.recording import Document
from rostra.serving.exchange import Exchange
from rostra.serving.request import Request
from rostra.serving.response import JSON
from unit.edge.reading import Channel

KEPT = (("Cache-Control", "no-store"),)
LONG = random.Random(7).randbytes(1_000_000).hex().encode()


async def ask(document: Document, channel: Channel, *, method: str = "GET", **headers: str) -> Exchange:
    """Ask; back once nothing more comes."""
    said = {name.replace("_", "-").encode(): value.encode() for name, value in headers.items()}
    exchange = Exchange(channel, head_only=method == "HEAD", keep_alive=True)  # type: ignore[arg-type]  # all it uses
    request = Request(method, "/", "", said, "x", http10=False, keep_alive=True, body=b"")
    document.answer(request, exchange, kept=KEPT)
    for _ in range(2 * len(LONG) // PORTION_BYTES):
        await asyncio.sleep(0)
    return exchange


async def test_one_who_does_not_read_costs_no_more_than_a_portion() -> None:
    channel = Channel()
    channel.write_paused = True
    exchange = await ask(Document(LONG, JSON), channel)
    assert len(channel.transport.written) < PORTION_BYTES + 1_000
    channel.write_paused = False
    exchange.resume()
    for _ in range(2 * len(LONG) // PORTION_BYTES):
        await asyncio.sleep(0)
    head, _, body = channel.transport.written.partition(b"\r\n\r\n")
    assert body == LONG
    assert b"\r\nContent-Length: %d\r\n" % len(LONG) in head + b"\r\n"
    assert channel.kept


async def test_whoever_reads_gzip_gets_events_zipped() -> None:
    channel = Channel()
    await ask(Document(LONG, JSON), channel, accept_encoding="gzip")
    head, _, body = channel.transport.written.partition(b"\r\n\r\n")
    assert b"Content-Encoding: gzip" in head
    assert len(body) < len(LONG)
    assert gzip.decompress(body) == LONG


async def test_who_asks_for_the_head_gets_no_more() -> None:
    channel = Channel()
    await ask(Document(LONG, JSON), channel, method="HEAD")
    assert channel.transport.written.endswith(b"\r\n\r\n")


async def test_who_reads_on_when_it_is_withdrawn_is_broken_off() -> None:
    channel, document = Channel(), Document(LONG, JSON)
    channel.write_paused = True
    exchange = await ask(document, channel)
    document.retire()
    assert channel.transport.aborted
    assert exchange.closed
