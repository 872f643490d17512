"""Private spaces, held recordings and notices from the terminal."""

from __future__ import annotations

import asyncio
from typing import Any

from typer.testing import CliRunner

from rostra.control.commands import space_app


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
