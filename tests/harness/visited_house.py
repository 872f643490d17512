"""A site with a space in every condition, and all that tables of who may do what name besides.

Private spaces have let two people in, one of whom is suspended while they are live. Whom the door lets in
holds a ticket from when a space was live; the stranger holds none.
"""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, Final

import httpx
from aiortc import RTCConfiguration, RTCPeerConnection

from harness import reminding
from harness.deployment import Deployment, free_ports
from harness.role_bodies import BODIES
from harness.sound import syllables, write_wav
from harness.visitors import SUSPENDED, VISITED, Visitor, Visitors
from harness.waiting import until
from rostra.edge.recording import Recording
from rostra.edge.shelf import EVENTS

SPACES: Final[dict[str, dict[str, Any]]] = {
    "open": {},
    "quiet": {"visibility": "unlisted"},
    "secret": {"visibility": "private", "passphrase": "open sesame"},
    "published": {},
    "unlisted": {"visibility": "unlisted"},
    "kept": {"visibility": "private"},
    "held": {"recording_policy": "hold"},
    "deleted": {"recording_policy": "delete"},
    "hidden": {},
    "later": {"starts_at": "2031-01-01T20:00:00Z"},
    "awaited": {"starts_at": "2031-01-01T20:00:00Z", "visibility": "private"},
    "cancelled": {"starts_at": "2031-01-01T20:00:00Z"},
    "next": {"starts_at": "2031-01-02T20:00:00Z"},
}
STATES: Final = tuple(name for name in SPACES if name != "next")
"""Each is a condition of its own; ``next`` stands as ``later`` does, and is where that one moves."""
LIVE: Final = ("open", "quiet", "secret")
OVER: Final = ("published", "unlisted", "kept", "held", "deleted", "hidden")
PRIVATE: Final = ("secret", "kept", "awaited")
ON_TAPE: Final = 4 * 48_000
RENDITION: Final = "aac64"
"""The one that rows about renditions ask for."""
PICTURE: Final = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5E"
    "rkJggg=="
)
TEXTS: Final = {"imprint": "Radio Esperanza, 1 Long Street", "terms": "Be kind."}


def opened(folder: Path) -> Deployment:
    """Its site, with listeners for caches and for sources too; nine are live at once on its stage."""
    ports = free_ports(2)
    listeners = {
        "edge_trusted_listen": f"127.0.0.1:{ports[0]}",
        "source_listen": f"127.0.0.1:{ports[1]}",
    }
    return Deployment(folder, stage_first=True, **VISITED, **reminding.SITE, **listeners)


