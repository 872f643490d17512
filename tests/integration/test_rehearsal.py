"""The demo and the headless listener as a person runs them: commands, exit codes, a last line."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from io import StringIO
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from rich.console import Console

from harness.deployment import free_ports, is_role
from harness.waiting import until
from rostra.core.clock import SystemClock
from rostra.core.samples import QUANTUM, SAMPLE_RATE
from rostra.core.settings import Settings
from rostra.rehearsal import replies, speakers
from rostra.rehearsal.acts import Acts
from rostra.rehearsal.deployment import Deployment, deploy
from rostra.rehearsal.evening import Evening, open_evening
from rostra.rehearsal.keys import Keys
from rostra.rehearsal.recording import Played
from rostra.serve.roles import seats
from rostra.tape import TapeReader

pytestmark = pytest.mark.asyncio(loop_scope="module")

ROSTRA = (sys.executable, "-m", "rostra")
CHUNK_S = QUANTUM / SAMPLE_RATE


async def run(*arguments: str, cwd: Path) -> tuple[int, str, str]:
    """Run the command line; return exit code, standard output and standard error."""
    process = await asyncio.create_subprocess_exec(
        *ROSTRA,
        *arguments,
        cwd=cwd,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    assert process.returncode is not None
    return process.returncode, out.decode(), err.decode()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Deployment]:
    """Its stage goes first: what is recorded is compared to the chunk."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ROSTRA_STAGE_FIRST", "true")
        async with deploy(tmp_path_factory.mktemp("server")) as server:
            yield server


class Ending:
    """When an evening's end was asked for and when it was answered, in seconds of UTC."""

    asked_s = answered_s = 0.0

    async def asks(self, request: httpx.Request) -> None:
        if request.url.path.endswith("/end"):
            self.asked_s = SystemClock().utc_ns() / 1e9

    async def is_answered(self, response: httpx.Response) -> None:
        if response.request.url.path.endswith("/end"):
            self.answered_s = SystemClock().utc_ns() / 1e9


@pytest_asyncio.fixture(loop_scope="module")
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with replies.client() as http:
        yield http


@pytest.fixture
def ending(http: httpx.AsyncClient) -> Ending:
    ending = Ending()
    http.event_hooks = {"request": [ending.asks], "response": [ending.is_answered]}
    return ending


@pytest_asyncio.fixture(loop_scope="module")
async def evening(server: Deployment, http: httpx.AsyncClient) -> AsyncIterator[Evening]:
    async with open_evening(http, server, clock=SystemClock()) as evening:
        evening.timeline.begin()
        yield evening


async def test_a_timed_demo_tells_its_numbers_in_one_last_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    door, edge, control = free_ports(3)
    for name, port in (("DOOR", door), ("EDGE", edge), ("CONTROL", control)):
        monkeypatch.setenv(f"ROSTRA_{name}_PORT", str(port))
    code, out, err = await run("demo", "--seconds", "8", "--data", "d", cwd=tmp_path)
    assert code == 0, out + err
    result = json.loads(out.splitlines()[-1])
    # What was live is known to the middle of two requests alone: half of what both took comes to the chunk,
    # and the one to end it took no longer than until the recording was there.
    end_s = result["published_ms"] / 1000
    assert result["live_s"] == pytest.approx(8, abs=1 + end_s / 2)
    assert abs(result["recording_s"] - result["live_s"]) < 2 * CHUNK_S + end_s / 2
    assert result["gaps"] == 0
    assert result["first_audio_ms"] > 0
    assert result["latency_ms"] > 0
    assert result["published_ms"] > 0
    assert result["spoken"][0] == "Nora"
    assert result["level_dbfs"] > -40
    assert length_s(result["recording"]) == pytest.approx(result["recording_s"], abs=0.05)
    assert f":{door}/s/" in result["url"]
    assert f":{control}/studio/" in out
    assert f":{control}/console" in out
    assert "in use" not in out
    assert "sign in as demo" in out


async def until_on_time(evening: Evening) -> None:
    """Wait until all is on the tape but the chunk in the making: a busy machine may keep a stage from it."""
    async with httpx.AsyncClient() as http:
        status = (await http.get(f"{evening.page.url}/status.json")).json()

    async def on_time() -> bool:
        with TapeReader.open(evening.server.data / "tapes" / evening.space / status["run"]) as tape:
            written_s = tape.next_sample / SAMPLE_RATE
        return SystemClock().utc_ns() / 1e9 - status["anchor_utc_ns"] / 1e9 - written_s < 1.5 * CHUNK_S

    await until(on_time, what="the stage is on time", within_s=60, poll_s=0.02)


async def assert_recorded_to_the_chunk(evening: Evening, played: Played, ending: Ending) -> None:
    """The recording ends, to a chunk, while the end was asked for."""
    async with httpx.AsyncClient() as http:
        status = (await http.get(f"{evening.page.url}/status.json")).json()
    began_s = status["anchor_utc_ns"] / 1e9
    assert ending.asked_s - began_s - CHUNK_S <= played.seconds <= ending.answered_s - began_s + CHUNK_S


