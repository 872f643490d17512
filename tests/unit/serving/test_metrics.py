"""What operators see of what is counted, and who may see it."""

from __future__ import annotations

import asyncio
import contextlib

import pytest
from prometheus_client.parser import text_string_to_metric_families
from structlog.testing import capture_logs

from harness.waiting import until
from rostra.serving.metrics import SERVER, Counters, Histogram, Metric, Sample, exposition, log_changes
from rostra.serving.request import Request
from rostra.serving.scrape import is_local


def values(text: bytes) -> dict[tuple[str, str, str], float]:
    """Prometheus text as name, worker and code → value."""
    return {
        (sample.name, sample.labels["worker"], sample.labels.get("code", "")): sample.value
        for family in text_string_to_metric_families(text.decode())
        for sample in family.samples
    }


def test_sizes_are_told_as_a_histogram() -> None:
    late = Histogram((10, 100))
    for size, count in ((10, 2), (11, 3), (1_000, 1)):
        late.add(size, count)
    text = exposition("edge", [Metric("late_ms", "Late.", sized=True)], {0: late.samples("late_ms")})
    [family] = text_string_to_metric_families(text.decode())
    assert family.type == "histogram"
    told = {(sample.name, sample.labels.get("le", "")): sample.value for sample in family.samples}
    assert told == {
        ("rostra_edge_late_ms_bucket", "10"): 2,
        ("rostra_edge_late_ms_bucket", "100"): 5,
        ("rostra_edge_late_ms_bucket", "+Inf"): 6,
        ("rostra_edge_late_ms_count", ""): 6,
        ("rostra_edge_late_ms_sum", ""): 1_053,
    }


def test_every_worker_has_its_own_line() -> None:
    table = (Metric("open", "Open.", grows=False), Metric("gone", "Gone.", by_code=True))
    workers = {
        1: [Sample("open", 7), Sample("gone", 2, "not_found")],
        0: [Sample("open", 5), Sample("gone", 1, "overloaded"), Sample("gone", 3, "not_found")],
    }
    text = exposition("edge", table, workers)
    assert values(text) == {
        ("rostra_edge_open", "0", ""): 5,
        ("rostra_edge_open", "1", ""): 7,
        ("rostra_edge_gone_total", "0", "overloaded"): 1,
        ("rostra_edge_gone_total", "0", "not_found"): 3,
        ("rostra_edge_gone_total", "1", "not_found"): 2,
    }


def test_all_that_a_server_counts_is_in_the_table() -> None:
    counters = Counters(open=1, accepted=2, overloaded=3, broken_off=5)
    counters.refused["not_found"] += 4
    text = exposition("gateway", SERVER, {0: counters.samples()})
    assert sorted(values(text).values()) == [1, 2, 3, 4, 5]


async def test_counts_are_logged_when_one_has_changed_and_not_again() -> None:
    counters = Counters()
    rounds = 0

    def read() -> list[Sample]:
        nonlocal rounds
        rounds += 1
        if rounds == 3:
            counters.refused["not_found"] += 1
        return counters.samples()

    async def enough() -> bool:
        return rounds >= 6

    with capture_logs() as logs:
        task = asyncio.create_task(log_changes(read, every_s=0.001))
        await until(enough, what="six rounds", within_s=5)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
    assert [log["event"] for log in logs] == ["counted", "counted"]
    assert "requests_refused_not_found" not in logs[0]
    assert logs[1]["requests_refused_not_found"] == 1


def request(peer: str, host: str, *headers: bytes) -> Request:
    given = dict.fromkeys(headers, b"x")
    return Request("GET", "/metrics", "", given, host, http10=False, keep_alive=True, peer=peer)


@pytest.mark.parametrize(
    ("peer", "host"), [("127.0.0.1", "localhost"), ("127.9.9.9", "127.0.0.1"), ("::1", "[::1]")]
)
def test_this_machine_may_ask_by_its_own_name(peer: str, host: str) -> None:
    assert is_local(request(peer, host))
    assert is_local(request(f"::ffff:{peer}" if "." in peer else peer, host))


@pytest.mark.parametrize(
    "asked",
    [
        request("192.0.2.1", "localhost"),
        request("2001:db8::1", "[::1]"),
        request("", "localhost"),
        request("127.0.0.1", "rostra.example"),
        request("127.0.0.1", ""),
        request("127.0.0.1", "localhost", b"x-forwarded-for"),
        request("127.0.0.1", "localhost", b"forwarded"),
        request("127.0.0.1", "localhost", b"via"),
    ],
)
def test_nobody_else_may_ask_not_even_through_a_proxy_here(asked: Request) -> None:
    assert not is_local(asked)
