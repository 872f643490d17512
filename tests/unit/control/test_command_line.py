"""What a command asks goes beside its answer, and what is no answer of backstage's is told as that."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner, Result

from rostra.control.account_commands import account_app
from rostra.control.commands import space_app
from rostra.control.report_commands import report_app

HERE = ("--url", "http://live.example.org", "--token", "t")
SPACE = "k7m3pw9xqd"
ANSWER = {"id": SPACE, "setup_needed": False}
PASSWORD = "correct horse battery"


class Backstage:
    """Answers every request with ``response``, and remembers what was asked."""

    def __init__(self) -> None:
        self.response = httpx.Response(200, json=ANSWER)
        self.bodies: list[Any] = []

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.bodies.append(json.loads(request.content or b"null"))
        return self.response


@pytest.fixture
def backstage(monkeypatch: pytest.MonkeyPatch) -> Backstage:
    backstage = Backstage()
    transport = httpx.MockTransport(backstage.answer)
    monkeypatch.setattr("rostra.control.client.httpx.Client", partial(httpx.Client, transport=transport))
    return backstage


def typed(app: Any, *arguments: str, ask: str = "") -> Result:
    return CliRunner().invoke(app, [*arguments, *HERE, "--json"], input=ask)


@pytest.mark.parametrize(
    ("app", "arguments", "ask", "sent"),
    [
        (space_app, ("move", SPACE, "abcdefghjk"), "y\n", {"to": "abcdefghjk"}),
        (space_app, ("delete-recording", SPACE), "y\n", None),
        (space_app, ("hide", SPACE), "Spam\n", {"reason": "Spam"}),
        (report_app, ("decide", "rrrrrrrr", "dismissed"), "Fine\n", {"verdict": "dismissed", "note": "Fine"}),
        (account_app, ("password", "ada"), f"{PASSWORD}\n{PASSWORD}\n", {"password": PASSWORD}),
    ],
)
def test_what_a_command_asks_does_not_stand_before_its_json(
    backstage: Backstage, app: Any, arguments: tuple[str, ...], ask: str, sent: Any
) -> None:
    done = typed(app, *arguments, ask=ask)
    assert json.loads(done.stdout) == ANSWER, done.stderr
    assert done.stdout.startswith("{")
    assert backstage.bodies[0] == sent
    assert ":" in done.stderr, "that is where it asks"


def test_a_question_that_is_not_answered_with_yes_ends_it_there(backstage: Backstage) -> None:
    done = typed(space_app, "move", SPACE, "abcdefghjk", ask="n\n")
    assert (done.exit_code, done.stdout, backstage.bodies) == (1, "", [])


@pytest.mark.parametrize("as_json", [("--json",), ()])
@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_an_address_that_leads_elsewhere_is_refused_and_where_it_leads_is_named(
    backstage: Backstage, status: int, as_json: tuple[str, ...]
) -> None:
    there = f"https://live.example.org/api/v1/spaces/{SPACE}/end"
    backstage.response = httpx.Response(status, headers={"location": there})
    done = CliRunner().invoke(space_app, ["end", SPACE, *HERE, *as_json])
    assert (done.exit_code, done.stdout, len(backstage.bodies)) == (1, "", 1)
    assert done.stderr == ("http://live.example.org leads to https://live.example.org: give that as --url.\n")


@pytest.mark.parametrize("status", [304, 307])
def test_any_other_answer_that_is_none_is_told_by_its_status(backstage: Backstage, status: int) -> None:
    backstage.response = httpx.Response(status, headers={"location": "/api/v1/spaces"})
    done = typed(space_app, "end", SPACE)
    assert (done.exit_code, done.stdout) == (1, "")
    assert f"Backstage answered {status}" in done.stderr


@pytest.mark.parametrize(
    ("app", "arguments"),
    [
        (space_app, ("show", "")),
        (space_app, ("end", "")),
        (space_app, ("edit", "", "--title", "Tea")),
        (space_app, ("reschedule", "", "--at", "now")),
        (space_app, ("ladder", "", "worst")),
        (space_app, ("move", SPACE, "")),
        (space_app, ("invite", SPACE, "")),
        (space_app, ("uninvite", SPACE, "")),
        (space_app, ("unlink", SPACE, "")),
        (report_app, ("decide", "", "dismissed")),
        (account_app, ("delete", "", "--yes")),
        (account_app, ("token", "remove", "")),
    ],
)
def test_an_empty_id_is_refused_before_anybody_is_asked(
    backstage: Backstage, app: Any, arguments: tuple[str, ...]
) -> None:
    done = CliRunner().invoke(app, [*arguments, *HERE])
    assert (done.exit_code, backstage.bodies) == (2, [])
    assert "Is a variable not set?" in done.stderr
