"""The command line against a running backstage: what it prints, and how it exits."""

from __future__ import annotations

import asyncio
import json
import socket
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from rostra.control import terminal
from rostra.control.account_commands import account_app
from rostra.control.commands import space_app


async def rostra(app: Any, *arguments: str) -> Result:
    return await asyncio.to_thread(CliRunner().invoke, app, list(arguments))


def answer(result: Result) -> dict[str, Any]:
    """The JSON that a command printed; backstage, in the same process here, logs before it."""
    return dict(json.loads(result.stdout.splitlines()[-1]))


async def test_a_space_from_the_terminal_from_its_account_to_its_recording(site: Any) -> None:
    here = ("--url", site.url, "--data", str(site.data), "--json")
    made = await rostra(account_app, "create", "ada", "--password", "correct horse battery", *here)
    assert answer(made)["account"]["role"] == "operator"
    start = ("--at", "2030-01-31T20:00:00+01:00", "--zone", "Europe/Berlin")
    created = answer(await rostra(space_app, "create", "Talk", *start, *here))
    space = created["id"]
    assert created["starts_at"] == "2030-01-31T20:00:00+01:00"
    moved = await rostra(space_app, "reschedule", space, "--at", "2030-02-01T20:00:00+01:00", *here)
    assert answer(moved)["starts_at"] == "2030-02-01T20:00:00+01:00"
    link = await rostra(space_app, "link", space, "--role", "host", "--name", "Nora", *here)
    assert answer(link)["url"].startswith(f"{site.url}/studio/{space}#k=")
    assert answer(await rostra(space_app, "live", space, *here))["state"] == "live"
    assert answer(await rostra(space_app, "end", space, *here))["state"] == "published"
    listed = answer(await rostra(space_app, "list", "--state", "published", *here))
    assert [each["id"] for each in listed["spaces"]] == [space]
    shown = await rostra(space_app, "show", space, *here[:4])
    assert "published" in shown.stdout
    assert "aac64.mp4" in shown.stdout


async def test_tables_show_titles_and_names_as_they_were_written(
    site: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(terminal.out, "width", 200)
    await site.set_up()
    here = ("--url", site.url, "--data", str(site.data))
    title, name = "End [/s] [2] :heart:", "Bob O'Neil"
    assert (await rostra(space_app, "create", title, *here)).exit_code == 0
    made = await rostra(
        account_app, "create", "bob", "--password", "correct horse battery", "--name", name, *here
    )
    assert made.exit_code == 0
    spaces, accounts = await rostra(space_app, "list", *here), await rostra(account_app, "list", *here)
    assert (spaces.exit_code, accounts.exit_code) == (0, 0)
    assert title in spaces.stdout
    assert name in accounts.stdout


async def test_an_export_that_cannot_be_written_is_told_in_a_sentence(site: Any, tmp_path: Path) -> None:
    await site.set_up()
    file = tmp_path / "missing" / "ada.json"
    here = ("--url", site.url, "--data", str(site.data))
    result = await rostra(account_app, "export", "ada", "--file", str(file), *here)
    assert result.exit_code == 1
    assert result.stderr.endswith(f"{file} cannot be written: No such file or directory.\n")


async def test_a_refusal_is_one_sentence_and_exit_code_1(site: Any) -> None:
    await site.set_up()
    here = ("--url", site.url, "--data", str(site.data))
    result = await rostra(space_app, "live", "zzzzzzzzzz", *here)
    assert result.exit_code == 1
    assert "There is no conversation at this address." in result.stderr
    taken = await rostra(account_app, "create", "ada", "--password", "correct horse battery", *here)
    assert taken.exit_code == 1
    assert "taken" in taken.stderr


async def test_the_first_account_from_the_terminal_is_an_operator_s(site: Any) -> None:
    here = ("--password", "correct horse battery", "--url", site.url, "--data", str(site.data))
    refused = await rostra(account_app, "create", "bob", "--role", "member", *here)
    assert refused.exit_code == 1
    assert "its first account must be an operator's." in refused.stderr
    assert (await rostra(account_app, "create", "ada", *here)).exit_code == 0
    assert (await rostra(account_app, "create", "bob", "--role", "member", *here)).exit_code == 0


async def test_the_data_folder_alone_says_where_backstage_is(site: Any) -> None:
    here = ("--data", str(site.data), "--json")
    made = await rostra(account_app, "create", "ada", "--password", "correct horse battery", *here)
    assert answer(made)["account"]["role"] == "operator"
    await site.restart()
    assert answer(await rostra(space_app, "list", *here))["spaces"] == []


async def test_nobody_answering_is_exit_code_3(site: Any) -> None:
    result = await rostra(space_app, "list", "--url", "http://127.0.0.1:9", "--token", "x")
    assert result.exit_code == 3
    assert "Is rostra serve running?" in result.stderr


async def test_the_wrong_data_folder_is_named(site: Any, tmp_path: Any) -> None:
    result = await rostra(space_app, "list", "--url", site.url, "--data", str(tmp_path / "elsewhere"))
    assert result.exit_code == 1
    assert "elsewhere" in result.stderr
    assert "--data" in result.stderr


async def test_the_folders_key_goes_to_no_other_address_unasked(
    site: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    await site.set_up()
    monkeypatch.setenv("ROSTRA_DATA", str(site.data))
    elsewhere = site.url.replace("127.0.0.1", "localhost")
    refused = await rostra(space_app, "list", "--url", elsewhere)
    assert (refused.exit_code, "--token" in refused.stderr) == (1, True)
    assert (await rostra(space_app, "list", "--url", elsewhere, "--data", str(site.data))).exit_code == 0
    assert (await rostra(space_app, "list", "--url", site.url)).exit_code == 0


async def test_a_link_printed_here_opens_where_the_console_is_signed_in(
    site: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    await site.set_up()
    monkeypatch.setattr(socket, "getaddrinfo", only_numbers(socket.getaddrinfo))
    here = ("--data", str(site.data), "--json")
    space = answer(await rostra(space_app, "create", "Talk", *here))
    link = answer(await rostra(space_app, "link", space["id"], "--role", "host", "--name", "Nora", *here))
    console = site.url.replace("127.0.0.1", "localhost")
    assert link["url"].startswith(f"{console}/studio/")
    assert space["event_url"].startswith("http://localhost:")


def only_numbers(find: Any) -> Any:
    """Refuse to look a name up: another program may listen at another of its addresses."""

    def found(host: Any, *rest: Any, **named: Any) -> Any:
        ip_address(host)
        return find(host, *rest, **named)

    return found


async def test_a_cancelled_space_and_a_new_password_from_the_terminal(site: Any) -> None:
    await site.set_up()
    here = ("--url", site.url, "--data", str(site.data))
    space = answer(await rostra(space_app, "create", "Talk", *here, "--json"))["id"]
    assert "cancelled" in (await rostra(space_app, "cancel", space, *here)).stdout
    changed = await rostra(account_app, "password", "ada", "--password", "another long password", *here)
    assert changed.exit_code == 0
    body = {"handle": "ada", "password": "another long password"}
    assert (await site.browser().post("/api/v1/session", json=body)).status_code == 200
    assert "ada" in (await rostra(account_app, "list", *here)).stdout
