"""A captioner's link opens the captions of one space and nothing else; a pinned link is checked and told."""

from __future__ import annotations

from typing import Any

import pytest

from rostra.control.captions import PER_WRITER


async def make(http: Any) -> str:
    return str((await http.post("/api/v1/spaces", json={"title": "Talk"})).json()["id"])


async def captioner(site: Any, http: Any, space: str) -> Any:
    made = (
        await http.post(f"/api/v1/spaces/{space}/links", json={"role": "captioner", "name": "Cai"})
    ).json()
    assert f"/captions/{space}#k=" in made["url"]
    return site.client(f"Speaker {made['token']}")


async def test_a_captioner_writes_what_is_said_and_does_nothing_else(site: Any) -> None:
    http = await site.set_up()
    space, other = await make(http), await make(http)
    cai = await captioner(site, http, space)
    path = f"/api/v1/spaces/{space}"
    shown = (await cai.get(f"{path}/captions")).json()
    assert (shown["title"], shown["recording_policy"]) == ("Talk", "publish")
    line = {"text": " Good evening. ", "language": "pt-BR", "ago_ms": 1200}
    refused = await cai.post(f"{path}/captions", json=line)
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "conflict")
    await http.post(f"{path}/live")
    assert (await cai.post(f"{path}/captions", json=line)).status_code == 201
    [asked] = site.stage.captions
    assert (asked.text, asked.lang, asked.ago_ms, asked.at) == ("Good evening.", "pt-BR", 1200, None)
    for method, leaf, body in (
        ("GET", "/stage", None),
        ("POST", "/stage/offer", {"sdp": "v=0\r\n"}),
        ("POST", "/stage/consent", {"text_id": "x", "accepted": True}),
        ("POST", "/notices", {"text": "x"}),
        ("PUT", "/pinned", {"link": "https://example.org"}),
        ("DELETE", "/hold-music", None),
        ("POST", "/live", {}),
        ("POST", "/end", {}),
        ("POST", "/links", {"role": "host"}),
    ):
        answer = await cai.request(method, path + leaf, json=body)
        assert answer.status_code == 403, (method, leaf, answer.text)
    assert (await cai.get(f"/api/v1/spaces/{other}/captions")).status_code == 403
    assert "Cai" not in site.states[space].people, "who writes captions is not announced as a guest"


async def test_a_link_that_was_taken_back_writes_nothing_any_more(site: Any) -> None:
    http = await site.set_up()
    space = await make(http)
    cai = await captioner(site, http, space)
    await http.post(f"/api/v1/spaces/{space}/live")
    [link] = (await http.get(f"/api/v1/spaces/{space}/links")).json()["links"]
    assert link["role"] == "captioner"
    await http.delete(f"/api/v1/spaces/{space}/links/{link['id']}")
    assert (await cai.post(f"/api/v1/spaces/{space}/captions", json={"text": "x"})).status_code == 401


async def test_a_flood_of_lines_is_slowed_down(site: Any) -> None:
    http = await site.set_up()
    space = await make(http)
    cai = await captioner(site, http, space)
    await http.post(f"/api/v1/spaces/{space}/live")
    path = f"/api/v1/spaces/{space}/captions"
    statuses = [
        (await cai.post(path, json={"text": str(n)})).status_code for n in range(PER_WRITER.burst + 10)
    ]
    assert statuses[: PER_WRITER.burst] == [201] * PER_WRITER.burst
    assert 429 in statuses


@pytest.mark.parametrize(
    "body",
    [
        {"text": ""},
        {"text": "x" * 301},
        {"text": "two\nlines"},
        {"text": "x", "language": "not a tag"},
        {"text": "x", "language": 'en"\n#EXT'},
        {"text": "x", "at": -1},
        {"text": "x", "ago_ms": 60_001},
        {"text": "x", "duration_ms": 20_001},
        {"text": "x", "more": 1},
    ],
)
async def test_what_is_no_line_of_captions_is_refused(site: Any, body: dict[str, Any]) -> None:
    http = await site.set_up()
    space = await make(http)
    await http.post(f"/api/v1/spaces/{space}/live")
    assert (await http.post(f"/api/v1/spaces/{space}/captions", json=body)).status_code in (400, 422)
    assert site.stage.captions == []


async def test_one_link_is_pinned_replaced_and_taken_away(site: Any, wait_until: Any) -> None:
    http = await site.set_up()
    space = await make(http)
    path = f"/api/v1/spaces/{space}/pinned"
    for link in ("", "javascript:alert(1)", "https://", "https://example.org/a b", "x" * 501):
        assert (await http.put(path, json={"link": link})).status_code in (400, 422), link
    for label in ("The slides", ""):
        body = {"link": "https://example.org/slides", "label": label}
        assert (await http.put(path, json=body)).json() == body
        await wait_until(lambda label=label: pinned(site, space) == label)
    assert (await http.delete(path)).status_code == 204
    assert (await http.delete(path)).status_code == 204
    await wait_until(lambda: site.states[space].pinned is None)


def pinned(site: Any, space: str) -> str | None:
    state = site.states[space]
    return None if state.pinned is None else str(state.pinned.label)
