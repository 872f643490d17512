"""``make bench``: how soon a listener hears, how far behind, how soon a recording plays; the page too.

Everything runs on this machine, beside the server that is measured. The numbers hold for it and
for nothing else; the table says which machine that was.
"""

from __future__ import annotations

import logging
import sys
import tempfile
from pathlib import Path

import msgspec
import structlog
from rich.console import Console
from rich.table import Table

from bench.end_bench import EndNumbers, measure_ends
from bench.limits import LIMITS, Limits, Met, judge
from bench.listen_bench import ListenNumbers, measure_listening
from bench.machine import machine
from bench.page_bench import PageNumbers, measure_page
from bench.player_bench import Course, PlayerNumbers, measure_players
from rostra.core.errors import RostraError
from rostra.rehearsal.hearing import Report
from rostra.rehearsal.outcome import run

LISTEN_S = 60.0
"""Every player is watched for so long once it has settled."""


class Latency(msgspec.Struct, frozen=True):
    """Behind the sample clock, in ms."""

    median: int | None
    p95: int | None


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """The JSON line."""

    first_audio_ms: int | None
    """In Chromium, from the press on Listen to sound."""
    latency_ms: Latency
    """In Chromium, of what is heard."""
    stalls: int
    rejoins: int
    player: str
    rendition: str
    headless: Report
    """A listener without a screen beside it; its latency is that of a chunk's arrival."""
    players: PlayerNumbers
    """Other players, and the page's own behind a rough network."""
    limits: Limits
    met: Met
    end_to_playable_ms: dict[str, int]
    event_page: PageNumbers
    machine: str


def main() -> int:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    console = Console()
    try:
        with tempfile.TemporaryDirectory(prefix="rostra-bench-") as folder:
            listening, players, ends, page = run(_measure(console, Path(folder)))
    except RostraError as error:
        Console(stderr=True).print(error.sentence, style="bold red", markup=False)
        return 1
    console.print(_table(listening, ends, page))
    console.print(_players(players))
    for name, kept in msgspec.structs.asdict(judge(listening, players, ends, page)).items():
        if kept is False:
            console.print(f"Not kept: {name.replace('_', ' ')}.", style="bold red")
    print(msgspec.json.encode(_line(listening, players, ends, page)).decode(), flush=True)
    return 0


async def _measure(
    console: Console, folder: Path
) -> tuple[ListenNumbers, PlayerNumbers, EndNumbers, PageNumbers]:
    with console.status(f"A tone speaks; Chromium and a headless listener listen for {LISTEN_S:.0f} s …"):
        listening = await measure_listening(folder / "listen", LISTEN_S)
    with console.status(
        f"Other players and a rough network: each settles, then is watched for {LISTEN_S:.0f} s …"
    ):
        players = await measure_players(folder / "players", LISTEN_S)
    with console.status("Recordings of a minute and of three hours are written, then ended …"):
        ends = await measure_ends(folder / "end")
    with console.status("The event page is visited with an empty cache, then heard over its end …"):
        return listening, players, ends, await measure_page(folder / "page")


def _line(listening: ListenNumbers, players: PlayerNumbers, ends: EndNumbers, page: PageNumbers) -> Line:
    return Line(
        first_audio_ms=listening.first_audio_ms,
        latency_ms=Latency(listening.latency_ms, listening.latency_p95_ms),
        stalls=listening.stalls,
        rejoins=listening.rejoins,
        player=listening.player,
        rendition=listening.rendition,
        headless=listening.headless,
        players=players,
        limits=LIMITS,
        met=judge(listening, players, ends, page),
        end_to_playable_ms=ends.playable_ms,
        event_page=page,
        machine=machine(),
    )


def _table(listening: ListenNumbers, ends: EndNumbers, page: PageNumbers) -> Table:
    headless = listening.headless
    table = Table("", "Chromium", "headless listener", title=machine(), title_justify="left")
    table.add_row("First audio", f"{listening.first_audio_ms} ms", f"{headless.first_audio_ms} ms")
    table.add_row("Behind, median", f"{listening.latency_ms} ms", f"{headless.latency_ms} ms (arrival)")
    table.add_row("Behind, 95 %", f"{listening.latency_p95_ms} ms", f"{headless.latency_p95_ms} ms (arrival)")
    table.add_row(
        "Interruptions", f"{listening.stalls} stalls", f"{headless.gaps} gaps, {headless.late} late"
    )
    table.add_row("Rendition", f"{listening.rendition} by {listening.player}", headless.rendition)
    for name, ms in ends.playable_ms.items():
        table.add_row(f"End to playable, {name}", f"{ms} ms", "")
    table.add_row("Event page, script and style", f"{page.script_and_style_bytes:,} bytes gzipped", "")
    table.add_row("Event page, first paint", f"{page.first_paint_ms} ms", "")
    table.add_row("Event page, layout shift", f"{page.layout_shift}", "")
    table.add_row("… while somebody listens", f"{page.layout_shift_listening}", "")
    table.add_row("… at the end", f"{page.layout_shift_ending}", "")
    table.add_row("… of a recording", f"{page.layout_shift_replay}", "")
    return table


def _players(players: PlayerNumbers) -> Table:
    table = Table(
        "Player", "Behind, median", "95 %", "Target", "Stalls", title="Once settled", title_justify="left"
    )
    rows = (("hls.js", players.hls_js), ("dash.js", players.dash_js), ("Own, rough network", players.rough))
    for name, course in rows:
        table.add_row(name, *_course(course))
    return table


def _course(course: Course | None) -> tuple[str, ...]:
    if course is None:
        return ("not measured here",)
    target = "" if course.target_ms is None else f"{course.target_ms} ms"
    return (
        f"{course.median_ms} ms",
        f"{course.p95_ms} ms",
        target,
        f"{course.stalls} in {course.seconds:.0f} s",
    )


if __name__ == "__main__":
    sys.exit(main())
