"""The edge's benchmark, built and run small: its generator hears what a real edge and the C loop send."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest
from bench.edge import cost, crowd, kept, rostra_edge, throughput
from bench.edge.errors import CrowdFailed
from bench.edge.ground import FLOATING, Ground, Sizes
from bench.edge.kept import Kept
from bench.edge.opening import opened
from bench.edge.systems import SYSTEMS

from rostra.core.samples import SAMPLE_RATE, SEGMENT

LISTENERS = 20
SEGMENT_S = SEGMENT / SAMPLE_RATE
CHUNK_MS = 320


def ground() -> AbstractAsyncContextManager[Ground]:
    return opened(Sizes(LISTENERS, LISTENERS, 1, SEGMENT_S), FLOATING)


@pytest.mark.parametrize(
    ("name", "least", "most"),
    [("rostra", 1, 5), pytest.param("rostra_single", 10, 30, marks=pytest.mark.long)],
)
async def test_twenty_listeners_hear_every_chunk_of_a_real_edge(name: str, least: int, most: int) -> None:
    async with ground() as here:
        counted = await cost.measure(here, name, SYSTEMS[name], CHUNK_MS)
    heard = counted.heard
    assert (heard.listeners, heard.lost) == (LISTENERS, 0)
    assert 11 * LISTENERS <= sum(heard.late.values()) <= 14 * LISTENERS
    assert least <= heard.answers <= most, "some, or each, went on to what follows"
    assert 7_000 < heard.bytes / heard.seconds / LISTENERS < 11_000


@pytest.mark.long
async def test_a_crowd_is_dealt_into_the_cohorts_that_the_figures_are_said_to_be_of(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    paces: list[tuple[str, str]] = []
    environment = rostra_edge.environment

    def noted(settings: dict[str, str]) -> dict[str, str]:
        paces.append((settings["edge_cadence"], settings["edge_cohorts"]))
        return environment(settings)

    monkeypatch.setattr(rostra_edge, "environment", noted)
    monkeypatch.setattr(crowd, "SETTLE_S", 0.0)
    async with ground() as here:
        held, _ = await crowd._hold(here, LISTENERS, SEGMENT_S, notes := [])
        most, _ = await crowd._search(here, crowd.Search(LISTENERS, 1, LISTENERS, SEGMENT_S))
    assert paces == [("4", "4"), ("12", "12")], "quanta in a write, and cohorts"
    assert (crowd.COHORTS, crowd.MOST_COHORTS) == (4, 12), "what the JSON line says"
    assert held is not None, notes
    assert most is not None
    assert held.listeners == most.listeners == LISTENERS


@pytest.mark.long
async def test_listeners_over_tls_hear_the_same() -> None:
    async with ground() as here:
        counted = await cost.measure(here, "rostra_tls", SYSTEMS["rostra_tls"], CHUNK_MS)
    assert (counted.heard.listeners, counted.heard.lost) == (LISTENERS, 0)
    assert sum(counted.heard.late.values()) >= 11 * LISTENERS


@pytest.mark.long
async def test_the_c_loop_writes_at_its_cadence_and_its_markers_are_found() -> None:
    async with ground() as here:
        counted = await cost.measure(here, "c_loop", SYSTEMS["c_loop"], 2 * CHUNK_MS)
    assert counted.as_asked
    assert 5 * LISTENERS <= sum(counted.heard.late.values()) <= 7 * LISTENERS


def processes(crowd: Kept) -> list[int]:
    return [*crowd.hall.served.pids, *crowd.hall.crowd.pids]


def states(pids: list[int]) -> set[str]:
    """Of each, as proc(5) has them; none of those that are gone."""
    files = [Path(f"/proc/{pid}/stat") for pid in pids]
    return {file.read_text().rpartition(")")[2].split()[0] for file in files if file.exists()}


@pytest.mark.long
async def test_a_kept_crowd_is_stopped_but_in_its_windows_and_ends_with_the_run() -> None:
    async with ground() as here:
        filled = kept.filled(here, "c_loop_radio", SYSTEMS["c_loop_radio"], CHUNK_MS)
        async with filled as radio:
            pids = processes(radio)
            for _ in range(2):
                await asyncio.sleep(2 * CHUNK_MS / 1000)
                assert states(pids) == {"T"}
                counted = await radio.measure(CHUNK_MS)
                assert (counted.heard.listeners, counted.heard.lost) == (LISTENERS, 0)
                assert counted.as_asked
        assert states(pids) == set()


@pytest.mark.long
async def test_whoever_a_pause_cost_the_server_is_missed() -> None:
    async with (
        ground() as here,
        kept.filled(here, "c_loop_radio", SYSTEMS["c_loop_radio"], CHUNK_MS) as radio,
    ):
        os.kill(radio.hall.served.pids[0], signal.SIGKILL)
        with pytest.raises(CrowdFailed):
            await radio.measure(CHUNK_MS)


@pytest.mark.long
@pytest.mark.skipif(shutil.which("icecast2") is None, reason="icecast2 is not installed")
async def test_icecast_keeps_its_listeners_from_one_cadence_to_the_next() -> None:
    async with ground() as here, kept.filled(here, "icecast", SYSTEMS["icecast"], 4 * CHUNK_MS) as icecast:
        for cadence_ms in (4 * CHUNK_MS, CHUNK_MS, 4 * CHUNK_MS):
            heard = (await icecast.measure(cadence_ms)).heard
            assert (heard.listeners, heard.lost) == (LISTENERS, 0)
            assert 7_000 < heard.bytes_per_listener_s < 11_000


@pytest.mark.long
async def test_strangers_are_all_refused_by_a_real_edge() -> None:
    async with ground() as here, asyncio.timeout(60):
        assert (await throughput.refusals(here, "rostra")).per_s > 0
