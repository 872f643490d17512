"""Asking to speak at the door: bounded, passed on, and answered from memory."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rostra.bus.client import RemoteError
from rostra.bus.messages import Asked, Asking, AskToSpeak, Failed, FloorState, Removed, WithdrawAsking
from rostra.core.errors import NotAllowed
from rostra.core.ids import SpaceId
from rostra.gateway.ask_desk import FAR, MOST_WAITING, NEAR

from .conftest import House, space_state

JSON = "application/json"
REQUEST = sha256(b"a secret").hexdigest()


def body(**fields: Any) -> bytes:
    return msgspec.json.encode({"id": REQUEST, "name": "Lena", "note": "About the tides", **fields})


@pytest.fixture
def path(house: House) -> str:
    state = space_state()
    house.open(state)
    return f"/s/{state.space}/ask"


def test_what_a_listener_asks_is_passed_on_as_it_is(house: House, path: str) -> None:
    reply = house.ask(path, method="POST", content_type=JSON, body=body(browser="hers"), peer="192.0.2.7")
    assert (reply.status, reply.json()) == (202, {"state": "waiting"})
    (asked,) = house.backstage
    assert isinstance(asked, AskToSpeak)
    assert (asked.request, asked.name, asked.note, asked.browser, asked.network) == (
        REQUEST,
        "Lena",
        "About the tides",
        "hers",
        "192.0.2.0/24",
    )


def test_who_would_rather_not_is_passed_on_too_by_the_secret_of_their_request(
    house: House, path: str
) -> None:
    house.ask(path, method="POST", content_type=JSON, body=body(withdraw="a secret"))
    assert house.backstage == [WithdrawAsking(space=SpaceId(path.split("/")[2]), request=REQUEST)]


@pytest.mark.parametrize(
    ("shown", "status"), [(True, 400), (REQUEST, 403), ("another", 403), ("x" * 101, 400)]
)
def test_whoever_read_a_requests_id_in_the_queue_does_not_take_it_back(
    house: House, path: str, shown: Any, status: int
) -> None:
    reply = house.ask(path, method="POST", content_type=JSON, body=body(withdraw=shown))
    assert (reply.status, house.backstage) == (status, [])


def test_a_refusal_of_backstage_reaches_the_page_in_its_language(house: House, path: str) -> None:
    house.refusal = NotAllowed()
    reply = house.ask(path, method="POST", content_type=JSON, body=body(), accept_language="es")
    assert reply.status == 403
    assert reply.json()["error"] == {"code": "not_allowed", "message": "No puedes hacer eso."}


def test_a_refusal_that_crossed_the_bus_keeps_its_values_for_the_reader(house: House, path: str) -> None:
    refused = NotAllowed("You may not {act}.", act="speak")
    house.refusal = RemoteError(Failed.of(refused))
    reply = house.ask(path, method="POST", content_type=JSON, body=body(), accept_language="es")
    assert reply.json()["error"] == {"code": "not_allowed", "message": "No puedes subir a este escenario."}


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"x" * 2_049, 413),
        (b"", 400),
        (b"{", 400),
        (b"\xff", 400),
        (body(id="short"), 400),
        (body(note="x" * 141), 400),
        (body(name="x" * 101), 400),
        (body(more=1), 400),
    ],
)
def test_what_is_too_large_or_no_request_goes_nowhere(
    house: House, path: str, sent: bytes, status: int
) -> None:
    assert house.ask(path, method="POST", content_type=JSON, body=sent).status == status
    assert house.backstage == []


def test_another_sites_page_cannot_have_its_visitors_ask(house: House, path: str) -> None:
    for unasked in ("text/plain", "application/x-www-form-urlencoded", ""):
        assert house.ask(path, method="POST", content_type=unasked, body=body()).status == 400
    assert house.backstage == []


def test_one_address_asks_only_so_often_and_others_are_not_hindered(house: House, path: str) -> None:
    for _ in range(NEAR.burst):
        assert house.ask(path, method="POST", content_type=JSON, body=body(), peer="192.0.2.1").status == 202
    assert house.ask(path, method="POST", content_type=JSON, body=body(), peer="192.0.2.1").status == 429
    assert house.ask(path, method="POST", content_type=JSON, body=body(), peer="192.0.2.2").status == 202
    house.clock.advance(ns=int(NEAR.refill_s * 1e9))
    assert house.ask(path, method="POST", content_type=JSON, body=body(), peer="192.0.2.1").status == 202


def test_one_network_asks_only_so_often_however_many_addresses_it_has(house: House, path: str) -> None:
    def ask(peer: str) -> int:
        return house.ask(path, method="POST", content_type=JSON, body=body(), peer=peer).status

    assert {ask(f"2001:db8:7:{number:x}::1") for number in range(FAR.burst)} == {202}
    assert ask("2001:db8:7:ffff::1") == 429
    assert ask("2001:db8:8::1") == 202


def test_when_too_many_are_on_their_way_further_ones_are_refused(house: House, path: str) -> None:
    house.passes_on = lambda _: None  # type: ignore[method-assign]  # backstage does not answer
    house.shelf_draws = lambda _: None  # type: ignore[method-assign]
    for number in range(MOST_WAITING):
        with pytest.raises(IndexError):
            house.ask(
                path,
                method="POST",
                content_type=JSON,
                body=body(),
                peer=f"198.51.{number}.7",
            )
    reply = house.ask(path, method="POST", content_type=JSON, body=body(), peer="203.0.113.9")
    assert (reply.status, reply.headers["retry-after"]) == (503, "2")


def test_where_a_request_stands_is_told_from_memory(house: House, path: str) -> None:
    space = SpaceId(path.split("/")[2])
    assert house.ask(f"{path}?id={REQUEST}").json()["state"] == "unknown"
    for state in Asking:
        house.directory.take_floor(FloorState(space=space, requests=(Asked(request=REQUEST, state=state),)))
        told = house.ask(f"{path}?id={REQUEST}")
        assert told.json()["state"] == state
        assert told.headers["cache-control"] == "no-store"
    assert house.backstage == []


def test_a_hidden_space_answers_with_the_operators_reason(house: House, path: str) -> None:
    space = SpaceId(path.split("/")[2])
    house.directory.take_state(Removed(space=space, reason="It broke the rules."))
    page = house.ask(f"/s/{space}", accept="text/html")
    assert page.status == 410
    assert "hidden by an operator" in page.text
    assert "It broke the rules." in page.text
    assert house.ask(f"/s/{space}/status.json").json()["error"]["detail"] == {"reason": "It broke the rules."}
    house.directory.take_state(space_state(space=space))
    assert house.ask(f"/s/{space}").status == 200


def test_a_locked_stage_and_its_reason_are_in_the_status(house: House) -> None:
    state = space_state(locked=True, locked_reason="Too many strangers")
    status = house.open(state).ask(f"/s/{state.space}/status.json").json()
    assert (status["locked"], status["locked_reason"]) == (True, "Too many strangers")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(sent=st.binary(max_size=300))
def test_no_bytes_break_the_door(house: House, path: str, sent: bytes) -> None:
    house.clock.advance(ns=int(NEAR.refill_s * 1e9))
    assert house.ask(path, method="POST", content_type=JSON, body=sent).status == 400
