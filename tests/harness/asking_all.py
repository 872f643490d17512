"""How everybody asks for what a row names, by its place; what comes back is a status.

``edge``, ``live`` (beside a ticket), ``replay`` (a recording where the door says it is), ``borrowed`` (beside
a ticket to what was live) and ``plain`` (in the open) may be asked ``@cache``: of the edge's listener for
caches. ``cache`` is what these ask there for all their listeners. A row that ends in ``*`` asks for all that
there is; what some of it answers and some does not is none of the statuses in a table.
"""

from __future__ import annotations

import asyncio
from typing import Any, Final

import httpx

from harness import addresses, icecast_source, reminding
from harness.role_bodies import BODIES, filled
from harness.role_table import Row
from harness.visited_house import RENDITION, House
from harness.visitors import ACCOUNTS, VISITORS, Visitor
from harness.waiting import until

HOST: Final = ACCOUNTS["host"]
NEWS: Final = "a=mid:0\r\n"
"""Of an offer by WHIP; it tells none."""
SOON_GONE: Final = ("held", "deleted")
"""What was live there is served for half a minute more, for whoever is a little behind."""
MIXED: Final = -1
PROGRAMME: Final = sorted(addresses.of_programme())


class Everybody:
    """All visitors before a house. ``browser`` keeps no cookies."""

    def __init__(self, house: House, browser: httpx.AsyncClient) -> None:
        self._house = house
        self._site = house.site
        self._browser = browser
        self._passes: dict[tuple[str, str], str] = {}
        self._posted = 0
        self._sessions: dict[tuple[str, str], str] = {}
        """By who has entered, and how."""

    async def ask(self, row: Row) -> list[int]:
        """What every visitor gets: all at once where they only read."""
        visitors = self._house.visitors.by_name
        if row.place.partition("@")[0] in ("live", "cache") and row.space in SOON_GONE:
            await until(lambda: self._is_gone(row.space), what=f"{row.space} is let go of", within_s=40)
        if "{session}" in row.path and (HOST, row.path.split("/")[1]) not in self._sessions:
            await self._enter(visitors["host"], row.path.split("/")[1])
        if row.method == "GET":
            return await asyncio.gather(*(self._ask(name, visitors[name], row) for name in VISITORS))
        return [await self._ask(name, visitors[name], row) for name in VISITORS]

    async def _ask(self, name: str, visitor: Visitor, row: Row) -> int:
        place, _, listener = row.place.partition("@")
        edge = self._caches if listener else self._site.edge
        match place:
            case "api":
                return await self._of_api(visitor, row)
            case "whip":
                return await self._of_whip(visitor, row)
            case "page":
                return (await visitor.http.get(f"{self._site.control}{self._path(row)}")).status_code
            case "way":
                return await self._way(visitor, row)
            case "door":
                return await self._of_door(visitor, row)
            case "source":
                return await self._source(name, row)
            case "edge":
                return (await visitor.http.get(f"{edge}{row.path}")).status_code
            case "cache":
                return await self._live(visitor, row, f"{self._caches}/c")
            case "live":
                ticket = visitor.tickets.get(self._house.ids[row.space]) or self._house.elsewhere(row.space)
                return await self._live(visitor, row, f"{edge}/t/{ticket}")
            case _:
                return await self._recording(visitor, row, edge, place)

    @property
    def _caches(self) -> str:
        return f"http://{self._site.settings['edge_trusted_listen']}"

    def _path(self, row: Row) -> str:
        return row.path.format(**self._house.ids, forget="{forget}")

    async def _way(self, visitor: Visitor, row: Row) -> int:
        """What stands where backstage sends a browser on."""
        sent = await visitor.http.get(f"{self._site.control}{self._path(row)}")
        target = sent.headers.get("location", "")
        if sent.status_code != 303 or target.startswith("/signin"):
            return 401 if target else sent.status_code
        return (await self._browser.get(target)).status_code

    async def _live(self, visitor: Visitor, row: Row, beside: str) -> int:
        """What is live, beside a ticket or what stands for all tickets."""
        base = f"{beside}/{self._house.ids[row.space]}/"
        run = self._house.runs.get(row.space, "none")
        leaves = PROGRAMME if row.path.endswith("/*") else [row.path.partition("/")[2]]
        newest, found = 0, set()
        if any("{number" in leaf for leaf in leaves):
            newest = max(0, (await self._house.live(row.space)).get("segment", 1) - 1)
        for leaf in leaves:
            name = leaf.format(run=run, rendition=RENDITION, number=newest, numbers=newest, part=0)
            method = "POST" if leaf == "beacon" and row.place != "cache" else row.method
            async with visitor.http.stream(method, base + name) as answer:
                found.add(answer.status_code)
        return found.pop() if len(found) == 1 else MIXED

    async def _is_gone(self, name: str) -> bool:
        host, space = self._house.visitors["host"], self._house.ids[name]
        return (await host.http.get(f"{self._caches}/c/{space}/live.json")).status_code == 404

    async def _of_api(self, visitor: Visitor, row: Row) -> int:
        path = self._path(row)
        if path.endswith("/stream"):
            async with visitor.http.stream(row.method, f"{self._site.control}/api/v1{path}") as answer:
                return answer.status_code
        if row.body == "sound":
            address = f"{self._site.control}/api/v1{path}"
            return (await visitor.http.request(row.method, address, content=self._house.tone)).status_code
        status = (await visitor.api(row.method, path, self._body(visitor, row))).status_code
        if (row.method, path, status) == ("DELETE", "/account/sessions", 204):
            await visitor.sign_in(visitor.handle)
        return status

    async def _of_whip(self, visitor: Visitor, row: Row) -> int:
        """Offers; and news of a session or its end: of their own, or of the host's where they have none."""
        way = row.path.split("/")[1]
        if row.method == "POST":
            return await self._enter(visitor, way)
        if (visitor.handle, way) not in self._sessions:
            await self._enter(visitor, way)
        session = self._sessions.get((visitor.handle, way)) or self._sessions[HOST, way]
        headers = {"content-type": "application/trickle-ice-sdpfrag", "if-match": "*"}
        address = f"{self._site.control}{session}"
        return (await visitor.http.request(row.method, address, content=NEWS, headers=headers)).status_code

    async def _enter(self, visitor: Visitor, way: str) -> int:
        address = f"{self._site.control}/{way}/{self._house.ids['open']}"
        headers = {"content-type": "application/sdp"}
        answer = await visitor.http.post(address, content=self._house.offers[way], headers=headers)
        if answer.is_success:
            self._sessions[visitor.handle, way] = answer.headers["location"]
        return answer.status_code

    async def _of_door(self, visitor: Visitor, row: Row) -> int:
        """With the pass that they have. Whoever posts comes from a network where nobody else is."""
        given = await self._pass_to(visitor, row.space) if row.space else ""
        path = self._path(row)
        if "{forget}" in row.path:
            path = path.replace("{forget}", await self._reminder())
        address = f"{self._site.door}{path}{'?pass=' * bool(given)}{given}"
        if row.method == "POST":
            self._posted += 1
            lines = {"x-forwarded-for": f"198.{18 + self._posted // 256}.{self._posted % 256}.1"}
        else:
            lines = {"x-forwarded-for": visitor.http.headers["x-forwarded-for"]}
        body = self._body(visitor, row)
        return (await self._browser.request(row.method, address, json=body, headers=lines)).status_code

    def _body(self, visitor: Visitor, row: Row) -> dict[str, Any] | None:
        if row.body == "remind":
            return reminding.by_push()
        body = BODIES.get(row.body)
        if body is None:
            return None
        things = {**self._house.ids, "handle": visitor.handle or "nobody"}
        if row.space:
            own = visitor.tickets.get(self._house.ids[row.space])
            things["ticket"] = own or self._house.elsewhere(row.space)
        return filled(body, things)

    async def _reminder(self) -> str:
        """What forgets a reminder that somebody has just asked for."""
        address = f"{self._site.door}/s/{self._house.ids['later']}/remind"
        asked = await self._browser.post(
            address, json=reminding.by_push(), headers=reminding.from_elsewhere()
        )
        return str(asked.json()["forget"])

    async def _pass_to(self, visitor: Visitor, name: str) -> str:
        """The pass that this visitor was given last; all these rows stand before what ends passes."""
        key = (visitor.http.headers["x-forwarded-for"], name)
        if key not in self._passes:
            space = self._house.ids[name]
            self._passes[key] = await visitor.pass_to(space) or visitor.passes.get(space, "")
        return self._passes[key]

    async def _source(self, name: str, row: Row) -> int:
        """A source, by what its visitor has for this space; ``elsewhere``: for another."""
        space = ("quiet" if row.space == "open" else "open") if row.body == "elsewhere" else row.space
        password = self._house.passwords.get((name, space), "")
        if name == "listener":
            password = self._house.visitors[name].tickets[self._house.ids["open"]]
        listener = str(self._site.settings["source_listen"])
        return await icecast_source.knock(listener, row.method, self._path(row), password)

    async def _recording(self, visitor: Visitor, row: Row, edge: str, place: str) -> int:
        """All of a recording, which is in the open where the door tells of no other address."""
        space = self._house.ids[row.space]
        run = self._house.runs.get(row.space, "none")
        base = f"{edge}/r/{space}/{run}/"
        if place == "borrowed":
            ticket = visitor.tickets.get(space) or self._house.elsewhere(row.space)
            base = f"{edge}/t/{ticket}/{space}/r/{run}/"
        elif place == "replay" and (replay := (await visitor.status(space)).get("replay")):
            base = replay["mp4"].rpartition("/")[0].replace(self._site.edge, edge) + "/"
        found = {(await visitor.http.get(base + each)).status_code for each in self._house.names}
        return found.pop() if len(found) == 1 else MIXED
