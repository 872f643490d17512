"""Private spaces, held recordings, edits, links, notices, moves and reports from the terminal."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

from typer.testing import CliRunner

from rostra.bus import messages as m
from rostra.control.commands import space_app
from rostra.control.report_commands import report_app
from rostra.core.ids import SpaceId


async def test_a_held_private_evening_from_the_terminal(site: Any) -> None:
    await site.set_up()
    await site.host("bob")
    here = ("--url", site.url, "--data", str(site.data))

    async def space(*arguments: str, ask: str = "") -> str:
        result = await asyncio.to_thread(CliRunner().invoke, space_app, [*arguments, *here], input=ask)
        assert result.exit_code == 0, result.stderr
        return str(result.stdout)

    made = await space(
        "create", "Among us", "--visibility", "private", "--passphrase", "open sesame", "--recording", "hold"
    )
    assert "private, with a passphrase" in made
    assert "to be held at the end" in made
    made_id = made.split()[0]
    assert "bob" in await space("invite", made_id, "bob")
    assert "bob" not in await space("uninvite", made_id, "bob")
    assert "private" in await space("end-passes", made_id)
    assert "running late" in await space("notice", made_id, "--template", "late")
    assert "We begin now." in await space("notice", made_id, "We begin now.", "--link", "https://example.org")
    await space("live", made_id)
    assert f"held; listen at {site.url}/pass/{made_id}" in await space("end", made_id)
    assert "published" in await space("release", made_id)
    assert "deleted" in await space("delete-recording", made_id, ask="y\n")


async def test_moving_hiding_and_reports_from_the_terminal(site: Any) -> None:
    await site.set_up()
    here = ("--url", site.url, "--data", str(site.data))

    async def run(app: Any, *arguments: str, ask: str = "") -> str:
        result = await asyncio.to_thread(CliRunner().invoke, app, [*arguments, *here], input=ask)
        assert result.exit_code == 0, result.stderr
        return str(result.stdout)

    first, second = [(await run(space_app, "create", title)).split()[0] for title in ("One", "Two")]
    assert f"moved to  {second}" in await run(space_app, "move", first, second, ask="y\n")
    asked = m.Report(
        space=SpaceId(second), subject=m.Subject.SPACE, grounds=m.Grounds.SPAM, at_s=0, text="Buy this."
    )
    await site.bus.request(m.CONTROL_REPORT, asked, m.Reported)
    listed = json.loads(await run(report_app, "list", "--json"))["reports"][0]
    assert (listed["text"], listed["space"]["id"]) == ("Buy this.", second)
    assert listed["id"] in await run(report_app, "list")
    assert "hidden  Not here." in await run(
        report_app, "decide", listed["id"], "hidden", "--note", "Not here."
    )
    assert "hidden  Not here." in await run(space_app, "show", second)
    assert listed["id"] in await run(report_app, "list", "--handled")
    assert "hidden" not in await run(space_app, "unhide", second)
    assert "hidden  Again." in await run(space_app, "hide", second, "--reason", "Again.")


async def test_the_terminal_says_in_words_why_a_conversation_ended(site: Any, wait_until: Any) -> None:
    http = await site.set_up()
    here = ("--url", site.url, "--data", str(site.data))

    async def shown(why: str) -> str:
        space = (await http.post("/api/v1/spaces", json={"title": "T", "starts_at": "now"})).json()["id"]
        run = (await http.post(f"/api/v1/spaces/{space}/live")).json()["run"]
        site.stage.report(space, run=run, lost=True, reason=why)
        await wait_until(lambda: site.states[space].lifecycle is m.Lifecycle.ENDED)
        result = await asyncio.to_thread(CliRunner().invoke, space_app, ["show", space, *here])
        return str(result.stdout)

    assert "ended  Everybody had left the stage" in await shown(m.Why.ENDED_NOBODY)
    assert "ended  The people who run this site ended this conversation. Their reason: Spam: again" in (
        await shown(f"{m.Why.ENDED_BY_SITE}: Spam: again")
    )
    assert "ended  The disk was full." in await shown("The disk was full."), "as an older tape has it"


async def test_a_space_is_edited_and_its_links_are_taken_back_from_the_terminal(site: Any) -> None:
    await site.set_up()
    run = terminal(site)
    made = json.loads((await run("create", "Tea", "--at", "2030-01-31T20:00:00+01:00", "--json"))[1])["id"]
    edited = (await run("edit", made, "--title", "Coffee", "--visibility", "unlisted"))[1]
    assert f"{made}  scheduled  Coffee" in edited
    assert "visible  unlisted" in edited
    private = await run("edit", made, "--visibility", "private", "--passphrase", "open sesame")
    assert "private, with a passphrase" in private[1]
    assert "with a passphrase" not in (await run("edit", made, "--passphrase", ""))[1]
    told = json.loads((await run("edit", made, "--description", "Hot.", "--recording", "hold", "--json"))[1])
    assert (told["title"], told["description"], told["recording_policy"]) == ("Coffee", "Hot.", "hold")
    code, _, said = await run("edit", made)
    assert (code, "Say what is to change" in said) == (2, True)

    for name in ("Grace", "Sam"):
        await run("link", made, "--name", name)
    assert "Grace" in (await run("links", made))[1]
    of_grace = json.loads((await run("links", made, "--json"))[1])["links"][0]
    assert (of_grace["name"], of_grace["role"]) == ("Grace", "speaker")
    left = (await run("unlink", made, of_grace["id"]))[1]
    assert "Sam" in left
    assert "Grace" not in left
    assert (await run("unlink", made, of_grace["id"]))[0] == 1, "it is gone already"


async def test_an_operator_who_ends_somebody_elses_space_says_why(site: Any) -> None:
    await site.set_up()
    bob = await site.host("bob")
    space = (await bob.post("/api/v1/spaces", json={"title": "T", "starts_at": "now"})).json()["id"]
    await bob.post(f"/api/v1/spaces/{space}/live")
    code, _, said = await terminal(site)("end", space)
    assert (code, "--reason: The reason is missing" in said) == (1, True)
    assert (await bob.get(f"/api/v1/spaces/{space}")).json()["state"] == "live"
    said = (await terminal(site)("end", space, "--reason", "Spam"))[1]
    assert "Their reason: Spam" in said


async def test_a_refusal_names_the_option_that_was_typed(site: Any) -> None:
    await site.set_up()
    run = terminal(site)
    for arguments, words in (
        (("--at", "2030-01-31T20:00:00"), "--at: The start needs an offset"),
        (("--at", "soon"), "--at: The start is not a time"),
        (("--zone", "Atlantis"), "--zone: This time zone is not known"),
    ):
        code, _, said = await run("create", "T", *arguments)
        assert (code, words in said) == (1, True), said


def terminal(site: Any) -> Callable[..., Awaitable[tuple[int, str, str]]]:
    """``rostra space`` as typed where ``site`` runs; its exit code, what it prints, what it complains of."""

    async def run(*arguments: str) -> tuple[int, str, str]:
        here = ("--url", site.url, "--data", str(site.data))
        done = await asyncio.to_thread(CliRunner().invoke, space_app, [*arguments, *here])
        return done.exit_code, done.stdout, done.stderr

    return run
