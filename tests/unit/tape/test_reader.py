from __future__ import annotations

import asyncio
import dataclasses
import os
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from harness import programme
from harness.clock import ManualClock
from rostra.core.errors import TapeDamaged
from rostra.core.samples import QUANTUM
from rostra.tape import Kind, Record, TapeReader, TapeWriter, UnknownTape
from rostra.tape import reader as reader_module
from rostra.tape.reader import MAX_BATCH
from rostra.tape.record import RECORD_BYTES

Speak = Callable[[TapeWriter, int], TapeWriter]


async def followed(folder: Path, first: int = 0) -> list[list[Record]]:
    """All batches until the end of the tape."""
    with TapeReader.open(folder) as reader:
        async with reader.tail(first) as batches:
            return [records async for records in batches]


def inotify_instances() -> int:
    targets = (Path(f"/proc/self/fd/{fd}") for fd in os.listdir("/proc/self/fd"))
    return sum("inotify" in str(path.readlink()) for path in targets if path.is_symlink())


async def test_a_tail_hears_everything_once_and_in_order(writer: TapeWriter, speak: Speak) -> None:
    speak(writer, 3)
    async with asyncio.timeout(5), asyncio.TaskGroup() as group:
        tail = group.create_task(followed(writer.folder))
        for _ in range(20):
            speak(writer, 1)
            await asyncio.sleep(0)
        writer.finish()
    numbers = [record.number for records in tail.result() for record in records]
    assert numbers == list(range(1 + 2 * 23 + 1))


async def test_a_tail_begins_where_it_is_told_and_ends_with_the_tape(
    writer: TapeWriter, speak: Speak
) -> None:
    speak(writer, 8).finish()
    async with asyncio.timeout(5):
        records = [record for batch in await followed(writer.folder, 13) for record in batch]
    assert [record.kind for record in records] == [Kind.CHUNK] * 4 + [Kind.END]


async def test_a_late_reader_gets_a_long_tape_in_bounded_batches(writer: TapeWriter) -> None:
    writer.fill_gap(MAX_BATCH * QUANTUM, programme.quanta()[0])
    writer.finish()
    async with asyncio.timeout(10):
        batches = await followed(writer.folder)
    assert [len(records) for records in batches] == [MAX_BATCH - 1, MAX_BATCH, 3]


async def test_a_batch_holds_whole_quanta_only(writer: TapeWriter, speak: Speak) -> None:
    """Half a quantum in the index, as a torn write leaves it, is not handed out."""
    speak(writer, 2)
    index = writer.folder / "index"
    whole = index.read_bytes()
    os.truncate(index, len(whole) - RECORD_BYTES)
    with TapeReader.open(writer.folder) as reader:
        assert reader.count == 3
        assert reader.next_sample == QUANTUM
        async with asyncio.timeout(5), reader.tail(3) as batches:
            waiting = asyncio.ensure_future(anext(batches))
            await asyncio.sleep(0)
            assert not waiting.done()
            index.write_bytes(whole)
            assert [record.number for record in await waiting] == [3, 4]


@pytest.mark.parametrize("count", [2, 3, 5])
async def test_a_long_tape_is_cut_into_batches_between_quanta(
    folder: Path, clock: ManualClock, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader_module, "MAX_BATCH", 16)
    tracks = programme.tracks(programme.FULL)[:count]
    genesis = dataclasses.replace(programme.genesis(), tracks=tracks)
    writer = TapeWriter.create(folder, genesis, clock=clock)
    for quantum in programme.quanta(programme.FULL)[:12]:
        writer.append({track.name: quantum[track.name] for track in tracks})
    writer.finish()
    with TapeReader.open(folder) as reader:
        async with asyncio.timeout(5), reader.tail(1) as batches:
            found = [batch async for batch in batches]
    assert len(found) > 1
    assert all(batch[0].rendition == 0 and len(batch) <= 16 for batch in found)


async def test_many_tails_share_one_inotify_and_give_it_back(
    tmp_path: Path, clock: ManualClock, speak: Speak
) -> None:
    before = inotify_instances()
    writers = [TapeWriter.create(tmp_path / f"run{n}", programme.genesis(), clock=clock) for n in range(5)]
    async with asyncio.timeout(5), AsyncExitStack() as stack:
        tails = []
        for writer in [*writers, writers[0]]:
            reader = stack.enter_context(TapeReader.open(writer.folder))
            tails.append(await stack.enter_async_context(reader.tail(1)))
        assert inotify_instances() == before + 1
        waiting = [asyncio.ensure_future(anext(batches)) for batches in tails]
        for writer in writers:
            speak(writer, 1)
        assert [len(records) for records in await asyncio.gather(*waiting)] == [2] * 6
    for writer in writers:
        writer.close()
    assert inotify_instances() == before


async def test_a_tail_survives_its_writer_being_replaced(
    writer: TapeWriter, speak: Speak, clock: ManualClock
) -> None:
    speak(writer, 2)
    async with asyncio.timeout(5), asyncio.TaskGroup() as group:
        tail = group.create_task(followed(writer.folder))
        await asyncio.sleep(0)
        writer.close()
        with (writer.folder / "index").open("ab") as index:
            index.write(b"torn")
        again = TapeWriter.resume(writer.folder, clock=clock)
        speak(again, 2).finish()
    assert sum(map(len, tail.result())) == 1 + 8 + 1


def test_an_open_tape_has_no_end_yet(writer: TapeWriter, speak: Speak) -> None:
    with TapeReader.open(writer.folder) as reader:
        assert not reader.ended
        assert reader.end is None
        end = speak(writer, 1).finish()
        assert reader.ended
        assert reader.end == end
        assert reader.count == 4


def test_records_are_found_by_their_sample(writer: TapeWriter, speak: Speak) -> None:
    speak(writer, 4)
    with TapeReader.open(writer.folder) as reader:
        record = reader.records(reader.number_at(2 * QUANTUM + 5, 1))[0]
        assert (record.start_sample, record.rendition) == (2 * QUANTUM, 1)
        assert len(reader.records(3, 5)) == 2
        assert reader.records(99) == []


def test_what_cannot_be_read_is_said_so(writer: TapeWriter, speak: Speak, tmp_path: Path) -> None:
    speak(writer, 2)
    with pytest.raises(UnknownTape):
        TapeReader.open(tmp_path / "nowhere")
    with TapeReader.open(writer.folder) as reader:
        with pytest.raises(UnknownTape):
            reader.init("mp3")
        last = reader.records()[-1]
        os.truncate(writer.folder / "opus32.mp4", last.offset + 3)
        with pytest.raises(TapeDamaged):
            reader.read(last)


def test_an_init_segment_is_what_genesis_says(writer: TapeWriter) -> None:
    with TapeReader.open(writer.folder) as reader:
        for track in reader.genesis.tracks:
            media = (writer.folder / f"{track.name}.mp4").read_bytes()
            init = reader.init(track.name)
            brands = int.from_bytes(init[:4], "big")
            assert media == init[:brands] + b"\0\0\0\x10free" + bytes(8) + init[brands:]
