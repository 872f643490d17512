"""What tells of a live programme as a whole: true when it is asked for, and rendered once for everybody."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from email.utils import parsedate_to_datetime
from pathlib import Path
from xml.etree import ElementTree

import pytest

from harness import programme as spoken
from harness.clock import ManualClock
from rostra.bus.messages import EdgePolicy
from rostra.core.pace import Pace
from rostra.edge.pace import Pacing
from rostra.edge.programme import Programme
from rostra.media import dash, hls
from rostra.media.cmaf import AAC
from rostra.tape import TapeReader, TapeWriter

OUTAGE_MS = 300_000
HERE = "http://edge/t/somebody/space23456/"
TIME = "http://edge/time"
MPD = {"d": "urn:mpeg:dash:schema:mpd:2011"}


class Evening:
    """A tape and a worker's programme of it."""

    def __init__(self, folder: Path) -> None:
        self.clock = ManualClock()
        genesis = replace(spoken.genesis(), tracks=spoken.tracks(spoken.FULL))
        self.writer = TapeWriter.create(folder, genesis, clock=self.clock)
        self.writer.append(spoken.quanta(spoken.FULL)[0])
        self.pacing = Pacing(Pace())
        self.live = Programme(TapeReader.open(folder), clock=self.clock, pacing=self.pacing)

    async def end(self) -> None:
        """End the tape, and have it read."""
        self.writer.finish()
        await self.live.follow()

    def manifest(self, base_uri: str = HERE, *, zipped: bool = False) -> bytes:
        return self.live.documents.manifest(base_uri=base_uri, time_uri=TIME, zipped=zipped)


@pytest.fixture
def evening(tmp_path: Path) -> Iterator[Evening]:
    evening = Evening(tmp_path / "run23456")
    with closing(evening.writer), closing(evening.live):
        yield evening


def headers(answer: bytes) -> dict[str, str]:
    lines = answer.partition(b"\r\n\r\n")[0].decode().split("\r\n")[1:]
    return dict(line.split(": ", 1) for line in lines)


def body(answer: bytes) -> bytes:
    found = answer.partition(b"\r\n\r\n")[2]
    assert headers(answer)["Content-Length"] == str(len(found))
    return gzip.decompress(found) if headers(answer).get("Content-Encoding") == "gzip" else found


ANSWERS: dict[str, Callable[[Evening], bytes]] = {
    "live.json": lambda evening: evening.live.documents.live_json(),
    "index.m3u8": lambda evening: evening.live.documents.multivariant(AAC),
    "manifest.mpd": Evening.manifest,
    "init.mp4": lambda evening: evening.live.renditions["aac64"].init(),
}


@pytest.mark.parametrize("name", ANSWERS)
@pytest.mark.parametrize("ended", [False, True])
async def test_the_date_is_now_though_nothing_has_come_for_minutes(
    evening: Evening, name: str, *, ended: bool
) -> None:
    ANSWERS[name](evening)
    if ended:
        await evening.end()
    evening.clock.advance(ms=OUTAGE_MS)
    told = parsedate_to_datetime(headers(ANSWERS[name](evening))["Date"]).timestamp()
    assert told == pytest.approx(evening.clock.utc_ns() / 1e9, abs=1)


async def test_live_json_tells_of_the_end_at_once(evening: Evening) -> None:
    assert not json.loads(body(evening.live.documents.live_json()))["ended"]
    await evening.end()
    assert json.loads(body(evening.live.documents.live_json()))["ended"]


async def test_while_writes_are_rare_newcomers_by_hls_follow_whole_segments(evening: Evening) -> None:
    def followed() -> set[str]:
        lines = body(evening.live.documents.multivariant(AAC)).decode().splitlines()
        return {line.rpartition("/")[2] for line in lines if not line.startswith("#")}

    evening.pacing.announce(EdgePolicy(cadence=4, cohorts=4, from_ms=0))
    assert followed() == {"live.m3u8"}, "there is nothing to begin with yet"
    for quantum in spoken.quanta(spoken.FULL)[1:48]:
        evening.writer.append(quantum)
    await evening.end()
    assert followed() == {"plain.m3u8"}
    evening.pacing.announce(EdgePolicy(cadence=1, cohorts=1, from_ms=0))
    assert followed() == {"live.m3u8"}


def test_a_crowd_of_players_costs_one_rendering(evening: Evening, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []

    def counted(module: object, name: str) -> None:
        real = getattr(module, name)
        monkeypatch.setattr(module, name, lambda *args: made.append(name) or real(*args))

    counted(dash, "manifest")
    counted(hls, "multivariant")
    for number in range(100):
        evening.manifest(f"http://edge/t/{number}/space23456/", zipped=True)
        evening.live.documents.multivariant(AAC, zipped=True)
    assert sorted(made) == ["manifest", "multivariant"]


@pytest.mark.parametrize("zipped", [False, True])
@pytest.mark.parametrize("base", [HERE, "http://edge/t/a&b<c>/space23456/", "http://x/" + "é" * 3_000, ""])
def test_each_players_manifest_leads_back_to_its_own_ticket(
    evening: Evening, base: str, *, zipped: bool
) -> None:
    evening.manifest(zipped=zipped)
    answer = evening.manifest(base, zipped=zipped)
    assert ("Content-Encoding" in headers(answer)) is zipped
    mpd = ElementTree.fromstring(body(answer))
    assert mpd.findtext("d:BaseURL", "", MPD) == base
    assert [each.get("id") for each in mpd.iterfind(".//d:Representation", MPD)] == [
        "aac64",
        "aac32",
        "opus32",
        "opus16",
    ]
    if zipped:
        assert len(answer) < len(evening.manifest(base)) - 1_500


async def test_a_longer_cadence_is_in_the_manifest_before_it_holds_and_a_shorter_one_once_it_does(
    evening: Evening,
) -> None:
    def stated() -> tuple[str | None, str | None]:
        mpd = ElementTree.fromstring(body(evening.manifest()))
        template = mpd.find(".//d:SegmentTemplate", MPD)
        assert template is not None
        return template.get("availabilityTimeOffset"), mpd.get("publishTime")

    def announce(cadence: int) -> None:
        evening.clock.advance(ms=60_000)
        soon_ms = evening.clock.utc_ns() // 1_000_000 + 7_680
        evening.pacing.announce(EdgePolicy(cadence=cadence, cohorts=1, from_ms=soon_ms))

    assert stated() == ("3.52", "2023-11-14T22:13:20.000Z")
    announce(4)
    assert stated() == ("2.56", "2023-11-14T22:14:20.000Z")
    evening.clock.advance(ms=7_680)
    assert stated() == ("2.56", "2023-11-14T22:14:20.000Z")
    announce(1)
    assert stated() == ("2.56", "2023-11-14T22:14:20.000Z")
    evening.clock.advance(ms=7_680)
    assert stated() == ("3.52", "2023-11-14T22:15:35.360Z")


def test_live_json_says_what_each_rendition_takes_at_its_peak_and_on_average(evening: Evening) -> None:
    told = json.loads(body(evening.live.documents.live_json()))["renditions"]
    taken = {each["name"]: (each["bandwidth"], each["average_bandwidth"]) for each in told}
    assert taken["aac32"] == (45_000, 38_000)
    assert all(average < peak for peak, average in taken.values())
