"""Every column that refers to an account: is its row exported, and what of it outlasts the account?

Whoever adds such a column says here in which part of the export it is, or why in none, and what stays.
"""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from sqlalchemy import JSON, Boolean, Column, Integer, LargeBinary, String, insert

from rostra.store.database import Database, database_path
from rostra.store.tables import Table

PASSWORD = "correct horse battery"
SPEAKER = "speakerofgrace"
EXPORTED = {
    "api_tokens.account": "api_tokens",
    "audit.actor": "audit",
    "audit.detail": "audit",
    "blocks.account": "blocked",
    "blocks.by": "blocks_made",
    "blocks.host": "blocks_made",
    "blocks.person": "blocked",
    "consents.account": "consents",
    "consents.person": "consents",
    "floor_requests.account": "requests_to_speak",
    "invitations.created_by": "invitations_made",
    "invited.account": "invited_to",
    "mutes.speaker": "mutes",
    "notices.account": "notices",
    "passkeys.account": "passkeys",
    "reports.account": "verdicts",
    "reports.speaker": "verdicts",
    "resets.account": "resets",
    "sessions.account": "sessions",
    "sound_checks.account": "sound_checks",
    "sound_checks.person": "sound_checks",
    "spaces.acting_person": "seats",
    "spaces.host": "spaces",
    "spaces.locked_by": "seats",
    "spaces.seats": "seats",
    "speaker_links.account": "links_given",
    "speaker_links.created_by": "links_made",
}
NOT_EXPORTED = {
    "accounts.suspended_by": "what one did to somebody else; one's own line of the record tells it",
    "accounts.verified_by": "the same",
    "consents.speaker": "no reference: it is what makes a speaker somebody",
    "reminders.by": "no reference: by mail or push",
    "reports.handled_by": "what one decided about somebody else; one's own line of the record tells it",
    "resets.created_by": "a way in for somebody else; one's own line of the record tells it",
    "spaces.ending_by": "only until what one has ended is over; one's own line of the record tells it",
}
OF_NO_ACCOUNT = {
    "door_order": "an order to the door",
    "edge_pace": "an order to the edge",
    "reminders": "of whoever has no account, by an address that nobody has shown to be theirs",
    "reserved_links": "of a space; exported with those that one hosts",
    "site": "of the site",
    "space_orders": "of a space",
}
ANNOUNCED = {"title", "description", "ended_reason", "passphrase_hash", "pinned_link", "pinned_label"}
ANNOUNCED |= {"hidden_reason", "host_was", "locked_reason", "ending_reason"}
OUTLASTS = {
    "blocks.account": {"browsers"},  # so that the block holds
    "blocks.by": {"name", "browsers"},  # of somebody else, on somebody else's stage
    "blocks.person": {"browsers"},
    "consents.account": {"text_id", "text"},  # the sentence, not who accepted it
    "consents.person": {"text_id", "text"},
    "notices.account": {"text", "link"},  # said in public
    "reports.account": {"text", "note"},  # somebody else's words, until they are swept away
    "reports.speaker": {"text", "note"},
    "spaces.acting_person": ANNOUNCED,
    "spaces.host": ANNOUNCED,
    "spaces.locked_by": ANNOUNCED,
    "spaces.seats": ANNOUNCED,
    "speaker_links.created_by": {"name"},  # of somebody else
}
"""By what refers to the account: columns that keep what was in them. Others are emptied or gone."""
VALID: dict[str, Any] = {
    "act": "space.edit",
    "detail": {},
    "grounds": "spam",
    "hold_ms": 0,
    "lifecycle": "cancelled",
    "moved_to": None,
    "notice": "",
    "recording_policy": "publish",
    "role": "speaker",
    "run": None,
    "seats": {},
    "state": "dismissed",
    "subject": "speaker",
    "time_zone": "UTC",
    "visibility": "public",
}
_REFERS = re.compile(r"account|host|person|actor|by|speaker|seats|detail|acting_person|.+_by")
_IDS = {"account", "host"}


@dataclass(frozen=True, slots=True)
class Stored:
    """A row that refers to Grace by one column alone."""

    reference: str
    values: dict[str, Any]
    mark: str
    """What stands in all of its text."""


def refers(column: Column[Any]) -> bool:
    """Whether a column may say whose a row is."""
    return _refers_by_key(column) or _REFERS.fullmatch(column.name) is not None


def _refers_by_key(column: Column[Any]) -> bool:
    return any(key.column.table.name == "accounts" for key in column.foreign_keys)


def references() -> set[str]:
    """Every ``table.column`` that may refer to an account."""
    tables = Table.metadata.tables.values()
    return {f"{table.name}.{column.name}" for table in tables for column in table.columns if refers(column)}


def stored(number: int, reference: str, *, grace: str, ada: str, space: str) -> Stored:
    """Make up a row; where it must belong to somebody else, to Ada and to a space of hers."""
    table, _, name = reference.partition(".")
    mark = f"Hopper by {reference}"
    column = Table.metadata.tables[table].columns[name]
    label = f"account:{grace}"
    to_her = {
        "speaker": SPEAKER,
        "seats": {label: "cohost"},
        "detail": {"account": grace, "name": mark, "handle": mark, "reason": mark},
    }.get(name, grace if name in _IDS or _refers_by_key(column) else label)
    values: dict[str, Any] = {"detail": {"name": mark}} if table == "audit" else {}
    values[name] = to_her
    for each in Table.metadata.tables[table].columns:
        if each.name not in values and each.autoincrement is not True:
            values[each.name] = _made_up(each, number, mark, ada=ada, space=space)
    return Stored(reference, values, mark)


