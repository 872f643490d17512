"""One's own account: name, bio, picture, language; what of it others see."""

from __future__ import annotations

import asyncio
import base64
import io
from typing import Any

from PIL import Image

from rostra.bus.messages import HostState


def picture(format: str = "PNG", size: tuple[int, int] = (640, 480)) -> str:
    file = io.BytesIO()
    Image.new("RGB", size, "teal").save(file, format)
    return f"data:image/{format.lower()};base64," + base64.b64encode(file.getvalue()).decode()


async def test_a_profile_is_changed_field_by_field(site: Any, wait_until: Any) -> None:
    await site.set_up()
    grace = await site.host("grace")
    space = (await grace.post("/api/v1/spaces", json={"title": "Talk"})).json()["id"]
    changed = await grace.patch("/api/v1/account", json={"name": "Grace H.", "bio": "One\r\nTwo"})
    account = changed.json()["account"]
    assert (account["name"], account["bio"], account["handle"]) == ("Grace H.", "One\nTwo", "grace")
    await wait_until(lambda: site.states[space].host_name == "Grace H.")
    await grace.patch("/api/v1/account", json={"bio": ""})
    account = (await grace.get("/api/v1/account")).json()["account"]
    assert (account["name"], account["bio"]) == ("Grace H.", "")


async def test_an_account_has_a_public_page_while_it_hosts_something_public(site: Any) -> None:
    await site.set_up()
    grace = await site.host("grace")

    async def has_a_page() -> bool:
        return bool((await grace.get("/api/v1/account")).json()["account"]["public_page"])

    assert not await has_a_page()
    talk = {"title": "Talk", "visibility": "unlisted"}
    space = (await grace.post("/api/v1/spaces", json=talk)).json()["id"]
    assert not await has_a_page()
    await grace.patch(f"/api/v1/spaces/{space}", json={"visibility": "public"})
    assert await has_a_page()


async def test_what_hosts_say_about_themselves_is_told_to_the_door_until_they_take_it_back(site: Any) -> None:
    await site.set_up()
    grace = await site.host("grace")
    await grace.patch("/api/v1/account", json={"bio": "Compilers.", "picture": picture()})
    async with site.bus.subscribe("host.*.state", HostState) as told, asyncio.timeout(5):
        await grace.post("/api/v1/spaces", json={"title": "Talk"})
        first = await anext(aiter(told))
        while first[1].bio != "Compilers.":
            first = await anext(aiter(told))
        assert first[1].picture.startswith("data:image/webp;base64,")
        await grace.patch("/api/v1/account", json={"bio": "", "picture": ""})
        assert (await anext(aiter(told)))[1] == HostState(host=first[1].host)


async def test_of_a_suspended_host_who_has_only_recordings_the_door_shows_no_portrait(site: Any) -> None:
    ada = await site.set_up()
    grace = await site.host("grace")
    await grace.patch("/api/v1/account", json={"bio": "Compilers."})
    host = (await grace.get("/api/v1/account")).json()["account"]["id"]
    space = (await grace.post("/api/v1/spaces", json={"title": "Talk"})).json()["id"]
    await grace.post(f"/api/v1/spaces/{space}/live")
    await grace.post(f"/api/v1/spaces/{space}/end")
    async with site.bus.subscribe("host.*.state", HostState) as told, asyncio.timeout(5):
        bios = (value.bio async for _subject, value in told if value.host == host)
        assert await anext(bios) == "Compilers."
        await ada.post("/api/v1/accounts/grace/suspend", json={"reason": "spam"})
        assert await anext(bios) == ""
        await ada.post("/api/v1/accounts/grace/reinstate")
        assert await anext(bios) == "Compilers."


async def test_a_picture_is_drawn_small_and_can_be_taken_away(site: Any) -> None:
    http = await site.set_up()
    drawn = (await http.patch("/api/v1/account", json={"picture": picture()})).json()["account"]["picture"]
    head, _, body = drawn.partition(",")
    assert head == "data:image/webp;base64"
    with Image.open(io.BytesIO(base64.b64decode(body))) as shown:
        assert shown.size == (320, 240)
    kept = (await http.patch("/api/v1/account", json={"bio": "x"})).json()["account"]["picture"]
    assert kept == drawn
    assert (await http.patch("/api/v1/account", json={"picture": ""})).json()["account"]["picture"] == ""


async def test_what_is_no_picture_is_refused_with_a_sentence(site: Any) -> None:
    http = await site.set_up()
    for bad in (
        "https://example.org/me.png",
        "data:image/svg+xml;base64,PHN2Zy8+",
        "data:image/png;base64,AAAA",
        "data:image/png;base64,!!!!",
        picture("JPEG").replace("image/jpeg", "image/png"),
    ):
        answer = await http.patch("/api/v1/account", json={"picture": bad})
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "bad_picture"), bad[:40]
    assert (await http.get("/api/v1/account")).json()["account"]["picture"] == ""


async def test_only_languages_that_are_spoken_and_addresses_that_can_be(site: Any) -> None:
    http = await site.set_up()
    for bad in (
        {"language": "tlh"},
        {"email": "not an address"},
        {"email": "a@b\nBcc: c@d"},
        {"role": "operator"},
    ):
        assert (await http.patch("/api/v1/account", json=bad)).status_code == 400, bad
    good = {"language": "es", "email": "ada@example.org"}
    account = (await http.patch("/api/v1/account", json=good)).json()["account"]
    assert (account["language"], account["email"]) == ("es", "ada@example.org")


async def test_a_stranger_and_a_speakers_link_have_no_account(site: Any) -> None:
    http = await site.set_up()
    space = (await http.post("/api/v1/spaces", json={"title": "Talk"})).json()["id"]
    speaker = await site.speaker(http, space, "speaker", "Sam")
    assert (await site.client().get("/api/v1/account")).status_code == 401
    for path in ("/account", "/passkeys", "/tokens", "/account/export", "/audit"):
        assert (await speaker.get(f"/api/v1{path}")).status_code == 403, path
