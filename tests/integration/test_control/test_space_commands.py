"""Private spaces, held recordings, notices, moves and reports from the terminal."""

from __future__ import annotations

import asyncio
import json
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
