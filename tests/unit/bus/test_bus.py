"""The broker and its clients over a real Unix socket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rostra.bus import wire
from rostra.bus.broker import MAX_BUFFERED_BYTES, Broker
from rostra.bus.client import BusClient, RemoteError
from rostra.bus.messages import AudienceNote, Done, HostState, Removed, Value, host_state
from rostra.core.errors import BadRequest, Conflict, Unavailable
from rostra.core.ids import AccountId, SpaceId


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "run" / "bus.sock"


@pytest.fixture
async def broker(path: Path) -> AsyncIterator[Broker]:
    async with Broker(path) as broker:
        yield broker


async def connected(client: BusClient) -> None:
    while not client.connected:
        await asyncio.sleep(0.005)


def note(listeners: int, space: str = "a") -> AudienceNote:
    return AudienceNote(space=SpaceId(space), listeners=listeners)


async def first(client: BusClient, pattern: str, *types: type[Value]) -> tuple[str, Value]:
    async with client.subscribe(pattern, *types) as values:
        async for subject, value in values:
            return subject, value
    raise AssertionError


async def test_a_newcomer_hears_all_that_is_retained_however_much_it_is(path: Path) -> None:
    picture = "x" * 64_000
    hosts = [AccountId(f"host{number}") for number in range(2 * MAX_BUFFERED_BYTES // len(picture))]
    retained = {
        host_state(host): msgspec.msgpack.encode(HostState(host=host, picture=picture)) for host in hosts
    }
    async with Broker(path, retained=retained), BusClient(path, name="one") as one:
        await connected(one)
        heard = set()
        async with asyncio.timeout(20), one.subscribe("host.*.state", HostState) as states:
            async for _, state in states:
                heard.add(state.host)
                if len(heard) == len(hosts):
                    break
    assert heard == set(hosts)


async def test_what_is_published_while_much_is_retained_is_heard_and_nothing_older_after_it(
    path: Path,
) -> None:
    retained = {
        f"space.s{number}.note": msgspec.msgpack.encode(note(1, "x" * 64_000)) for number in range(99)
    }
    async with Broker(path, retained=retained), BusClient(path, name="one") as one:
        async with BusClient(path, name="two") as two:
            await connected(one)
            await connected(two)
            newest = {}
            async with asyncio.timeout(20), two.subscribe("space.*.note", AudienceNote) as notes:
                async for subject, value in notes:
                    if not newest:
                        one.publish("space.s98.note", note(2), retain=True)
                    newest[subject] = value
                    if len(newest) == len(retained) and newest["space.s98.note"] == note(2):
                        break
            assert await asyncio.wait_for(first(two, "space.s98.note", AudienceNote), 2) == (
                "space.s98.note",
                note(2),
            )


async def test_a_newcomer_hears_the_last_retained_value(broker: Broker, path: Path) -> None:
    async with BusClient(path, name="one") as one, BusClient(path, name="two") as two:
        await connected(one)
        one.publish("space.a.note", note(1), retain=True)
        one.publish("space.a.note", note(2), retain=True)
        await connected(two)
        assert await asyncio.wait_for(first(two, "space.*.note", AudienceNote), 2) == (
            "space.a.note",
            note(2),
        )


async def test_a_publisher_that_started_before_the_broker_is_heard(path: Path) -> None:
    async with BusClient(path, name="early") as early:
        early.publish("space.a.state", Removed(space=SpaceId("a")), retain=True)
        async with Broker(path), BusClient(path, name="late") as late:
            _, value = await asyncio.wait_for(first(late, "space.>", Removed, AudienceNote), 3)
            assert value == Removed(space=SpaceId("a"))


async def test_everything_works_again_after_the_broker_was_replaced(path: Path) -> None:
    async def answer(value: AudienceNote) -> Value:
        return note(value.listeners + 1)

    async with BusClient(path, name="one") as one, BusClient(path, name="two") as two:
        async with one.serve("count", AudienceNote, answer), two.subscribe("x", AudienceNote) as values:
            async with Broker(path):
                await connected(one)
                await connected(two)
            one.publish("x", note(7), retain=True)
            async with Broker(path):
                await connected(two)
                subject, value = await asyncio.wait_for(anext(aiter(values)), 3)
                assert (subject, value) == ("x", note(7))
                reply = await two.request("count", note(1), AudienceNote)
                assert reply.listeners == 2


async def test_a_slow_reader_gets_only_the_newest_value(broker: Broker, path: Path) -> None:
    async with BusClient(path, name="one") as one, BusClient(path, name="two") as two:
        async with two.subscribe("x", AudienceNote) as values:
            one.publish("x", note(0), retain=True)
            assert await anext(aiter(values)) == ("x", note(0))  # it has subscribed, surely
            for number in range(100):
                one.publish("x", note(number))
            while values.superseded < 99:
                await asyncio.sleep(0.005)
            assert await anext(aiter(values)) == ("x", note(99))


async def test_an_error_of_the_tree_crosses_the_bus_whole(broker: Broker, path: Path) -> None:
    async def refuse(value: Done) -> Value:
        raise Conflict("This conversation {state} and cannot {act}.", state="ended", act="go-live")

    async with BusClient(path, name="one") as one, BusClient(path, name="two") as two:
        async with one.serve("end", Done, refuse):
            await connected(one)
            await connected(two)
            with pytest.raises(RemoteError, match="has ended and cannot go live") as caught:
                await two.request("end", Done(), Done)
    assert (caught.value.code, caught.value.status) == ("conflict", 409)
    assert caught.value.detail == {"state": "ended", "act": "go-live"}
    assert caught.value.said("es") == "Esta conversación ha terminado y no puede pasar a directo."


async def test_a_request_nobody_answers_is_refused_at_once(broker: Broker, path: Path) -> None:
    async with BusClient(path, name="one") as one:
        await connected(one)
        async with asyncio.timeout(1):
            with pytest.raises(RemoteError) as caught:
                await one.request("nobody", Done(), Done, timeout_s=30)
    assert caught.value.status == 503


async def test_a_request_is_refused_at_once_when_its_answerer_dies(broker: Broker, path: Path) -> None:
    asked = asyncio.Event()

    async def never(value: Done) -> Value:
        asked.set()
        await asyncio.Event().wait()
        raise AssertionError

    async with BusClient(path, name="asker") as asker:
        await connected(asker)
        async with BusClient(path, name="answerer") as answerer, answerer.serve("slow", Done, never):
            await connected(answerer)
            question = asyncio.create_task(asker.request("slow", Done(), Done, timeout_s=30))
            await asyncio.wait_for(asked.wait(), 2)
        async with asyncio.timeout(2):
            with pytest.raises(RemoteError) as caught:
                await question
    assert caught.value.status == 503


async def test_without_a_bus_requests_fail_and_publishing_does_not_wait(path: Path) -> None:
    async with BusClient(path, name="alone") as alone:
        with pytest.raises(Unavailable):
            await alone.request("stage.end", Done(), Done, timeout_s=0.05)
        alone.publish("x", note(1))
        assert alone.dropped == 1


@pytest.mark.parametrize(
    ("pattern", "subject", "covered"),
    [
        ("space.*.state", "space.a.state", True),
        ("space.*.state", "space.a.b.state", False),
        ("space.>", "space.a.audience.0", True),
        ("space.>", "space", False),
        ("*", "space", True),
        ("space.a", "space.a.b", False),
    ],
)
def test_patterns_cover_subjects_as_in_nats(pattern: str, subject: str, covered: bool) -> None:
    assert wire.matches(pattern, subject) is covered


@given(st.binary(max_size=200))
async def test_any_bytes_are_a_frame_or_a_clear_error(raw: bytes) -> None:
    stream = asyncio.StreamReader()
    stream.feed_data(raw)
    stream.feed_eof()
    try:
        frame = await wire.read(stream)
    except (BadRequest, asyncio.IncompleteReadError):
        return
    assert isinstance(frame, wire.Frame)


async def test_a_client_that_talks_nonsense_is_cut_off_and_others_are_not(broker: Broker, path: Path) -> None:
    async with BusClient(path, name="good") as good:
        await connected(good)
        reader, writer = await asyncio.open_unix_connection(path)
        writer.write(b"\xff\xff\xff\xffGET / HTTP/1.1")
        assert await asyncio.wait_for(reader.read(), 2) == b""
        writer.close()
        await writer.wait_closed()
        good.publish("x", note(3), retain=True)
        assert await asyncio.wait_for(first(good, "x", AudienceNote), 2) == ("x", note(3))


def test_a_message_over_the_limit_is_refused_before_it_is_sent() -> None:
    with pytest.raises(BadRequest):
        wire.pack(wire.Publish("x", msgspec.msgpack.encode("y" * wire.MAX_FRAME_BYTES), False))
