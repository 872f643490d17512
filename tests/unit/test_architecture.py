"""The architecture page is true to the code: its table of packages against the real imports."""

from __future__ import annotations

import ast
import re
from itertools import pairwise
from pathlib import Path

import pytest
from fastapi.routing import APIRoute

from rostra.bus import messages
from rostra.control import pages
from rostra.core.settings import Settings
from rostra.gateway.of_reminders import MEANS, PAGES, WORKER
from rostra.gateway.of_space import METHODS
from rostra.gateway.room_status import RoomStatus, SetApart
from rostra.gateway.status import Replay, Status

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "rostra"
PAGE = (ROOT / "docs" / "architecture.md").read_text()


def documented() -> dict[str, set[str]]:
    """Package → packages it imports, as the table under "Packages, in order" says."""
    table = PAGE.split("## Packages, in order")[1].split("\n## ")[0]
    rows = re.findall(r"^\| `(\w+)` \| [^|]+ \| ([^|]+) \|$", table, re.MULTILINE)
    return {name: set(re.findall(r"\w+", imports)) for name, imports in rows}


def imported(package: str) -> set[str]:
    """Packages of ours that the files of ``package`` import."""
    found: set[str] = set()
    for file in (SOURCE / package).rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            found |= {name.split(".")[1] for name in names if name.startswith("rostra.")}
    return found - {package}


def test_the_page_names_every_package() -> None:
    packages = {folder.name for folder in SOURCE.iterdir() if (folder / "__init__.py").exists()}
    assert set(documented()) == packages - {"serve"}


@pytest.mark.parametrize("package", sorted(documented()))
def test_a_package_imports_just_what_the_page_says(package: str) -> None:
    assert imported(package) == documented()[package]


def test_the_page_names_all_that_roles_ask_each_other_and_who_publishes_keys() -> None:
    subjects = [value for value in vars(messages).values() if isinstance(value, str)]
    asked = [each for each in subjects if re.match(r"(control|floor|stage)\.[a-z-]+$", each)]
    assert "floor.ask" in asked
    bus = PAGE.split("## The bus")[1].split("\n## ")[0]
    unnamed = {each for each in asked if f"`{each}`" not in bus and f"`.{each.split('.')[1]}`" not in bus}
    assert unnamed == {messages.REMINDER_MEANS}, "published, and asked of nobody"
    values = ("PassKeys", "TicketKeys", "FloorState", "ReminderMeans")
    assert all(f"`{value}`" in bus for value in values)


NAMES = {"stage": "stage", "edge": "edge", "gateway": "door", "control": "backstage"}
"""Roles, and what the picture calls them."""
PORTS = {"edge": "edge_port", "door": "door_port", "backstage": "control_port"}
ARROW = re.compile(r"\s*──(?:\w+──)?▶\s*")
OUTSIDE = {
    ("speakers", "stage"),
    ("edge", "listeners"),
    ("TAPE", "recording"),
    ("crowd", "door"),
    ("people who sign in", "backstage"),
}
"""Arrows from and to what is not code."""


def picture() -> list[str]:
    return PAGE.split("```")[1].splitlines()


def bare(word: str) -> str:
    """A part's name without port and remark."""
    return re.sub(r" (:\d+|\(.*)$", "", word.strip())


def above(lines: list[str], row: int, column: int) -> str:
    """The word that a line drawn upwards from a place comes to."""
    while lines[row - 1][column : column + 1] == "│":
        row -= 1
    words = re.finditer(r"[^\s─▶│]+(?: [^\s─▶│]+)*", lines[row - 1])
    return next(bare(word[0]) for word in words if word.start() <= column < word.end())


def drawn() -> set[tuple[str, str]]:
    """Every arrow of the picture: from whom, to whom."""
    lines, arrows = picture(), set()
    for row, line in enumerate(lines):
        if (corner := line.find("└")) >= 0:
            arrows.add((above(lines, row, corner), bare(line.split("▶")[1])))
            continue
        for chain in re.split(r"\s{3,}", line):
            parts = [bare(part) for part in ARROW.split(chain)]
            arrows |= set(pairwise(parts))
    return arrows


