"""The edge's benchmark, built and run small: its generator hears what a real edge and the C loop send."""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager

import pytest
from bench.edge import cost, crowd, rostra_edge, throughput
from bench.edge.ground import FLOATING, Ground, Sizes
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


@pytest.mark.long
async def test_strangers_are_all_refused_by_a_real_edge() -> None:
    async with ground() as here, asyncio.timeout(60):
        assert (await throughput.refusals(here, "rostra")).per_s > 0