def _made_up(column: Column[Any], number: int, mark: str, *, ada: str, space: str) -> Any:
    others = {key.column.table.name for key in column.foreign_keys}
    if "spaces" in others or column.name == "space":
        return space
    if "accounts" in others:
        return None if column.nullable else ada
    if column.name in VALID:
        return VALID[column.name]
    if refers(column):
        return None if column.nullable else f"link:nobody{number}"
    return _plain(column, number, mark)


def _plain(column: Column[Any], number: int, mark: str) -> Any:
    match column.type:
        case String():
            return f"row{number}" if column.primary_key or column.unique else mark
        case Boolean():
            return False
        case Integer():
            return 1
        case JSON():
            return []
        case LargeBinary():
            return f"row{number}".encode()
        case _:
            return None


async def two_people(site: Any) -> tuple[Any, dict[str, str]]:
    """Ada with a space, and Grace, who was a speaker on its stage; return Grace's browser."""
    ada = await site.set_up()
    grace = await site.host("grace")
    ids = {
        "ada": (await ada.get("/api/v1/account")).json()["account"]["id"],
        "grace": (await grace.get("/api/v1/account")).json()["account"]["id"],
        "space": (await ada.post("/api/v1/spaces", json={"title": "Of Ada"})).json()["id"],
    }
    consent = stored(999, "consents.account", **ids)
    await keep(site, Stored("", consent.values | {"speaker": SPEAKER, "name": "x"}, ""), "consents")
    return grace, ids


async def keep(site: Any, row: Stored, table: str = "") -> None:
    table = table or row.reference.partition(".")[0]
    async with Database(database_path(site.data)) as database, database.session() as session:
        await session.execute(insert(Table.metadata.tables[table]).values(row.values))


def test_every_column_that_refers_to_an_account_is_exported_or_has_a_reason_not_to_be() -> None:
    assert not EXPORTED.keys() & NOT_EXPORTED.keys()
    assert references() == EXPORTED.keys() | NOT_EXPORTED.keys()
    told = {reference.partition(".")[0] for reference in EXPORTED}
    assert set(Table.metadata.tables) == told | OF_NO_ACCOUNT.keys() | {"accounts"}


async def test_an_export_has_every_row_that_refers_to_its_account(site: Any) -> None:
    grace, ids = await two_people(site)
    missing = []
    for number, (reference, part) in enumerate(sorted(EXPORTED.items())):
        before = (await grace.get("/api/v1/account/export")).json()
        await keep(site, stored(number, reference, **ids))
        after = (await grace.get("/api/v1/account/export")).json()
        exports = 1 if part == "audit" else 0  # which are on record
        if len(after[part]) != len(before[part]) + 1 + exports:
            missing.append(f"{reference} in {part}")
    assert missing == []


async def test_an_export_tells_of_verdicts_and_not_who_gave_them_or_in_which_words(site: Any) -> None:
    grace, ids = await two_people(site)
    decided, waits = stored(1, "reports.account", **ids), stored(2, "reports.account", **ids)
    await keep(site, decided)
    await keep(site, Stored(waits.reference, waits.values | {"state": "open"}, waits.mark))
    (verdict,) = (await grace.get("/api/v1/account/export")).json()["verdicts"]
    assert (verdict["id"], verdict["state"]) == (decided.values["id"], "dismissed")
    assert not verdict.keys() & {"token_hash", "text", "note", "handled_by"}


async def test_an_export_names_nobody_else_by_a_seat_a_block_or_a_link(site: Any) -> None:
    grace, ids = await two_people(site)
    others = f"account:{ids['ada']}"
    mine = stored(1, "spaces.host", **ids).values | {"seats": {others: "cohost"}, "locked_by": others}
    await keep(site, Stored("spaces.host", mine, ""))
    block = stored(2, "blocks.by", **ids).values | {"person": others, "account": ids["ada"]}
    await keep(site, Stored("blocks.by", block, ""))
    link = stored(3, "speaker_links.created_by", **ids).values | {"account": ids["ada"]}
    await keep(site, Stored("speaker_links.created_by", link, ""))
    document = (await grace.get("/api/v1/account/export")).json()
    assert others not in str(document["spaces"])
    assert document["seats"] == []
    assert ids["ada"] not in str([{**each, "host": ""} for each in document["blocks_made"]])
    assert ids["ada"] not in str(document["links_made"])


async def test_whoever_leaves_is_found_in_no_row_that_referred_to_them(site: Any) -> None:
    grace, ids = await two_people(site)
    rows = [stored(number, reference, **ids) for number, reference in enumerate(sorted(EXPORTED))]
    for row in rows:
        await keep(site, row)
    left = await grace.request("DELETE", "/api/v1/account", json={"password": PASSWORD})
    assert left.status_code == 204, left.text
    found: dict[str, set[str]] = {row.reference: set() for row in rows}
    with closing(sqlite3.connect(database_path(site.data))) as connection:
        connection.row_factory = sqlite3.Row
        for row in rows:
            for kept in connection.execute(f"select * from {row.reference.partition('.')[0]}"):
                names = tuple(kept.keys())
                found[row.reference] |= {name for name in names if row.mark in str(kept[name])}
    expected = {row.reference: OUTLASTS.get(row.reference, set()) for row in rows}
    assert found == expected


async def test_blocks_of_a_host_and_ways_in_that_an_operator_made_go_with_them(site: Any) -> None:
    grace, ids = await two_people(site)
    for number, reference in enumerate(("blocks.host", "resets.created_by", "invitations.created_by")):
        await keep(site, stored(number, reference, **ids))
    assert (await grace.request("DELETE", "/api/v1/account", json={"password": PASSWORD})).status_code == 204
    with closing(sqlite3.connect(database_path(site.data))) as connection:
        for table in ("blocks", "resets", "invitations"):
            assert connection.execute(f"select count(*) from {table}").fetchone() == (0,), table