def length_s(file: str) -> float:
    command = ["ffprobe", "-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", file]
    return float(subprocess.run(command, check=True, capture_output=True, text=True, timeout=20).stdout)


async def test_a_listener_hears_the_voices_and_leaves_when_the_evening_ends(
    evening: Evening, ending: Ending, tmp_path: Path
) -> None:
    listening = asyncio.create_task(
        run("listen", evening.page.url, "--json", "--save", "heard.mp4", cwd=tmp_path)
    )
    await evening.first_listener()
    await asyncio.sleep(4)
    await until_on_time(evening)
    played = await evening.end()
    code, out, err = await listening
    assert code == 0, err
    report = json.loads(out.splitlines()[-1])
    assert report["ended"]
    assert (report["gaps"], report["decode_errors"], report["reconnects"]) == (0, 0, 0)
    assert sorted(report["speakers"]) == ["Nora", "Sam"]
    assert report["level_dbfs"] > -40
    assert length_s(str(tmp_path / "heard.mp4")) > 4
    await assert_recorded_to_the_chunk(evening, played, ending)


async def test_each_voice_is_returned_the_other_and_not_itself(evening: Evening) -> None:
    nora, sam = evening.voices
    async with asyncio.timeout(10):
        while sam.heard.loudest_dbfs < -40:
            await asyncio.sleep(0.05)
    assert nora.heard.loudest_dbfs < -60


async def test_the_evening_goes_on_when_a_host_removes_a_voice(
    server: Deployment, evening: Evening, ending: Ending, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(speakers, "SILENT_STAGE_S", 0.5)
    nora, sam = evening.voices
    said = StringIO()
    acting = [asyncio.create_task(each) for each in Acts(Console(file=said), evening, Keys()).all()]
    authorization = {"authorization": f"Speaker {evening.host.token}"}
    async with asyncio.timeout(20), httpx.AsyncClient(headers=authorization) as host:
        here = f"{server.control()}/api/v1/spaces/{evening.space}"

        async def on_stage() -> list[str]:
            people = (await host.get(f"{here}/stage")).json()["speakers"]
            return [each["speaker"] for each in people if each["name"] == "Sam"]

        (of_sam,) = await until(on_stage, what="Sam is shown on stage", within_s=10)
        (await host.delete(f"{here}/floor/speakers/{of_sam}")).raise_for_status()
        await sam.left.wait()
    await until_on_time(evening)
    played = await evening.end()
    for each in acting:
        each.cancel()
    await asyncio.wait(acting)
    await assert_recorded_to_the_chunk(evening, played, ending)
    assert said.getvalue().count("Sam was taken off the stage") == 1
    assert not nora.left.is_set()


async def test_a_server_that_does_not_answer_is_told_in_one_sentence(tmp_path: Path) -> None:
    code, _, err = await run("listen", "http://127.0.0.1:9/s/abcdefgh23", cwd=tmp_path)
    assert code == 1
    assert err.startswith("Nobody answers at http://127.0.0.1:9/")


@pytest.mark.parametrize("space", [pytest.param("nope", marks=pytest.mark.long), "nosuchspace"])
async def test_listening_to_a_space_that_is_unknown_says_so_on_one_line(
    server: Deployment, tmp_path: Path, space: str
) -> None:
    code, _, err = await run("listen", f"{server.door()}/s/{space}", "--seconds", "5", cwd=tmp_path)
    assert (code, err) == (1, "There is no conversation at this address.\n")


async def test_a_refusal_is_never_broken_into_lines(tmp_path: Path) -> None:
    folder = tmp_path / ("folder-" * 20) / "missing"
    code, _, err = await run("listen", "http://127.0.0.1:9/s/space23456", "--save", str(folder), cwd=tmp_path)
    assert (code, err.count("\n")) == (1, 1)
    assert str(folder) in err


@pytest.mark.long
async def test_a_demo_that_is_killed_takes_its_server_with_it(tmp_path: Path) -> None:
    demo = await asyncio.create_subprocess_exec(
        *ROSTRA,
        "demo",
        "--data",
        "d",
        cwd=tmp_path,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
    )
    pids = tmp_path / "d" / "run" / "pids"

    async def runs() -> list[int]:
        return [int(file.name) for file in pids.iterdir()] if pids.exists() else []

    async def all_run() -> list[int]:
        found = await runs()
        return found if len(found) == len(seats(Settings())) else []

    try:
        roles = await until(all_run, what="every role runs", within_s=60)
    finally:
        demo.kill()
        await demo.wait()

    async def all_gone() -> bool:
        return not any(is_role(pid) for pid in roles)

    await until(all_gone, what="its server is gone", within_s=30)
