"""``rostra listen`` and ``rostra demo``: options in, one sentence or numbers out, an exit code."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, NoReturn

import msgspec
import structlog
import typer
from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from rostra.core.clock import SystemClock
from rostra.core.errors import RostraError
from rostra.rehearsal import replies
from rostra.rehearsal.demo import Demo
from rostra.rehearsal.deployment import new_folder
from rostra.rehearsal.hearing import Report
from rostra.rehearsal.keepsake import Keepsake
from rostra.rehearsal.listeners import BASELINE, Listener
from rostra.rehearsal.outcome import run

_DEMOS = Path("data/demo")
LOOK_S = 0.5


def listen_command(
    url: Annotated[str, typer.Argument(help="An event page, such as http://localhost:8000/s/SPACE.")],
    seconds: Annotated[float | None, typer.Option(min=0.1, help="Stop after so many seconds.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the numbers as one JSON line, last.")] = False,
    save: Annotated[Path | None, typer.Option(help="Keep what was heard in this .mp4 file.")] = None,
    rendition: Annotated[str, typer.Option(help="Which encoding to take.")] = BASELINE,
) -> None:
    """Listen to a live space without a screen, and measure what arrives."""
    _quiet_logs()
    console = Console(stderr=json)
    with _sentences(), Keepsake.opened(save) as saved:
        report = run(_listen(url, seconds, rendition, saved, console))
        saved.close()
        if json:
            print(msgspec.json.encode(report).decode(), flush=True)
        else:
            console.print(_table(report))
        if saved.trouble:
            _fail(saved.trouble)
        if not report.chunks:
            _fail("Nothing was heard.")


def demo_command(
    seconds: Annotated[
        float | None,
        typer.Option(min=3.0, help="Run by itself for so many seconds, then print one JSON line."),
    ] = None,
    data: Annotated[
        Path | None, typer.Option(help="Folder for the demo's server; a fresh one if left out.")
    ] = None,
) -> None:
    """Run a whole conversation on this machine: two voices on a real stage, links for you."""
    _quiet_logs()
    clock = SystemClock()
    with _sentences():
        stamp = datetime.fromtimestamp(clock.utc_ns() // 1_000_000_000, UTC).strftime("%Y%m%d-%H%M%S")
        folder = data or new_folder(_DEMOS, stamp)
        demo = Demo(Console(markup=False, emoji=False), folder, clock, seconds)
        result = run(demo.run())
        if result is not None:
            print(msgspec.json.encode(result).decode(), flush=True)


async def _listen(
    url: str, seconds: float | None, rendition: str, saved: Keepsake, console: Console
) -> Report:
    async with replies.client() as http:
        listener = Listener(http, url, clock=SystemClock(), rendition=rendition, saved=saved)
        if not console.is_terminal:
            return await _plainly(listener, seconds, console)
        with Live(get_renderable=lambda: _progress(listener), console=console, transient=True):
            return await _until_interrupted(listener, seconds)


async def _plainly(listener: Listener, seconds: float | None, console: Console) -> Report:
    """Listen without a moving line; only that one waits is said, whenever it changes."""
    listening = asyncio.create_task(_until_interrupted(listener, seconds))
    said = ""
    while not listening.done():
        await asyncio.wait({listening}, timeout=LOOK_S)
        if (now := _waiting(listener)) and now != said:
            console.print(now)
            said = now
    return listening.result()


async def _until_interrupted(listener: Listener, seconds: float | None) -> Report:
    """Listen; Ctrl-C ends it like ``--seconds`` does, with the numbers so far."""
    listening = asyncio.create_task(listener.listen(seconds))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, listening.cancel)
    await asyncio.wait({listening})
    return listener.report() if listening.cancelled() else listening.result()


def _waiting(listener: Listener) -> str:
    """Where a listener stands in line; empty while it stands in none."""
    placed, before = listener.line.placed, listener.line.before
    if placed is None:
        return ""
    if placed.reason == "before_start":
        return "Waiting in line for the start …"
    if placed.reason == "pace":
        return "There is a place; coming in within moments …"
    if before is None:
        return "Waiting in line …"
    return f"Waiting in line: {before} before this one …"


def _progress(listener: Listener) -> Text:
    """One line that says how it goes."""
    hearing = listener.hearing
    if waiting := _waiting(listener):
        return Text(waiting)
    if not hearing.chunks:
        return Text("Joining …")
    behind = f"{hearing.latency_at(0.5)} ms behind" if hearing.latency_ms else "catching up"
    bar = "▮" * max(0, round((listener.level_dbfs + 60) / 5))
    parts = [
        f"{hearing.samples / 48_000:6.1f} s",
        f"{hearing.bit_rate / 1000:.0f} kbit/s",
        behind,
        f"{listener.level_dbfs:6.1f} dBFS {bar:12}",
        ", ".join(listener.roll.speaking) or "–",
    ]
    return Text("  ".join(parts), no_wrap=True, overflow="ellipsis")


def _table(report: Report) -> Table:
    table = Table.grid(padding=(0, 2))
    rows = {
        "Heard": f"{report.seconds:.1f} s in {report.chunks} chunks, {report.bytes} bytes",
        "First audio": _ms(report.first_audio_ms),
        "Behind": f"{_ms(report.latency_ms)} median, {_ms(report.latency_p95_ms)} for 95 %",
        "Bit rate": f"{report.bit_rate / 1000:.1f} kbit/s",
        "Level": f"{report.level_dbfs} dBFS, peak {report.peak_dbfs} dBFS",
        "Gaps": f"{report.gaps}, {report.gap_ms} ms in all",
        "Longest wait": f"{report.longest_wait_ms} ms from one chunk to the next",
        "Late": f"{report.late} chunks",
        "Broken": f"{report.decode_errors} frames",
        "Healed": f"{report.reconnects} times",
        "Spoke": ", ".join(report.spoken) or "nobody",
    }
    for name, value in rows.items():
        table.add_row(Text(name, style="bold"), Text(value))
    if report.ended:
        table.add_row(Text("Ended", style="bold"), "The conversation is over; its page holds the recording.")
    if report.refused:
        table.add_row(Text("Refused", style="bold"), Text(report.refused))
    return table


def _ms(value: int | None) -> str:
    return "not measured" if value is None else f"{value} ms"


@contextlib.contextmanager
def _sentences() -> Iterator[None]:
    """Turn refusals into one sentence and exit code 1, and Ctrl-C into a quiet end."""
    try:
        yield
    except RostraError as error:
        _fail(error.sentence)
    except KeyboardInterrupt:
        sys.exit(130)


def _fail(sentence: str) -> NoReturn:
    errors = Console(stderr=True, markup=False, emoji=False, highlight=False)
    errors.print(sentence, style="bold red", soft_wrap=True)
    sys.exit(1)


def _quiet_logs() -> None:
    """Commands speak in sentences; only warnings of the parts inside come through, on standard error."""
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
