"""What a role's process has when it starts."""

from __future__ import annotations

import asyncio
import contextlib
import os
import resource
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec

from rostra.core.settings import Settings
from rostra.serve.launch import Launch

SOFT, HARD = 64, 512
CONNECTIONS = 256
"""What a server takes with that hard limit."""

GREETER = """
from rostra.serving import response, serve

class Greeter:
    def respond(self, request, exchange):
        exchange.send(response(200, b"welcome"))

async def run(context):
    await serve(Greeter(), context.sockets, stopping=context.stopping, clock=context.clock)
"""


@contextlib.asynccontextmanager
async def greeter(folder: Path) -> AsyncIterator[int]:
    """A role that serves, launched under a low descriptor limit; give its port."""
    (folder / "greeter_role.py").write_text(GREETER)
    settings = Settings(data=folder, log_level="error")
    with socket.create_server(("127.0.0.1", 0), backlog=1024) as listening:
        os.set_inheritable(listening.fileno(), True)
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "rostra.serve.launch"),
            stdin=asyncio.subprocess.PIPE,
            pass_fds=(listening.fileno(),),
            env={**os.environ, "PYTHONPATH": os.pathsep.join((str(folder), *sys.path))},
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (SOFT, HARD)),
        )
        launch = Launch("gateway", 0, "greeter_role:run", (listening.fileno(),), settings.model_dump_json())
        assert process.stdin is not None
        process.stdin.write(msgspec.json.encode(launch) + b"\n")
        try:
            yield listening.getsockname()[1]
        finally:
            process.stdin.close()
            assert await asyncio.wait_for(process.wait(), 10) == 0


async def test_a_role_takes_what_its_hard_limit_allows_and_tells_everybody_else(tmp_path: Path) -> None:
    async with greeter(tmp_path) as port, contextlib.AsyncExitStack() as stack:

        async def connect() -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            stack.callback(writer.close)
            return reader, writer

        async def ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
            writer.write(b"GET / HTTP/1.1\r\nHost: here\r\n\r\n")
            return await asyncio.wait_for(reader.readuntil(b"welcome"), 10)

        inside = [await connect() for _ in range(CONNECTIONS)]
        for each in inside:
            assert b" 200 " in await ask(*each)
        outside = [await connect() for _ in range(HARD)]
        for reader, _ in outside:
            assert b" 503 " in await asyncio.wait_for(reader.readuntil(b"\r\n"), 10)
        assert b" 200 " in await ask(*inside[0])


FAILING = """
import asyncio
from rostra.core.errors import PortInUse

async def fail(error):
    raise error

async def run(context):
    async with asyncio.TaskGroup() as group:
        group.create_task(fail(PortInUse("Choose another port.")))
        if context.index:
            group.create_task(fail(ValueError("unforeseen")))
"""


def ended_with(folder: Path, index: int) -> str:
    """What a role says that fails, and with anything else than a refusal too from index 1 on."""
    (folder / "failing_role.py").write_text(FAILING)
    launch = Launch("edge", index, "failing_role:run", (), Settings(data=folder).model_dump_json())
    read, write = os.pipe()  # the supervisor stays: its end of the pipe is open
    os.write(write, msgspec.json.encode(launch) + b"\n")
    with open(read) as stdin, open(write, "wb"):
        done = subprocess.run(
            (sys.executable, "-m", "rostra.serve.launch"),
            stdin=stdin,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join((str(folder), *sys.path))},
            timeout=60,
            check=False,
        )
    assert done.returncode == 1
    return done.stderr


def test_a_role_that_is_refused_says_why_in_one_sentence(tmp_path: Path) -> None:
    said = ended_with(tmp_path, 0)
    assert "Choose another port." in said.splitlines()[-1]
    assert "Traceback" not in said


def test_a_role_that_fails_unforeseen_shows_where(tmp_path: Path) -> None:
    assert "Traceback" in ended_with(tmp_path, 1)
