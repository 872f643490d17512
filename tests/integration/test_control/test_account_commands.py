"""``rostra account``: the whole care for people from the terminal."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from rostra.control.account_commands import account_app
from rostra.control.terminal import moment


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


async def test_api_tokens_are_made_listed_and_removed_from_the_terminal(site: Any) -> None:
    await account(site, "create", "ada", "--password", "correct horse battery")
    token = await said(site, "token", "create", "cron")
    program = site.client(f"Bearer {token}")
    assert (await program.get("/api/v1/account")).json()["account"]["handle"] == "ada"
    made = json.loads(await said(site, "token", "create", "radio", "--json"))
    listed = [made["id"], "radio", *moment(made["created_at"]).split()]
    assert (await said(site, "token", "list")).split() == listed
    cron, radio = json.loads(await said(site, "token", "list", "--json"))["tokens"]
    assert (cron["name"], radio) == ("cron", {key: made[key] for key in ("id", "name", "created_at")})
    left = json.loads(await said(site, "token", "remove", cron["id"], "--json"))["tokens"]
    assert left == [radio]
    assert (await program.get("/api/v1/account")).status_code == 401


async def test_no_api_token_makes_another_from_the_terminal(site: Any) -> None:
    await account(site, "create", "ada", "--password", "correct horse battery")
    token = await said(site, "token", "create", "cron")
    typed = ["token", "create", "another", "--url", site.url, "--token", token]
    assert (await asyncio.to_thread(CliRunner().invoke, account_app, typed)).exit_code == 1
    listed = json.loads(await said(site, "token", "list", "--json"))["tokens"]
    assert [each["name"] for each in listed] == ["cron"]
