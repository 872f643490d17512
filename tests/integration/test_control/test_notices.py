"""Notices: who may write them, what they may say, and that everybody hears of them."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from typing import Any

import pytest


async def make(http: Any) -> str:
    return str((await http.post("/api/v1/spaces", json={"title": "Talk"})).json()["id"])


async def test_a_notice_is_on_the_bus_within_two_seconds_with_author_time_and_permalink(
    site: Any, wait_until: Any
) -> None:
    http = await site.set_up()
    space = await make(http)
    began = time.monotonic()
    body = {"text": "We moved to Friday.", "link": "https://example.org/why"}
    answer = await http.post(f"/api/v1/spaces/{space}/notices", json=body)
    assert answer.status_code == 201
    said = answer.json()
    assert (said["text"], said["link"], said["author"]) == (body["text"], body["link"], "Ada")
    assert said["url"] == f"http://127.0.0.1:8000/s/{space}#n-{said['id']}"
    await wait_until(lambda: space in site.states and bool(site.states[space].notices))
    assert time.monotonic() - began < 2
    heard = site.states[space].notices[0]
    assert (heard.notice, heard.text, heard.author) == (said["id"], body["text"], "Ada")
    assert site.states[space].updated_at == heard.at
    assert (await http.get(f"/api/v1/spaces/{space}")).json()["notices"] == [said]


@pytest.mark.parametrize(
    ("template", "language", "words"),
    [("late", "en", "running late"), ("trouble", "es", "problemas técnicos"), ("thanks", "en", "Thank you")],
)
async def test_templates_have_words_ready_in_the_writer_s_language(
    site: Any, template: str, language: str, words: str
) -> None:
    http = await site.set_up()
    path = f"/api/v1/spaces/{await make(http)}/notices"
    said = await http.post(path, json={"template": template}, headers={"accept-language": language})
    assert words in said.json()["text"]
    own = await http.post(path, json={"template": template, "text": "My own words."})
    assert own.json()["text"] == "My own words."


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"text": "x" * 281},
        {"text": "two\nlines"},
        {"text": "hello", "link": "javascript:alert(1)"},
        {"text": "hello", "link": "https://"},
        {"text": "hello", "link": "https://a b"},
        {"text": "hello", "link": "ftp://example.org"},
        {"text": "hello", "template": "party"},
    ],
)
async def test_what_is_no_notice_is_refused(site: Any, body: dict[str, str]) -> None:
    http = await site.set_up()
    space = await make(http)
    answer = await http.post(f"/api/v1/spaces/{space}/notices", json=body)
    assert answer.status_code == 400, answer.text
    assert (await http.get(f"/api/v1/spaces/{space}")).json()["notices"] == []


async def test_hosts_and_cohosts_write_and_withdraw_and_speakers_do_not(site: Any) -> None:
    http = await site.set_up()
    space = await make(http)
    path = f"/api/v1/spaces/{space}/notices"
    cohost = await site.speaker(http, space, "cohost", "Cleo")
    said = (await cohost.post(path, json={"text": "Hello."})).json()
    assert said["author"] == "Cleo"
    speaker = await site.speaker(http, space, "speaker", "Sam")
    for refused in (
        await speaker.post(path, json={"text": "Me too."}),
        await speaker.delete(f"{path}/{said['id']}"),
    ):
        assert refused.status_code == 403
        assert refused.json()["error"]["message"] == "You may not write notices here."
    assert (await http.delete(f"{path}/{said['id']}")).status_code == 204
    assert (await http.delete(f"{path}/{said['id']}")).status_code == 404
    with closing(sqlite3.connect(site.data / "rostra.db")) as database:
        acts = database.execute("select act from audit where act like 'notice.%' order by id").fetchall()
    assert acts == [("notice.post",), ("notice.withdraw",)]


async def test_the_newest_twenty_are_kept(site: Any) -> None:
    http = await site.set_up()
    space = await make(http)
    for number in range(23):
        await site.operator().post(f"/api/v1/spaces/{space}/notices", json={"text": f"Number {number}"})
    kept = (await http.get(f"/api/v1/spaces/{space}")).json()["notices"]
    assert len(kept) == 20
    assert kept[0]["text"] == "Number 22"
    assert kept[-1]["text"] == "Number 3"


async def test_a_flood_of_one_is_slowed_down_and_others_are_still_heard(site: Any) -> None:
    http = await site.set_up()
    space = await make(http)
    cohost = await site.speaker(http, space, "cohost", "Carl")
    path = f"/api/v1/spaces/{space}/notices"
    answers = [await cohost.post(path, json={"text": f"Buy {n}"}) for n in range(8)]
    assert [each.status_code for each in answers] == [201] * 6 + [429] * 2
    assert answers[-1].json()["error"]["message"] == "Too many notices in a minute. Please wait a moment."
    assert (await http.post(path, json={"text": "Thank you"})).status_code == 201
