"""``rostra account``: the whole care for people from the terminal."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from rostra.control.account_commands import account_app


async def account(site: Any, *arguments: str) -> Any:
    here = ("--url", site.url, "--data", str(site.data))
    result = await asyncio.to_thread(CliRunner().invoke, account_app, [*arguments, *here])
    assert result.exit_code == 0, result.output
    return result


async def said(site: Any, *arguments: str) -> str:
    """The last line that a command printed; backstage, in the same process here, logs before it."""
    return str((await account(site, *arguments)).stdout.splitlines()[-1])


async def test_people_are_looked_after_from_the_terminal(site: Any, tmp_path: Path) -> None:
    await account(site, "create", "ada", "--password", "correct horse battery", "--name", "Ada")
    await account(site, "create", "grace", "--password", "correct horse battery", "--name", "Grace")
    assert await said(site, "verify", "grace") == "grace  member  Grace  verified"
    assert await said(site, "role", "grace", "moderator") == "grace  moderator  Grace  verified"
    assert (
        await said(site, "suspend", "grace", "--reason", "spam")
        == "grace  moderator  Grace  verified, suspended"
    )
    listed = json.loads(await said(site, "list", "gra", "--json"))["accounts"]
    assert [(each["handle"], each["suspended"]["reason"]) for each in listed] == [("grace", "spam")]
    assert await said(site, "reinstate", "grace") == "grace  moderator  Grace  verified"
    assert await said(site, "unverify", "grace") == "grace  moderator  Grace"
    assert (await said(site, "invite", "--role", "moderator")).startswith(f"{site.url}/invitation#")
    assert (await said(site, "reset", "grace")).startswith(f"{site.url}/reset#")
    file = tmp_path / "grace.json"
    await account(site, "export", "grace", "--file", str(file))
    assert json.loads(file.read_text())["account"]["handle"] == "grace"
    assert file.stat().st_mode & 0o077 == 0
    await account(site, "delete", "grace", "--yes")
    assert "grace" not in (await account(site, "list")).stdout.splitlines()[-1]
