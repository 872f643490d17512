"""One space under test, run through the public addresses as its host's programs would."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import httpx

from harness.deployment import Deployment
from harness.waiting import until

PATIENCE_S = 30.0
"""Where nothing is about speed: the machine may be busy, and backstage itself waits for the stage."""


@dataclass(frozen=True, slots=True)
class Link:
    """What brings one person to a stage."""

    url: str
    token: str


class Evening:
    """A space: ``async with Evening(site) as evening`` makes one that starts now."""

    def __init__(
        self, site: Deployment, *, title: str = "The evening that failed", starts_at: str = "now"
    ) -> None:
        self.site = site
        self.title = title
        self.starts_at = starts_at
        self.space = ""
        self.http = httpx.AsyncClient(timeout=PATIENCE_S, trust_env=False, verify=False)

    async def __aenter__(self) -> Evening:
        body = {
            "title": self.title,
            "description": "A test of everything.",
            "starts_at": self.starts_at,
            "time_zone": "UTC",
        }
        self.space = (await self.call("POST", "/spaces", body))["id"]
        await self.until_state("scheduled", "late", "lobby")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.http.aclose()

    async def request(
        self, method: str, path: str, body: object = None, *, token: str = ""
    ) -> httpx.Response:
        """Ask backstage's API, as the operator unless an ``Authorization`` value is given."""
        return await self.http.request(
            method,
            f"{self.site.control}/api/v1{path}",
            json=body if body is not None or method == "GET" else {},
            headers={"authorization": token or f"Bearer {self.site.token}"},
        )

    async def call(self, method: str, path: str, body: object = None) -> Any:
        """Ask and expect success."""
        answer = await self.request(method, path, body)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text[:500]}"
        return answer.json() if answer.content else None

    async def link(self, role: str, name: str) -> Link:
        """A link for one person; ``role`` is host, cohost or speaker."""
        made = await self.call("POST", f"/spaces/{self.space}/links", {"role": role, "name": name})
        return Link(made["url"], made["token"])

    async def go_live(self) -> None:
        """Go live; back once the door tells everyone and the edge answers."""
        await self.call("POST", f"/spaces/{self.space}/live")
        await self.until_state("live")
        await self.until_served()

    async def end(self) -> None:
        await self.call("POST", f"/spaces/{self.space}/end")

    async def status(self) -> dict[str, Any]:
        """What the door tells everyone."""
        answer = await self.http.get(f"{self.site.door}/s/{self.space}/status.json")
        assert answer.status_code == httpx.codes.OK, f"status.json: {answer.status_code} {answer.text[:300]}"
        found: dict[str, Any] = answer.json()
        return found

    async def until_state(self, *states: str, within_s: float = PATIENCE_S) -> dict[str, Any]:
        """Wait until the door says that the space is in one of ``states``."""

        async def told() -> dict[str, Any] | None:
            try:
                status = await self.status()
            except httpx.TransportError as error:
                raise AssertionError(str(error)) from error
            assert status["state"] in states, f"it is {status['state']}"
            return status

        return await until(told, what=f"the door says {' or '.join(states)}", within_s=within_s)

    async def join(self) -> str:
        """A listener's way in: the ticketed address under which everything lies."""
        place = ""

        async def admitted() -> str:
            nonlocal place
            asked = {"place": place}
            answer = await self.http.post(f"{self.site.door}/s/{self.space}/join", json=asked)
            assert answer.status_code == httpx.codes.OK, f"join: {answer.status_code} {answer.text[:300]}"
            told = answer.json()
            place = told.get("place", place)
            assert told["admitted"], f"in line: {told}"
            return str(told["base"])

        return await until(admitted, what="the door lets a listener in", within_s=PATIENCE_S)

    async def until_served(self) -> dict[str, Any]:
        """Wait until the edge has audio of this space; return ``live.json``."""
        base = await self.join()

        async def served() -> dict[str, Any]:
            answer = await self.http.get(f"{base}live.json")
            assert answer.status_code == httpx.codes.OK, (
                f"live.json: {answer.status_code} {answer.text[:300]}"
            )
            found: dict[str, Any] = answer.json()
            assert found["samples"] > 0
            return found

        return await until(served, what="the edge serves the tape", within_s=PATIENCE_S)

    async def until_recorded(self, samples: int, *, within_s: float) -> None:
        """Wait until the tape holds so many samples."""
        base = await self.join()

        async def enough() -> bool:
            found = (await self.http.get(f"{base}live.json")).json()["samples"]
            assert found >= samples, f"{found} samples"
            return True

        await until(enough, what=f"{samples} samples on the tape", within_s=within_s)

    async def replay(self, *, within_s: float = PATIENCE_S) -> dict[str, Any]:
        """Wait for the recording; return the door's ``replay`` with absolute addresses."""
        status = await self.until_state("published", within_s=within_s)
        found: dict[str, Any] = status["replay"]
        return found

    def tape(self, run: str) -> Path:
        return self.site.data / "tapes" / self.space / run

    def genesis(self, run: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.tape(run) / "genesis.json").read_bytes())
        return found

    def end_document(self, run: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.tape(run) / "end.json").read_bytes())
        return found
