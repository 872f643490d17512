"""Whoever knocks at a stage without end is asked to wait, and nobody else is kept waiting by it."""

from __future__ import annotations

from typing import Any

import pytest

from rostra.admission.allowance import Allowance
from rostra.control import stage_pace
from rostra.control.stage_pace import Knock

SDP = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\n"
CONSENT = {"text_id": "live-and-recorded-1", "accepted": True, "browser": "one of their own"}
OFFER = {"content": SDP, "headers": {"content-type": "application/sdp"}}
NEWS = {
    "content": "a=mid:0\r\n",
    "headers": {"content-type": "application/trickle-ice-sdpfrag", "if-match": "*"},
}
FEW = 3


@pytest.fixture(autouse=True)
def _few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stage_pace, "ALLOWED", dict.fromkeys(Knock, Allowance(FEW, 600)))


class Stage:
    """A host, and two speakers who accepted."""

    def __init__(self, space: str, host: Any, sam: Any, lea: Any, speaker: str) -> None:
        self.space, self.host, self.sam, self.lea, self.speaker = space, host, sam, lea, speaker
        self.path = f"/api/v1/spaces/{space}/stage"

    async def record(self, act: str) -> int:
        """How many lines of an act there are."""
        asked = {"space": self.space, "limit": 100}
        entries = (await self.host.get("/api/v1/audit", params=asked)).json()["entries"]
        return [entry["act"] for entry in entries].count(act)


@pytest.fixture
async def stage(site: Any) -> Stage:
    host = await site.set_up()
    space = (await host.post("/api/v1/spaces", json={"title": "Talk"})).json()["id"]
    sam, lea = [await site.speaker(host, space, "speaker", name) for name in ("Sam", "Lea")]
    path = f"/api/v1/spaces/{space}/stage"
    speaker = (await sam.post(f"{path}/consent", json=CONSENT)).json()["speaker"]
    await lea.post(f"{path}/consent", json=CONSENT)
    return Stage(space, host, sam, lea, speaker)


async def until_refused(person: Any, method: str, address: str, **body: Any) -> int:
    """How often it is let through before it is refused as too often."""
    for done in range(20):
        answer = await person.request(method, address, **body)
        if answer.status_code == 429:
            said = answer.json()["error"]
            assert said["code"] == "too_many_requests"
            assert said["message"].startswith("Too many requests to the stage.")
            assert int(answer.headers["retry-after"]) > 0
            return done
    raise AssertionError("never refused")


async def test_offers_without_end_are_refused_whatever_they_are_for_and_reach_no_stage(
    site: Any, stage: Stage
) -> None:
    offer = {"json": {"sdp": SDP}}
    assert await until_refused(stage.sam, "POST", f"{stage.path}/offer", **offer) == FEW
    assert await until_refused(stage.sam, "POST", f"/whip/{stage.space}", **OFFER) == 0
    assert len(site.stage.offers) == FEW
    assert await stage.record("stage.enter") == FEW
    assert (await stage.lea.post(f"{stage.path}/offer", **offer)).status_code == 200
    assert await until_refused(stage.host, "POST", f"/whep/{stage.space}", **OFFER) == FEW
    tried = f"{stage.path}/check/offer"
    assert await until_refused(stage.sam, "POST", tried, **offer) == FEW
    other = (await stage.host.post("/api/v1/spaces", json={"title": "Another"})).json()["id"]
    assert (await stage.host.post(f"/api/v1/spaces/{other}/stage/consent", json=CONSENT)).status_code == 200
    assert (await stage.host.post(f"/api/v1/spaces/{other}/stage/offer", **offer)).status_code == 200


async def test_news_goodbyes_mutes_and_consents_without_end_are_refused_too(site: Any, stage: Stage) -> None:
    session = (await stage.sam.post(f"/whip/{stage.space}", **OFFER)).headers["location"]
    assert await until_refused(stage.sam, "PATCH", session, **NEWS) == FEW
    assert len(site.stage.patches) == FEW
    mute = f"{stage.path}/speakers/{stage.speaker}/mute"
    assert await until_refused(stage.sam, "POST", mute, json={"muted": False}) == FEW
    silent = await stage.sam.post(mute, json={"muted": True})
    assert silent.status_code == 204, "nobody is refused to be silent"
    assert await stage.record("floor.mute-self") == FEW + 1
    for _ in range(2 * FEW):
        assert (await stage.host.post(mute, json={"muted": True})).status_code == 204
    assert await until_refused(stage.sam, "POST", f"{stage.path}/consent", json=CONSENT) == FEW - 1
    assert await until_refused(stage.sam, "DELETE", session) == FEW


async def test_leaving_a_session_that_was_not_there_is_fine_and_leaves_no_line(
    site: Any, stage: Stage
) -> None:
    assert (await stage.sam.delete(f"{stage.path}/sessions/nosession")).status_code == 204
    assert (await stage.record("stage.leave"), site.stage.left) == (0, [])
    session = (await stage.sam.post(f"{stage.path}/offer", json={"sdp": SDP})).json()["session"]
    assert (await stage.sam.delete(f"{stage.path}/sessions/{session}")).status_code == 204
    assert await stage.record("stage.leave") == 1