class House:
    """See the module. ``await prepare()`` before all else."""

    def __init__(self, site: Deployment, visitors: Visitors) -> None:
        self.site = site
        self.visitors = visitors
        self.ids: dict[str, str] = {}
        """Of spaces and things, by name."""
        self.runs: dict[str, str] = {}
        self.names: list[str] = []
        """All that belongs to a recording with captions, in one rendition."""
        self.passwords: dict[tuple[str, str], str] = {}
        """What a source of a visitor brings, by visitor and space."""
        self.offers: dict[str, str] = {}
        """Session descriptions, by where they are sent."""
        self.tone = b""
        """A file of sound."""
        self._heard: dict[str, int] = {}

    async def prepare(self) -> None:
        """Make the spaces, put them into their conditions, let people in, suspend one of them."""
        assert (await self.visitors["operator"].api("PATCH", "/site", TEXTS)).is_success
        await self._host("PATCH", "/account", {"picture": PICTURE})
        for name, given in SPACES.items():
            body = {"title": name, "starts_at": "now", "time_zone": "UTC", **given}
            self.ids[name] = (await self._host("POST", "/spaces", body))["id"]
        for name in PRIVATE:
            for handle in ("ivy", SUSPENDED):
                await self._host("PUT", f"/spaces/{self.ids[name]}/invited/{handle}")
            assert await self.visitors["suspended"].pass_to(self.ids[name])
        await self._make_passwords()
        for name in (*LIVE, *OVER):
            await until(partial(self._has_done, "live", name), what=f"{name} goes live", within_s=60)
        for name in (*LIVE, *OVER):
            await until(partial(self._is_live, name), what=f"{name} is live at the door", within_s=30)
            await self._let_in(name)
        for name in (*LIVE, *OVER):
            await until(partial(self._is_on_tape, name), what=f"{name} is heard", within_s=30)
        await self._suspend()
        await self._end()
        self._list_names()
        await self._things()

    def elsewhere(self, name: str) -> str:
        """A ticket to another space than this."""
        return self.visitors["listener"].tickets[self.ids["quiet" if name == "open" else "open"]]

    async def _make_passwords(self) -> None:
        """A speaker's link for whoever may make one, a token for whoever else has an account."""
        for name, visitor in self.visitors.by_name.items():
            if name in ("host", "operator"):
                async with httpx.AsyncClient(timeout=15.0, trust_env=False) as http:
                    for space in SPACES:
                        self.passwords[name, space] = await self._link(visitor, space, http)
            elif visitor.handle:
                token = (await visitor.api("POST", "/tokens", BODIES["token"])).json()["token"]
                self.passwords |= {(name, space): token for space in SPACES}

    async def _link(self, visitor: Visitor, name: str, http: httpx.AsyncClient) -> str:
        """The token of a link whose holder has consented."""
        path = f"/spaces/{self.ids[name]}"
        made = await visitor.api(
            "POST", f"{path}/links", {"role": "speaker", "name": f"{visitor.handle} on air"}
        )
        token = str(made.json()["token"])
        bearer = {"authorization": f"Bearer {token}"}
        stage = f"{self.site.control}/api/v1{path}/stage"
        consent = (await http.get(stage, headers=bearer)).json()["consent"]["id"]
        body = {
            "text_id": consent,
            "accepted": True,
            "name": f"{visitor.handle} on air",
            "browser": visitor.handle,
        }
        (await http.post(f"{stage}/consent", json=body, headers=bearer)).raise_for_status()
        return token

    async def _let_in(self, name: str) -> None:
        """Everybody but the stranger gets a ticket, if the door gives them one."""
        entered = {
            who: await visitor.enter(self.ids[name])
            for who, visitor in self.visitors.by_name.items()
            if who != "stranger"
        }
        assert entered["host"], entered
        assert entered["listener"] is (name not in PRIVATE), entered

    async def _suspend(self) -> None:
        """Suspend somebody, who keeps passes and tickets that have ended; everybody else gets new ones."""
        suspended = await self.visitors["operator"].api("POST", f"/accounts/{SUSPENDED}/suspend")
        assert suspended.is_success, suspended.text
        for name in PRIVATE:
            await until(partial(self._has_ended, name), what=f"passes to {name} have ended", within_s=30)
        for name in set(PRIVATE) & {*LIVE, *OVER}:
            await self._let_in(name)

    async def _end(self) -> None:
        for name in OVER:
            await self._host("POST", f"/spaces/{self.ids[name]}/captions", BODIES["line"])
            await self._is_on_tape(name)
        for name in OVER:
            captioned = partial(self._is_on_tape, name, self._heard[name] + 48_000)
            await until(captioned, what=f"{name} has captions", within_s=30)
            await until(partial(self._has_done, "end", name), what=f"{name} ends", within_s=60)
            await until(partial(self._is_over, name), what=f"{name} is over", within_s=30)
        await self._host("POST", f"/spaces/{self.ids['cancelled']}/cancel")
        operator = self.visitors["operator"]
        hides = await operator.api("PUT", f"/spaces/{self.ids['hidden']}/hidden", BODIES["hiding"])
        assert hides.is_success, hides.text
        await until(self._is_hidden, what="the door hides it", within_s=30)

    async def _things(self) -> None:
        """Make what rows name besides spaces, or stand on: links, secrets, places apart, sound, offers."""
        path = f"/spaces/{self.ids['open']}"
        self.ids["link"] = (await self._host("POST", f"{path}/links", BODIES["link"]))["id"]
        self.ids["notice"] = (await self._host("POST", f"{path}/notices", BODIES["notice"]))["id"]
        await self._host("PUT", f"{path}/door", BODIES["apart"])
        self.ids["token"] = (await self._host("POST", "/tokens", BODIES["token"]))["id"]
        self.ids["consent"] = (await self._host("GET", f"{path}/stage"))["consent"]["id"]
        operator = self.visitors["operator"]
        reported = f"{self.site.door}/s/{self.ids['open']}/report"
        follow = (await operator.http.post(reported, json=BODIES["report"])).json()["follow"]
        self.ids["outcome"] = follow.partition("#")[2]
        self.ids["report"] = (await operator.api("GET", "/reports")).json()["reports"][0]["id"]
        made = (await operator.api("POST", "/accounts/invitations", BODIES["member"])).json()
        self.ids["invited"] = made["url"].partition("#")[2].removeprefix("token=")
        await operator.api("POST", "/accounts/invitations", BODIES["member"])
        listed = (await operator.api("GET", "/accounts/invitations")).json()["invitations"]
        self.ids["invitation"] = listed[0]["id"]
        reset = (await operator.api("POST", "/accounts/vic/reset")).json()
        self.ids["reset"] = reset["url"].partition("#")[2].removeprefix("token=")
        self.tone = write_wav(self.site.folder / "tone.wav", syllables(440, 2)).read_bytes()
        self.ids["offer"] = await _offer("sendrecv")
        self.offers = {"whip": await _offer("sendonly"), "whep": await _offer("recvonly")}

    async def _host(self, method: str, path: str, body: object = None) -> Any:
        answer = await self.visitors["host"].api(method, path, body)
        assert answer.is_success, f"{method} {path}: {answer.text}"
        return answer.json()

    def _list_names(self) -> None:
        folder = self.site.data / "tapes" / self.ids["published"] / self.runs["published"]
        with ThreadPoolExecutor(1) as threads:
            recording = Recording.open(folder, threads=threads)
            of_others = re.compile(rf"(?!{RENDITION})(?:aac|opus|mp3)\d+[./]")
            self.names = [EVENTS, *(name for name in recording.names if not of_others.match(name))]
            recording.close()
        assert "captions.vtt" in self.names, self.names

    async def live(self, name: str) -> dict[str, Any]:
        """What the edge tells the host of a live space; empty when there is nothing."""
        host = self.visitors["host"]
        space = self.ids[name]
        ticket = host.tickets.get(space, "none")
        answer = await host.http.get(f"{self.site.edge}/t/{ticket}/{space}/live.json")
        found: dict[str, Any] = answer.json() if answer.is_success else {}
        return found

    async def _has_ended(self, name: str) -> bool:
        visitor, space = self.visitors["suspended"], self.ids[name]
        address = f"{self.site.door}/s/{space}/status.json"
        answer = await visitor.http.get(address, params={"pass": visitor.passes[space]})
        return answer.status_code == 403

    async def _is_hidden(self) -> bool:
        return not await self.visitors["host"].status(self.ids["hidden"])

    async def _is_live(self, name: str) -> bool:
        status = await self.visitors["host"].status(self.ids[name])
        assert status.get("run"), "no run yet"
        self.runs[name] = status["run"]
        return bool(status["state"] == "live")

    async def _is_on_tape(self, name: str, samples: int = ON_TAPE) -> bool:
        self._heard[name] = (await self.live(name))["samples"]
        return self._heard[name] >= samples

    async def _has_done(self, act: str, name: str) -> bool:
        """Have it go live, or end; whoever finds the stage busy with the others is to ask again."""
        await self._host("POST", f"/spaces/{self.ids[name]}/{act}")
        return True

    async def _is_over(self, name: str) -> bool:
        state = (await self.visitors["host"].status(self.ids[name]))["state"]
        return state in ("published", "held", "deleted")


async def _offer(direction: str) -> str:
    """What a browser or a program offers, which is gone at once."""
    connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    connection.addTransceiver("audio", direction=direction)
    await connection.setLocalDescription(await connection.createOffer())
    try:
        return str(connection.localDescription.sdp)
    finally:
        await connection.close()
