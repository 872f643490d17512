"""What README.md tells a newcomer to type under "Run your own", typed as it stands on a fresh machine.

Only the ports are others, since somebody may use Rostra's own.
"""

from __future__ import annotations

import asyncio
import json
import shlex
from pathlib import Path

from harness.deployment import PASSWORD, Deployment
from harness.how_to import README, blocks

CHECKOUT = README.parent


class Fresh(Deployment):
    """Started by the README's own line, in a folder that has nothing but the program."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, operator=False)
        self.place = folder
        (folder / ".venv").symlink_to(CHECKOUT / ".venv")

    def command(self) -> list[str]:
        own = super().command()
        return [*shlex.split(serving(), comments=True), *own[own.index("--bind") :]]


def serving() -> str:
    return blocks(README, "Run your own")[0]


async def typed(site: Deployment, line: str, answers: str = "") -> str:
    """Run a line in the shell; return what it printed."""
    process = await asyncio.create_subprocess_exec(
        *("bash", "-ec", line),
        cwd=site.place,
        env=site.environment(),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,  # Passwords are asked for on standard input where there is no terminal.
    )
    out, err = await process.communicate(answers.encode())
    assert process.returncode == 0, f"{line}: {err.decode()}"
    return out.decode()


async def test_the_commands_without_a_browser_work_on_a_fresh_site(tmp_path: Path) -> None:
    account, create, live, listen, end = blocks(README, "Run your own")[1].splitlines()
    async with Fresh(tmp_path) as site:
        await typed(site, account, f"{PASSWORD}\n{PASSWORD}\n")
        space = (await typed(site, create)).split()[0]
        assert "live" in await typed(site, live.replace("<space>", space))
        heard = listen.replace("<space>", space).replace("http://localhost:8000", site.door)
        report = json.loads(
            (await typed(site, heard.replace("--seconds 10", "--seconds 2"))).splitlines()[-1]
        )
        assert "aac64.mp4" in await typed(site, end.replace("<space>", space))
    assert report["chunks"] > 0
    assert report["gaps"] == 0
