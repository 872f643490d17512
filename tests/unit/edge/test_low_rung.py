"""What other players are told to begin with, as it should be and while the audience is too large for that."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from harness import programme as spoken
from harness.clock import ManualClock
from rostra.bus.messages import EdgePolicy
from rostra.core.pace import Pace
from rostra.edge.pace import Pacing
from rostra.edge.programme import Programme
from rostra.media.cmaf import AAC
from rostra.tape import TapeReader, TapeWriter


@pytest.mark.parametrize("low", [False, True])
def test_players_begin_with_the_best_and_on_a_low_rung_with_the_cheapest(
    tmp_path: Path, *, low: bool
) -> None:
    clock, pacing = ManualClock(), Pacing(Pace())
    pacing.announce(EdgePolicy(cadence=1, cohorts=1, from_ms=0, low=low))
    genesis = replace(spoken.genesis(), tracks=spoken.tracks(spoken.FULL))
    writer = TapeWriter.create(tmp_path / "tape", genesis, clock=clock)
    with closing(writer), TapeReader.open(tmp_path / "tape") as reader:
        playlist = Programme(reader, clock=clock, pacing=pacing).documents.multivariant(AAC).decode()
    bandwidths = [
        int(line.partition("BANDWIDTH=")[2].partition(",")[0])
        for line in playlist.splitlines()
        if line.startswith("#EXT-X-STREAM-INF")
    ]
    assert len(bandwidths) > 1
    assert bandwidths == sorted(bandwidths, reverse=not low)
