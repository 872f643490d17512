"""What waits for a password to be hashed is done by whoever somebody is by then, not by whoever they were."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass, field
from typing import Any

import pytest

from rostra.control.passwords import Passwords

NEW = "another long password"


@dataclass
class Hasher:
    """Hashes once it is let."""

    begun: asyncio.Event = field(default_factory=asyncio.Event)
    go: asyncio.Event = field(default_factory=asyncio.Event)

    async def meanwhile(self, asked: Awaitable[Any], *done: tuple[Any, str, str, dict[str, str]]) -> Any:
        """Ask, do something else while a password is hashed, and return the answer."""
        answer = asyncio.ensure_future(asked)
        async with asyncio.timeout(5):
            await self.begun.wait()
        for http, method, path, body in done:
            assert (await http.request(method, f"/api/v1/accounts/{path}", json=body)).is_success
        self.go.set()
        return await answer


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Call it, and every password hashed from then on waits."""

    def begin() -> Hasher:
        hasher, whole = Hasher(), Passwords.hash

        async def hashed(self: Passwords, password: str) -> str:
            hasher.begun.set()
            await hasher.go.wait()
            return await whole(self, password)

        monkeypatch.setattr(Passwords, "hash", hashed)
        return hasher

    return begin


SUSPENDED = ("POST", "olga/suspend", {})
DEMOTED = ("PATCH", "olga", {"role": "member"})


@pytest.fixture
async def olga(site: Any) -> Any:
    """An operator beside Ada."""
    ada, http = await site.set_up(), await site.host("olga")
    assert (await ada.patch("/api/v1/accounts/olga", json={"role": "operator"})).is_success
    return http


@pytest.mark.parametrize(("fall", "code"), [(SUSPENDED, "suspended"), (DEMOTED, "not_allowed")])
async def test_no_account_is_made_by_an_operator_who_is_none_when_it_is_written(
    site: Any, olga: Any, slow: Any, fall: Any, code: str
) -> None:
    body = {"handle": "eve", "name": "Eve", "password": NEW, "role": "operator"}
    asked = olga.post("/api/v1/accounts", json=body)
    answer = await slow().meanwhile(asked, (site.operator(), *fall))
    assert answer.json()["error"]["code"] == code
    listed = (await site.operator().get("/api/v1/accounts")).json()["accounts"]
    assert "eve" not in [each["handle"] for each in listed]


@pytest.mark.parametrize(("fall", "code"), [(SUSPENDED, "suspended"), (DEMOTED, "not_allowed")])
async def test_nobody_s_password_is_set_by_an_operator_who_is_none_when_it_is_written(
    site: Any, olga: Any, slow: Any, fall: Any, code: str
) -> None:
    asked = olga.put("/api/v1/accounts/ada/password", json={"password": NEW})
    answer = await slow().meanwhile(asked, (site.operator(), *fall))
    assert answer.json()["error"]["code"] == code
    signed = await site.browser().post("/api/v1/session", json={"handle": "ada", "password": NEW})
    assert signed.status_code == 401


async def test_nobody_signs_in_by_a_password_that_is_another_by_then(
    site: Any, olga: Any, slow: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked, hasher = Passwords.matches, Hasher()

    async def matches(self: Passwords, *arguments: Any) -> bool:
        hasher.begun.set()
        await hasher.go.wait()
        return await checked(self, *arguments)

    body = {"handle": "olga", "password": "correct horse battery"}
    with monkeypatch.context() as patched:
        patched.setattr(Passwords, "matches", matches)
        asked = site.browser().post("/api/v1/session", json=body)
        answer = await hasher.meanwhile(asked, (site.operator(), "PUT", "olga/password", {"password": NEW}))
    assert answer.status_code == 401


@pytest.mark.parametrize("named", [{}, {"host": "grace"}], ids=["their own", "somebody's"])
async def test_no_space_is_scheduled_for_a_host_who_is_suspended_when_it_is_written(
    site: Any, olga: Any, slow: Any, named: dict[str, str]
) -> None:
    grace = await site.host("grace")
    private = {"title": "T", "visibility": "private", "passphrase": "open sesame"}
    asked = (olga if named else grace).post("/api/v1/spaces", json=private | named)
    answer = await slow().meanwhile(asked, (site.operator(), "POST", "grace/suspend", {}))
    assert answer.json()["error"]["code"] == "suspended"
    assert (await site.operator().get("/api/v1/spaces")).json()["spaces"] == []


async def test_whoever_operates_no_more_when_it_is_written_schedules_nothing_for_others(
    site: Any, olga: Any, slow: Any
) -> None:
    await site.host("grace")
    private = {"title": "T", "visibility": "private", "passphrase": "open sesame", "host": "grace"}
    answer = await slow().meanwhile(olga.post("/api/v1/spaces", json=private), (site.operator(), *DEMOTED))
    assert answer.json()["error"]["code"] == "not_allowed"


async def test_whoever_operates_no_more_when_it_is_written_gives_no_other_s_space_a_passphrase(
    site: Any, olga: Any, slow: Any
) -> None:
    grace = await site.host("grace")
    private = {"title": "T", "visibility": "private"}
    space = (await grace.post("/api/v1/spaces", json=private)).json()["id"]
    asked = olga.patch(f"/api/v1/spaces/{space}", json={"passphrase": "open sesame"})
    answer = await slow().meanwhile(asked, (site.operator(), *DEMOTED))
    assert answer.json()["error"]["code"] == "not_allowed"
