"""Whoever opens an address of the edge in a browser reads why not and finds the way back."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path

import msgspec
import pytest

from rostra.bus.messages import Lifecycle, Visibility
from rostra.core.errors import RecordingHeld, RostraError, TicketInvalid, UnknownSpace
from rostra.core.ids import SpaceId
from rostra.core.settings import Settings
from rostra.edge.refusals import Refusals
from rostra.serving.errors import MethodNotAllowed
from rostra.serving.request import Request
from unit.edge.test_laggards import Stuck, exchange

from .test_who_may_hear import LIVE_TICKET, RUN, SPACE, edge, state

PERSON = {b"accept": b"text/html,application/xhtml+xml,*/*;q=0.8"}
FILE = f"/r/{SPACE}/{RUN}/aac64.mp4"
EVENT = f"http://here:8000/s/{SPACE}"


class Page(HTMLParser):
    """What stands on a page, and where its links lead."""

    def __init__(self, answer: bytes) -> None:
        super().__init__()
        self.said, self.links, self.language = "", list[str | None](), ""
        self.head, _, body = answer.decode().partition("\r\n\r\n")
        assert "content-type: text/html; charset=utf-8" in self.head.lower()
        self.feed(body)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.links += [value for name, value in attrs if tag == "a" and name == "href"]
        self.language = dict(attrs).get("lang") or self.language

    def handle_data(self, data: str) -> None:
        self.said += data


def asked(path: str, **headers: str) -> Request:
    lines = PERSON | {name.replace("_", "-").encode(): value.encode() for name, value in headers.items()}
    return Request("GET", path, "", lines, "here", http10=False, keep_alive=True)


@pytest.mark.parametrize(
    ("lifecycle", "visibility", "path", "status", "said"),
    [
        (Lifecycle.HELD, Visibility.PUBLIC, FILE, 403, "La grabación queda retenida"),
        (Lifecycle.DELETED, Visibility.PUBLIC, FILE, 410, "La grabación de esta conversación se ha borrado."),
        (Lifecycle.PUBLISHED, Visibility.PRIVATE, FILE, 403, "Este enlace de escucha no es válido."),
        (Lifecycle.SCHEDULED, Visibility.PUBLIC, FILE, 404, "No hay ninguna grabación en esta dirección."),
        (
            Lifecycle.PUBLISHED,
            Visibility.PUBLIC,
            f"/t/{LIVE_TICKET}/{SPACE}/radio.aac",
            404,
            "Esta conversación no está en directo.",
        ),
    ],
)
async def test_a_person_reads_in_their_language_why_there_is_nothing_to_hear(
    tmp_path: Path, lifecycle: Lifecycle, visibility: Visibility, path: str, status: int, said: str
) -> None:
    async with edge(tmp_path, state(visibility, lifecycle)) as one:
        answer = await one.ask(path, PERSON | {b"accept-language": b"es"})
        page = Page(answer)
        assert answer.startswith(b"HTTP/1.1 %d " % status)
        assert said in page.said
        assert (page.language, page.links) == ("es", [EVENT])
        assert "Cache-Control: no-store" in page.head
        assert "Access-Control-Allow-Origin: *" in page.head
        told = await one.ask(path, {b"accept": b"*/*", b"accept-language": b"es"})
        assert msgspec.json.decode(told.partition(b"\r\n\r\n")[2])["error"]["code"]


async def test_a_recording_that_cannot_be_opened_is_told_in_words_too(tmp_path: Path) -> None:
    async with edge(tmp_path, state()) as one:
        assert Page(await one.ask(FILE, PERSON)).links == [EVENT]


async def test_a_fault_of_ours_is_told_to_a_person_on_a_page_and_to_a_cache_as_to_a_program(
    tmp_path: Path,
) -> None:
    async with edge(tmp_path, state()) as one:
        assert Page(one.site.refuse(RostraError(), asked(FILE))).links == [EVENT]
        shared = one.site.refuse(RostraError(), asked(f"/c/{SPACE}/live.json"))
        assert b"Content-Type: application/json" in shared


def test_who_finds_no_room_is_led_to_the_event_page_or_to_the_door() -> None:
    refusals = Refusals(Settings(door_url="https://live.example/"))
    for path, link in ((FILE, f"https://live.example/s/{SPACE}"), ("/x", "https://live.example")):
        page = Page(refusals.of_crowd(asked(path)))
        assert "Too many people are connected" in page.said
        assert page.links == [link]
        assert f'Link: <{link}>; rel="alternate"' in page.head
        assert "Retry-After: 2" in page.head


def test_a_program_s_refusal_is_what_it_was_and_says_where_a_ticket_is_to_be_had() -> None:
    request = msgspec.structs.replace(asked(FILE), headers={b"accept": b"audio/*"})
    head, _, body = (
        Refusals(Settings(door_port=80)).of_ticket(TicketInvalid(), SPACE, request).partition(b"\r\n\r\n")
    )
    assert b"Content-Type: application/json" in head
    assert msgspec.json.decode(body)["error"]["detail"] == {"event": f"http://here/s/{SPACE}"}


@pytest.mark.parametrize("accept", [b"text/html", b"*/*"])
async def test_what_is_refused_for_its_method_names_those_that_there_are_to_people_and_programs(
    tmp_path: Path, accept: bytes
) -> None:
    request = msgspec.structs.replace(asked(FILE), method="DELETE", headers={b"accept": accept})
    async with edge(tmp_path, state()) as one:
        with pytest.raises(MethodNotAllowed) as refused:
            one.site.respond(msgspec.structs.replace(request, headers={}), exchange(Stuck(takes=10**9)))
        assert b"\r\nAllow: GET, HEAD, OPTIONS\r\n" in one.site.refuse(refused.value, request)


def test_a_space_that_nobody_knows_leads_to_all_there_are() -> None:
    unknown = asked("/t/x/zzzzzzzzzz/live.json", cookie="lang=es")
    page = Page(Refusals(Settings()).answer(UnknownSpace(), unknown))
    assert page.links == ["http://here:8000"]
    assert "Ver todas las conversaciones" in page.said


def test_nothing_of_the_request_can_be_markup() -> None:
    request = msgspec.structs.replace(asked(f"/r/{SPACE}/<b>/&"), local_host='"><script>')
    answer = Refusals(Settings()).answer(RecordingHeld('<i>"'), request)
    assert b"<script>" not in answer
    assert b"<i>" not in answer
    assert b"<b>" not in answer
    assert Page(answer).links == [f'http://"><script>:8000/s/{SpaceId(SPACE)}']
