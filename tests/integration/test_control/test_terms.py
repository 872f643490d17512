"""The sentence before the stage says what will happen; when that changes, everybody is asked again."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from typing import Any

import pytest

from rostra.bus.messages import Off, Role, Speaker
from rostra.core.ids import SpeakerId

SDP = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\n"


async def make(http: Any, **fields: str) -> str:
    return str((await http.post("/api/v1/spaces", json={"title": "Talk", **fields})).json()["id"])


async def asked(http: Any, space: str, language: str = "en") -> dict[str, str]:
    stage = await http.get(f"/api/v1/spaces/{space}/stage", headers={"accept-language": language})
    return dict(stage.json()["consent"])


async def accept(http: Any, space: str, text_id: str, name: str = "Sam") -> Any:
    body = {"text_id": text_id, "accepted": True, "name": name, "browser": name}
    return await http.post(f"/api/v1/spaces/{space}/stage/consent", json=body)


@pytest.mark.parametrize(
    ("visibility", "policy", "text_id", "words"),
    [
        ("public", "publish", "live-and-recorded-1", "heard live by anyone and recorded unedited."),
        ("unlisted", "hold", "live-and-held-1", "host decides whether the recording is published"),
        ("public", "delete", "live-and-deleted-1", "The recording is deleted"),
        ("private", "publish", "private-and-recorded-1", "by the people invited"),
        ("private", "hold", "private-and-held-1", "host decides whether they can hear"),
        ("private", "delete", "private-and-deleted-1", "The recording is deleted"),
    ],
)
async def test_the_sentence_says_who_hears_and_what_becomes_of_the_recording(
    site: Any, visibility: str, policy: str, text_id: str, words: str
) -> None:
    http = await site.set_up()
    space = await make(http, visibility=visibility, recording_policy=policy)
    sentence = await asked(http, space)
    assert sentence["id"] == text_id
    assert words in sentence["text"]
    assert (await accept(http, space, text_id)).status_code == 200


async def test_the_log_holds_the_words_in_the_language_that_they_were_read_in(site: Any) -> None:
    http = await site.set_up()
    space = await make(http)
    sentence = await asked(http, space, "es")
    assert sentence["id"] == "live-and-recorded-1.es"
    await accept(http, space, sentence["id"])
    with closing(sqlite3.connect(site.data / "rostra.db")) as database:
        logged = database.execute("select text_id, text from consents").fetchall()
    assert logged == [(sentence["id"], "Cualquiera podrá oírte en directo y se te grabará sin editar.")]


async def test_whoever_agreed_to_more_is_not_asked_again_and_whoever_agreed_to_less_is(site: Any) -> None:
    http = await site.set_up()
    space = await make(http, recording_policy="hold")
    path = f"/api/v1/spaces/{space}"
    speaker = (await accept(http, space, "live-and-held-1")).json()["speaker"]
    for change in ({"recording_policy": "delete"}, {"visibility": "private"}):
        await http.patch(path, json=change)
        assert (await http.get(f"{path}/stage")).json()["me"]["consented"]
    await http.patch(path, json={"visibility": "public", "recording_policy": "publish"})
    assert not (await http.get(f"{path}/stage")).json()["me"]["consented"]
    refused = await http.post(f"{path}/stage/offer", json={"sdp": SDP})
    assert refused.json()["error"]["detail"]["text_id"] == "live-and-recorded-1"
    assert (await accept(http, space, "live-and-held-1")).status_code == 400
    assert (await accept(http, space, "live-and-recorded-1")).json()["speaker"] == speaker


async def test_wider_terms_take_those_off_the_stage_who_have_not_accepted_them(
    site: Any, wait_until: Any
) -> None:
    http = await site.set_up()
    space = await make(http, visibility="private")
    path = f"/api/v1/spaces/{space}"
    sam = await site.speaker(http, space, "speaker", "Sam")
    sams = SpeakerId((await accept(sam, space, "private-and-recorded-1")).json()["speaker"])
    ada = SpeakerId((await accept(http, space, "live-and-recorded-1", "Ada")).json()["speaker"])
    site.stage.report(
        space,
        Speaker(speaker=sams, name="Sam", role=Role.SPEAKER),
        Speaker(speaker=ada, name="Ada", role=Role.HOST),
    )
    await wait_until(lambda: space in site.states and site.states[space].lifecycle == "lobby")
    await http.patch(path, json={"visibility": "public"})
    assert [(off.speakers, off.space) for off in site.stage.taken_off] == [((sams,), space)]
    me = (await sam.get(f"{path}/stage")).json()["me"]
    assert not me["consented"]
    assert "changed" in me["off"]
    in_spanish = await sam.get(f"{path}/stage", headers={"accept-language": "es"})
    assert "han cambiado" in in_spanish.json()["me"]["off"]
    await accept(sam, space, "live-and-recorded-1")
    assert (await sam.get(f"{path}/stage")).json()["me"]["off"] == ""


async def test_terms_that_change_while_the_stage_answers_take_off_whoever_it_seats(site: Any) -> None:
    http = await site.set_up()
    space = await make(http, visibility="private")
    sam = await site.speaker(http, space, "speaker", "Sam")
    sams = SpeakerId((await accept(sam, space, "private-and-recorded-1")).json()["speaker"])
    asked, go_on, answer = asyncio.Event(), asyncio.Event(), site.stage.answer_offer

    async def slowly(offer: Any) -> Any:
        asked.set()
        await go_on.wait()
        return await answer(offer)

    site.stage.answer_offer = slowly
    entering = asyncio.create_task(sam.post(f"/api/v1/spaces/{space}/stage/offer", json={"sdp": SDP}))
    await asked.wait()
    await http.patch(f"/api/v1/spaces/{space}", json={"visibility": "public"})
    site.stage.taken_off.clear()
    go_on.set()
    refused = (await entering).json()["error"]
    assert (refused["code"], refused["detail"]["text_id"]) == ("consent_needed", "live-and-recorded-1")
    assert [(off.speakers, off.space, off.why) for off in site.stage.taken_off] == [
        ((sams,), space, Off.TERMS)
    ]


async def test_whoever_is_seated_and_not_seen_yet_is_taken_off_by_wider_terms(site: Any) -> None:
    http = await site.set_up()
    space = await make(http, visibility="private")
    sam = await site.speaker(http, space, "speaker", "Sam")
    sams = SpeakerId((await accept(sam, space, "private-and-recorded-1")).json()["speaker"])
    assert (await sam.post(f"/api/v1/spaces/{space}/stage/offer", json={"sdp": SDP})).is_success
    await http.patch(f"/api/v1/spaces/{space}", json={"visibility": "public"})
    assert [(off.speakers, off.space) for off in site.stage.taken_off] == [((sams,), space)]


async def test_nobody_is_live_who_has_not_accepted_it_though_the_stage_could_not_be_told(site: Any) -> None:
    http = await site.set_up()
    space = await make(http, visibility="private")
    sam = await site.speaker(http, space, "speaker", "Sam")
    sams = SpeakerId((await accept(sam, space, "private-and-recorded-1")).json()["speaker"])
    async with site.stage_away():
        await http.patch(f"/api/v1/spaces/{space}", json={"visibility": "public"})
    assert site.stage.taken_off == []
    assert (await http.post(f"/api/v1/spaces/{space}/live")).is_success
    assert [(off.speakers, off.space) for off in site.stage.taken_off] == [((sams,), space)]
    assert (await http.post(f"/api/v1/spaces/{space}/live")).is_success
    assert len(site.stage.taken_off) == 1, "live already, nothing happens"
