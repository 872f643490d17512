"""Who may do what: one table of every page, stream, feed, recording and call, and of everybody who comes.

Its rows are in ``harness.rows_of_door``, ``rows_of_edge`` and ``rows_of_backstage``, and run in that order;
``harness.asking_all`` says what their places are, ``harness.visited_house`` what condition a space is in.
Every address is read off the code that answers it (``harness.addresses``), and one without a row is missed.
"""

from __future__ import annotations

from collections import Counter
from http.cookiejar import DefaultCookiePolicy
from pathlib import Path

import httpx
import pytest

from harness import addresses
from harness.asking_all import Everybody
from harness.deployment import Deployment
from harness.role_table import Row, asked
from harness.rows_of_backstage import BACKSTAGE
from harness.rows_of_door import DOOR
from harness.rows_of_edge import EDGE
from harness.visited_house import STATES, House, opened
from harness.visitors import VISITED, VISITORS, Visitors
from harness.waiting import until
from rostra.stage.source.request import ALLOW

pytestmark = pytest.mark.timeout(600)

TABLE = (*DOOR, *EDGE, *BACKSTAGE)
READ_SHARE, OTHER_SHARE = 20, 6
"""The short form asks one row of so many."""
RECORDED = ("replay", "plain", "borrowed")


def test_no_two_rows_ask_for_the_same() -> None:
    named = Counter(row.name for row in TABLE)
    assert not [name for name, count in named.items() if count > 1]


def test_every_operation_of_the_api_has_a_row() -> None:
    operations, seen = addresses.of_api(), asked(BACKSTAGE, "api", "whip")
    assert all(addresses.fitting(row, operations) for row in seen), "a row names what the API does not have"
    assert not addresses.missing(operations, seen), "operations that nobody is known to be allowed"


def test_every_page_of_backstage_has_a_row() -> None:
    assert not addresses.missing(addresses.of_backstage_pages(), asked(BACKSTAGE, "page", "way"))


def test_every_address_of_the_door_has_a_row_for_each_condition_of_a_space() -> None:
    seen = asked(DOOR, "door")
    assert not addresses.missing(addresses.of_door(), seen)
    for space in STATES:
        assert not addresses.of_space(f"{{{space}}}") - set(seen), space


@pytest.mark.parametrize("listener", ["", "@cache"])
def test_every_address_of_the_edge_has_a_row_for_each_condition_of_a_space(listener: str) -> None:
    assert addresses.of_edge() <= {path for _, path in asked(EDGE, f"edge{listener}")}
    for space in STATES:
        for place in (f"live{listener}", "cache"):
            seen = {path for _, path in asked(EDGE, place)}
            wanted = {f"{{{space}}}/{leaf}" for leaf in addresses.of_programme()}
            assert f"{{{space}}}/*" in seen or wanted <= seen, f"{place} {space}"
        for place in RECORDED:
            assert ("GET", f"{{{space}}}/*") in asked(EDGE, f"{place}{listener}"), f"{place} {space}"


def test_all_that_a_source_may_ask_has_a_row_and_each_condition_of_a_space() -> None:
    seen = asked(EDGE, "source")
    assert set(ALLOW.split(", ")) <= {method for method, _ in seen}
    assert {("PUT", f"/{{{space}}}") for space in STATES} <= set(seen)


async def test_everybody_gets_exactly_what_the_table_says(tmp_path: Path, long_form: bool) -> None:
    """The short form asks some rows, each chosen by its own name: what stands beside it changes nothing.

    And whoever comes on stage accepts its terms first, which other rows stand on.
    """
    people = {"accept": "text/html,*/*"}
    async with (
        opened(tmp_path) as site,
        Visitors(site) as visitors,
        httpx.AsyncClient(timeout=15.0, trust_env=False, headers=people) as browser,
    ):
        browser.cookies.jar.set_policy(DefaultCookiePolicy(allowed_domains=()))
        house = House(site, visitors)
        await house.prepare()
        assert (await visitors["member"].api("GET", f"/audit?space={house.ids['later']}")).status_code == 403
        for entry in (await visitors["member"].api("GET", "/audit")).json()["entries"]:
            assert entry["space"] not in house.ids.values(), entry
        everybody = Everybody(house, browser)
        wrong = [
            f"{row.name} as {name}: {got}, not {wanted}"
            for row in TABLE
            if long_form or _is_asked_for_short(row)
            for name, wanted, got in zip(VISITORS, row.answers, await everybody.ask(row), strict=True)
            if got != wanted
        ]
        assert not wrong, "\n".join(wrong)


def _is_asked_for_short(row: Row) -> bool:
    return row.body == "consent" or row.is_of_share(READ_SHARE if row.method == "GET" else OTHER_SHARE)


async def test_no_list_names_what_is_not_public(tmp_path: Path) -> None:
    async with Deployment(tmp_path, **VISITED) as site, Visitors(site) as visitors:
        host = visitors["host"]
        ids = {}
        for visibility in ("public", "unlisted", "private"):
            body = {"title": visibility, "starts_at": "now", "time_zone": "UTC", "visibility": visibility}
            ids[visibility] = (await host.api("POST", "/spaces", body)).json()["id"]

        async def listed() -> bool:
            return ids["public"] in (await host.http.get(f"{site.door}/")).text

        await until(listed, what="the public one is on the home page", within_s=10)
        for path in ("/", "/h/ann", "/h/ann/events.ics", "/feed.atom", "/sitemap.xml"):
            for name in VISITORS:
                text = (await visitors[name].http.get(f"{site.door}{path}")).text
                assert ids["public"] in text, path
                assert ids["unlisted"] not in text, f"{path} as {name}"
                assert ids["private"] not in text, f"{path} as {name}"
