"""The demo as a person has it: on a terminal, with keys."""

from __future__ import annotations

import asyncio
import signal
import sys
from pathlib import Path

import httpx
import pytest

from harness.terminal import Terminal
from rostra.core.clock import SystemClock
from rostra.rehearsal.backstage import Backstage, StudioLink
from rostra.rehearsal.listeners import Listener

DEMO = (sys.executable, "-m", "rostra", "demo", "--data", "d")


@pytest.mark.long
async def test_a_person_listens_ends_with_e_gets_the_recording_and_quits_with_q(tmp_path: Path) -> None:
    terminal = await Terminal.start(tmp_path, *DEMO)
    page = await terminal.until(r"Listen +(http://localhost:\d+/s/\w+)")
    await terminal.until(r"when the first listener arrives")
    async with httpx.AsyncClient() as http:
        listener = Listener(http, page, clock=SystemClock())
        listening = asyncio.create_task(listener.listen())
        await terminal.until(r"Somebody is listening")
        while not listener.roll.spoken:
            await asyncio.sleep(0.05)
        assert listener.roll.spoken == ("Nora",)
        terminal.press("n")
        await terminal.until(r"(The notice) is on the event page")
        terminal.press("c")
        await terminal.until(r"Crowd: ([1-9]\d*) listen")
        terminal.press("c")
        await terminal.until(r"(The crowd has gone home)")
        terminal.press("w")
        await terminal.until(r"Worst case: at most (\d+) may listen")
        terminal.press("w")
        await terminal.until(r"(The worst case is over)")
        assert listener.reconnects == 0, "whoever listens hears on"
        terminal.press("e")
        await terminal.until(r"The recording \((\d+\.\d) s\)")
        kept = Path(await terminal.until(r"The recording stays in (/\S+\.mp4);"))
        assert kept.is_relative_to(tmp_path)
        assert kept.stat().st_size > 0
        await terminal.until(r"(rostra serve --data d)")
        assert (await listening).ended
        terminal.press("q")
        assert await terminal.close() == 0
        with pytest.raises(httpx.ConnectError):
            await http.get(page)


@pytest.mark.long
async def test_a_first_interrupt_ends_and_a_second_quits(tmp_path: Path) -> None:
    terminal = await Terminal.start(tmp_path, *DEMO)
    await terminal.until(r"when the first listener arrives")
    terminal.process.send_signal(signal.SIGINT)
    await terminal.until(r"The recording \((\d+\.\d) s\)")
    terminal.process.send_signal(signal.SIGINT)
    assert await terminal.close() == 0


@pytest.mark.long
async def test_where_the_host_ended_it_one_interrupt_quits(tmp_path: Path) -> None:
    terminal = await Terminal.start(tmp_path, *DEMO)
    host = StudioLink.parse(await terminal.until(r"Host +(http\S+)"))
    await terminal.until(r"when the first listener arrives")
    async with httpx.AsyncClient(headers={"authorization": f"Speaker {host.token}"}) as http:
        backstage = Backstage.of_speaker(http, host)
        await backstage.consent(host.space, "Ann")
        ended = await http.post(f"{host.control}/api/v1/spaces/{host.space}/end")
        assert ended.is_success, ended.text
    await terminal.until(r"The recording \((\d+\.\d) s\)")
    await terminal.until(r"(Press q to quit)")
    terminal.process.send_signal(signal.SIGINT)
    assert await terminal.close() == 0
