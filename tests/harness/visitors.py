"""Everybody who may come to a site, from a stranger to an operator, each with a sign-in of their own."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from types import TracebackType
from typing import Any

import httpx

from harness.deployment import OPERATOR, PASSWORD, Deployment

ACCOUNTS = {"member": "bob", "invited": "ivy", "host": "ann", "moderator": "mo", "operator": OPERATOR}
SUSPENDED = "sue"
VISITED: Mapping[str, str] = {"trusted_proxies": '["127.0.0.1"]'}
"""Settings of a site that believes each visitor to come from an address of their own."""
VISITORS = ("stranger", "listener", "member", "invited", "host", "moderator", "operator", "suspended")


class Visitor:
    """One of them: a browser's cookies, the passes that backstage gives them, if any, and tickets."""

    def __init__(self, site: Deployment, *, address: str = "203.0.113.1", handle: str = "") -> None:
        self.site = site
        self.handle = handle
        """Of whoever has an account."""
        self.tickets: dict[str, str] = {}
        """What they listen with, by space."""
        self.passes: dict[str, str] = {}
        """What backstage gave them last, by space."""
        headers = {"origin": site.control, "x-forwarded-for": address}
        self.http = httpx.AsyncClient(timeout=30.0, trust_env=False, verify=False, headers=headers)

    async def sign_in(self, handle: str) -> None:
        body = {"handle": handle, "password": PASSWORD}
        answer = await self.http.post(f"{self.site.control}/api/v1/session", json=body)
        assert answer.is_success, answer.text

    async def api(self, method: str, path: str, body: object = None) -> httpx.Response:
        """Ask backstage as this visitor."""
        content = {} if body is None and method in ("POST", "PUT", "PATCH") else body
        return await self.http.request(method, f"{self.site.control}/api/v1{path}", json=content)

    async def pass_to(self, space: str) -> str:
        """The pass that backstage gives this visitor without a passphrase; empty when it gives none."""
        answer = await self.api("POST", f"/spaces/{space}/pass", {})
        if not answer.is_success:
            return ""
        self.passes[space] = str(answer.json()["pass"])
        return self.passes[space]

    async def enter(self, space: str) -> bool:
        """Get a ticket to a live space, used at once as a page does it; False where the door gives none.

        The edge knows whoever has used a ticket, and lets them come back minutes later.
        """
        given = await self.pass_to(space)
        joined = await self.http.post(f"{self.site.door}/s/{space}/join", params={"pass": given})
        if joined.is_success:
            self.tickets[space] = joined.json()["ticket"]
            (await self.http.get(f"{joined.json()['base']}live.json")).raise_for_status()
        return joined.is_success

    async def status(self, space: str) -> dict[str, Any]:
        """What the door tells this visitor of a space; empty when it tells nothing."""
        given = await self.pass_to(space)
        answer = await self.http.get(f"{self.site.door}/s/{space}/status.json", params={"pass": given})
        found: dict[str, Any] = answer.json() if answer.is_success else {}
        return found


class Visitors:
    """``async with Visitors(site) as visitors``: all eight, the accounts made and signed in."""

    def __init__(self, site: Deployment) -> None:
        self._site = site
        handles = {**ACCOUNTS, "suspended": SUSPENDED}
        self.by_name: Mapping[str, Visitor] = {
            name: Visitor(site, address=f"203.0.113.{number}", handle=handles.get(name, ""))
            for number, name in enumerate(VISITORS, start=1)
        }

    def __getitem__(self, name: str) -> Visitor:
        return self.by_name[name]

    async def __aenter__(self) -> Visitors:
        operator = self["operator"]
        await operator.sign_in(OPERATOR)
        for handle in (*ACCOUNTS.values(), SUSPENDED, "vic"):
            if handle != OPERATOR:
                role = "moderator" if handle == "mo" else "member"
                account = {"handle": handle, "name": handle.title(), "password": PASSWORD, "role": role}
                made = await operator.api("POST", "/accounts", account)
                assert made.is_success, made.text
        for name, handle in {**ACCOUNTS, "suspended": SUSPENDED}.items():
            await self[name].sign_in(handle)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.gather(*(visitor.http.aclose() for visitor in self.by_name.values()))