def who_imports(module: str, name: str) -> set[str]:
    """The parts whose code takes ``name`` from ``module``."""
    taking = re.compile(rf"^from {re.escape(module)} import [^#\n]*\b{name}\b", re.MULTILINE)
    return {
        NAMES[role]
        for role in NAMES
        if any(taking.search(file.read_text()) for file in (SOURCE / role).rglob("*.py"))
    }


def coded() -> set[tuple[str, str]]:
    """What the code does: who appends, who tails, who signs for whom, who opens the database."""
    writers = who_imports("rostra.tape.writer", "TapeWriter")
    readers = who_imports("rostra.tape.reader", "TapeReader")
    signers = who_imports("rostra.admission.tickets", "mint")
    checkers = who_imports("rostra.admission.tickets", "check")
    return (
        {(part, "TAPE") for part in writers}
        | {("TAPE", part) for part in readers}
        | {(signer, checker) for signer in signers for checker in checkers if signer != checker}
        | {(NAMES[role], "database") for role in NAMES if "store" in imported(role)}
    )


def test_every_arrow_of_the_picture_is_true_and_none_is_missing() -> None:
    assert drawn() == coded() | OUTSIDE


def test_an_arrow_turned_round_is_another_picture() -> None:
    turned = {(end, start) for start, end in drawn()}
    assert not turned & (coded() | OUTSIDE)


def test_the_ports_of_the_picture_are_those_of_the_settings() -> None:
    shown = dict(re.findall(r"(\w+) :(\d+)", "\n".join(picture())))
    settings = Settings.model_fields
    assert shown == {part: str(settings[name].default) for part, name in PORTS.items()}


def test_the_picture_says_where_the_broker_lives() -> None:
    assert "its broker lives in the supervisor" in picture()[-1]
    assert "Broker" in (SOURCE / "serve" / "supervisor.py").read_text()


@pytest.mark.parametrize("role", ["stage", "edge", "gateway", "control"])
def test_only_backstage_may_open_the_database(role: str) -> None:
    assert ("store" in imported(role)) == (role == "control")


def test_only_the_edge_of_the_stage_knows_the_webrtc_library() -> None:
    users = [
        file.relative_to(SOURCE).as_posix()
        for file in SOURCE.rglob("*.py")
        if re.search(r"^\s*(from|import) aiortc", file.read_text(), re.MULTILINE)
        and file.relative_to(SOURCE).parts[0] != "rehearsal"
    ]
    assert sorted(users) == ["stage/peer.py", "stage/receiver.py", "stage/rtcp.py", "stage/sender.py"]


def test_the_status_file_is_described_whole() -> None:
    described = PAGE.split("\n`status.json`: ")[1].split(" where `state`")[0]
    said = set(re.findall(r'"(\w+)"', described))
    told = (Status, Replay, RoomStatus, SetApart)
    assert {field for each in told for field in each.__struct_fields__} <= said


def test_every_address_that_a_listener_posts_to_or_a_mail_leads_to_is_in_the_table() -> None:
    table = PAGE.split("Door (`:8000`)")[1].split("\n`status.json`: ")[0]
    rows = "".join(line.split(" | ")[0] for line in table.splitlines())
    for address in (*(f"/s/{{space}}/{leaf}" for leaf in METHODS), *PAGES, MEANS, WORKER):
        assert address in rows, address


def test_every_page_of_backstage_is_listed() -> None:
    listed = set(re.findall(r"`(/[^`]*)`", PAGE.split("Backstage (`:8002`)")[1].split("One-time links")[0]))
    shown = {
        route.path
        for route in pages.router.routes
        if isinstance(route, APIRoute) and route.endpoint is pages.shell
    }
    assert shown <= listed
