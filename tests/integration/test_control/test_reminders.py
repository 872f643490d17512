"""Reminders: pushed and mailed to who asked, at their time, until nobody is there any more or wants them."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from harness.post_office import PostOffice, post_office
from harness.push_service import PushService, Receiver, claims, push_service
from rostra.bus import messages as m
from rostra.core.errors import BadRequest, Conflict, NotFound, RostraError, TooManyRequests, UnknownSpace
from rostra.core.ids import SpaceId
from rostra.core.settings import Settings

DOOR = "http://127.0.0.1:8000"
ADDRESS = "lea@example.org"
WITHIN_S = 60.0


@pytest.fixture
async def office() -> AsyncIterator[PostOffice]:
    async with post_office() as office:
        yield office


@pytest.fixture
async def service() -> AsyncIterator[PushService]:
    async with push_service() as service:
        yield service


@pytest.fixture
def settings(tmp_path: Path, office: PostOffice) -> Settings:
    return Settings(
        data=tmp_path,
        smtp_url=office.url,
        mail_from="site@example.org",
        push_hosts=["127.0.0.1"],
        push_contact="mailto:ops@example.org",
    )


class Asker:
    """Asks control as the door does."""

    def __init__(self, site: Any, space: str) -> None:
        self._bus, self._space = site.bus, SpaceId(space)

    async def push(self, endpoint: str, receiver: Receiver, **more: Any) -> m.Reminding:
        return await self._ask(m.RemindBy.PUSH, endpoint, **receiver.keys, **more)

    async def mail(self, address: str = ADDRESS, **more: Any) -> m.Reminding:
        return await self._ask(m.RemindBy.MAIL, address, **more)

    async def answer(self, answered: m.Answered, token: str) -> m.ReminderAnswered:
        asked = m.AnswerReminder(answered=answered, token=token)
        answer: m.ReminderAnswered = await self._bus.request(
            m.CONTROL_ANSWER_REMINDER, asked, m.ReminderAnswered
        )
        return answer

    async def _ask(self, by: m.RemindBy, address: str, **more: Any) -> m.Reminding:
        fields = {"language": "en", "door": DOOR, **more}
        asked = m.Remind(space=self._space, by=by, address=address, **fields)
        reminding: m.Reminding = await self._bus.request(m.CONTROL_REMIND, asked, m.Reminding)
        return reminding


async def make(http: Any, **fields: Any) -> str:
    body = {"title": "The evening", "time_zone": "UTC", **fields}
    answer = await http.post("/api/v1/spaces", json=body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def in_minutes(minutes: float) -> str:
    return (datetime.now(UTC) + timedelta(minutes=minutes)).isoformat()


def link(letter: EmailMessage, path: str) -> str:
    found = re.search(rf"{DOOR}/{path}\?t=(\S+)", letter.get_content())
    assert found
    return found[1]


@contextmanager
def refused(why: type[RostraError]) -> Iterator[None]:
    """Inside the block, control refuses for that reason; the bus carries its code."""
    with pytest.raises(RostraError) as refusal:
        yield
    assert refusal.value.code == why.code


def kept(site: Any) -> int:
    with closing(sqlite3.connect(site.data / "rostra.db")) as database:
        return int(database.execute("select count(*) from reminders").fetchone()[0])


@pytest.mark.timeout(240)
async def test_who_asked_is_reminded_told_of_another_start_and_forgotten_at_the_end(
    site: Any, wait_until: Any, service: PushService, office: PostOffice
) -> None:
    http = await site.set_up()
    space = await make(http, starts_at=in_minutes(8))
    asker, phone, gone = Asker(site, space), Receiver(), Receiver()
    service.answers["/gone"] = 410
    assert (await asker.push(service.endpoint("phone"), phone)).forget
    await asker.push(service.endpoint("gone"), gone)
    assert (await asker.mail()).forget == ""
    await asker.mail("other@example.org")

    # A mail address is asked once, and gets nothing more before its owner says yes.
    await wait_until(lambda: len(office.letters) == 2, WITHIN_S)
    question = next(each for each in office.letters if each["To"] == ADDRESS)
    await asker.mail()
    said = await asker.answer(m.Answered.CONFIRM, link(question, "remind"))
    assert (said.space, said.title) == (space, "The evening")

    # Eight minutes before, all who are left are reminded at once: nobody hears it twice.
    await wait_until(lambda: bool(service.of("phone")), WITHIN_S)
    pushed = service.of("phone")[0]
    message = phone.open(pushed.body)
    assert (message["title"], message["url"]) == ("Soon: The evening", f"/s/{space}")
    assert (pushed.headers["content-encoding"], pushed.headers["topic"]) == ("aes128gcm", space)
    assert 600 < int(pushed.headers["ttl"]) <= 8 * 60 + 900
    stated = claims(pushed.headers["authorization"])
    assert (stated["aud"], stated["sub"]) == (f"http://127.0.0.1:{service.port}", "mailto:ops@example.org")
    await wait_until(lambda: len(office.letters) == 3, WITHIN_S)
    letter = office.letters[2]
    assert (letter["To"], letter["Subject"]) == (ADDRESS, "Soon: The evening")
    assert f"{DOOR}/s/{space}" in letter.get_content()
    assert letter["List-Unsubscribe"].strip() == f"<{DOOR}/forget?t={link(letter, 'forget')}>"
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"

    # Whose browser is no more is forgotten: only the phone, the mail and the one who never said yes are left.
    await wait_until(lambda: kept(site) == 3, WITHIN_S)
    assert len(service.of("gone")) == 1

    # Another start: who knew the old one is told, whenever their turn in that minute comes.
    changed = await http.patch(f"/api/v1/spaces/{space}", json={"starts_at": in_minutes(38)})
    assert changed.status_code == 200, changed.text
    await wait_until(lambda: len(service.of("phone")) == 2, WITHIN_S)
    assert phone.open(service.of("phone")[1].body)["title"] == "Another time: The evening"
    await wait_until(lambda: len(office.letters) == 4, WITHIN_S)
    assert office.letters[3]["Subject"] == "Another time: The evening"

    # It is called off: the last that is said, and then nobody is known any more.
    await asker.answer(m.Answered.FORGET, link(letter, "forget"))
    with refused(NotFound):
        await asker.answer(m.Answered.FORGET, link(letter, "forget"))
    assert (await http.post(f"/api/v1/spaces/{space}/cancel")).status_code == 200
    await wait_until(lambda: len(service.of("phone")) == 3, WITHIN_S)
    assert phone.open(service.of("phone")[2].body)["title"] == "Called off: The evening"
    await wait_until(lambda: kept(site) == 1, WITHIN_S)
    assert len(office.letters) == 4


@pytest.mark.timeout(120)
async def test_who_asked_while_it_was_public_learns_nothing_of_what_is_private_now(
    site: Any, wait_until: Any, service: PushService, office: PostOffice
) -> None:
    http = await site.set_up()
    space = await make(http, starts_at=in_minutes(60))
    asker, phone = Asker(site, space), Receiver()
    forget = (await asker.push(service.endpoint("phone"), phone)).forget
    await asker.mail()
    await wait_until(lambda: len(office.letters) == 1, WITHIN_S)
    assert "The evening" in str(office.letters[0])

    closed = {"visibility": "private", "title": "Secret plans", "starts_at": in_minutes(8)}
    assert (await http.patch(f"/api/v1/spaces/{space}", json=closed)).status_code == 200
    said = await asker.answer(m.Answered.CONFIRM, link(office.letters[0], "remind"))
    assert said.title == ""
    await wait_until(lambda: bool(service.of("phone")), WITHIN_S)
    message = phone.open(service.of("phone")[0].body)
    assert (message["title"], "Secret" in str(message)) == ("News of a conversation", False)
    await wait_until(lambda: len(office.letters) == 2, WITHIN_S)
    assert office.letters[1]["Subject"] == "News of a conversation"

    await asker.mail("late@example.org")
    await wait_until(lambda: len(office.letters) == 3, WITHIN_S)
    assert "private conversation" in office.letters[2].get_content()
    assert "Secret" not in "".join(map(str, office.letters))
    assert (await asker.answer(m.Answered.FORGET, forget)).title == ""


async def test_a_restart_keeps_reminders_their_secrets_and_the_site_s_key(
    site: Any, service: PushService
) -> None:
    http = await site.set_up()
    asker, phone = Asker(site, await make(http, starts_at=in_minutes(60))), Receiver()
    given = await asker.push(service.endpoint("phone"), phone)
    key = (site.data / "keys" / "push.pem").read_bytes()
    await site.restart()
    assert (await asker.push(service.endpoint("phone"), phone)).forget == given.forget
    assert kept(site) == 1
    await asker.answer(m.Answered.FORGET, given.forget)
    assert kept(site) == 0
    assert (site.data / "keys" / "push.pem").read_bytes() == key


async def test_what_is_not_to_be_kept_is_refused(site: Any, service: PushService) -> None:
    http = await site.set_up()
    space = await make(http, starts_at=in_minutes(60))
    asker, phone = Asker(site, space), Receiver()
    for endpoint in ("http://127.0.0.2:9/x", "https://example.org/x", "ftp://127.0.0.1/x"):
        with refused(BadRequest):
            await asker.push(endpoint, phone)
    with refused(BadRequest):
        await asker.mail("nobody")
    with refused(NotFound):
        await asker.answer(m.Answered.FORGET, "abc.def")
    given = await asker.push(service.endpoint("phone"), phone)
    with refused(NotFound):  # the one secret does not do for the other
        await asker.answer(m.Answered.CONFIRM, given.forget)
    with refused(UnknownSpace):
        await Asker(site, "nothingthere").push(service.endpoint("phone"), phone)
    await http.post(f"/api/v1/spaces/{space}/cancel")
    with refused(Conflict):
        await asker.push(service.endpoint("tablet"), phone)


async def test_nobody_s_mail_box_is_filled_with_questions(
    site: Any, wait_until: Any, office: PostOffice
) -> None:
    http = await site.set_up()
    spaces = [await make(http, starts_at=in_minutes(60)) for _ in range(4)]
    for space in spaces[:3]:
        for _ in range(3):
            await Asker(site, space).mail()
    with refused(TooManyRequests):
        await Asker(site, spaces[3]).mail()
    await wait_until(lambda: len(office.letters) >= 3, 10.0)
    assert len(office.letters) == 3
