"""Migrations: a fresh file gets exactly the declared tables; a newer file is refused."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine

from rostra.store.migrate import SCRIPTS, DatabaseTooNew, DatabaseUnusable, migrate, revisions
from rostra.store.tables import Table
from rostra.store.upgrading import upgrade


def test_a_fresh_file_gets_the_declared_tables_and_nothing_differs(tmp_path: Path) -> None:
    migrate(tmp_path / "rostra.db")
    engine = create_engine(f"sqlite:///{tmp_path / 'rostra.db'}")
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Table.metadata) == []
    engine.dispose()


def test_migrating_again_changes_nothing_and_keeps_rows(tmp_path: Path) -> None:
    path = tmp_path / "rostra.db"
    first = migrate(path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(
            "insert into accounts (id, handle, name, role, password_hash, created_at)"
            " values ('a', 'ada', 'Ada', 'member', 'x', 1)"
        )
        connection.commit()
    assert migrate(path) == first
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("select handle from accounts").fetchall() == [("ada",)]


def test_whoever_could_host_before_there_were_members_is_a_member_and_keeps_what_they_consented_to(
    tmp_path: Path,
) -> None:
    path = tmp_path / "rostra.db"
    migrate(path, revision="0001")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("insert into accounts values ('a', 'ada', 'Ada', 'operator', 'x', 1)")
        connection.execute("insert into accounts values ('g', 'grace', 'Grace', 'host', 'x', 1)")
        connection.execute(
            "insert into spaces values"
            " ('s', 1, 'live', 'T', '', 'g', 0, 'UTC', null, 0, '[]', 0, 0, '', null, null, 0)"
        )
        connection.execute(
            "insert into consents values"
            " (1, 's', 'account:g', 'x', 'Grace', 'host', 'i', 'You will be heard', 1)"
        )
        connection.commit()
    migrate(path)
    with closing(sqlite3.connect(path)) as connection:
        roles = connection.execute(
            "select handle, role, bio, suspended_at from accounts order by id"
        ).fetchall()
        assert roles == [("ada", "operator", "", None), ("grace", "member", "", None)]
        assert connection.execute("select text, account from consents").fetchall() == [
            ("You will be heard", "g")
        ]


def test_whoever_was_muted_by_no_host_muted_themselves(tmp_path: Path) -> None:
    path = tmp_path / "rostra.db"
    migrate(path, revision="0013")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("insert into mutes values ('s', 'sam', 0, 1), ('s', 'lea', 1, 1)")
        connection.commit()
    migrate(path)
    with closing(sqlite3.connect(path)) as connection:
        mutes = connection.execute("select speaker, own, by_host from mutes order by speaker").fetchall()
    assert mutes == [("lea", 0, 1), ("sam", 1, 0)]


def test_the_record_forgets_the_sessions_of_a_stage_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "rostra.db"
    migrate(path, revision="0014")
    lines = [("stage.enter", '{"session": "x", "one_way": true}'), ("session.begin", '{"by": "password"}')]
    with closing(sqlite3.connect(path)) as connection:
        connection.executemany("insert into audit (at, actor, act, detail) values (1, 'a', ?, ?)", lines)
        connection.commit()
    migrate(path)
    with closing(sqlite3.connect(path)) as connection:
        told = connection.execute("select act, detail from audit order by id").fetchall()
    assert told == [("stage.enter", '{"one_way":true}'), ("session.begin", '{"by": "password"}')]


def test_whoever_acts_as_host_goes_on_acting(tmp_path: Path) -> None:
    path = tmp_path / "rostra.db"
    migrate(path, revision="0001")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("insert into accounts values ('g', 'grace', 'Grace', 'host', 'x', 1)")
        connection.executemany(
            "insert into spaces values"
            " (?, 1, 'live', 'T', '', 'g', 0, 'UTC', null, 0, '[]', 0, 0, '', null, null, 0)",
            [("s",), ("t",)],
        )
        connection.execute(
            "insert into consents values"
            " (1, 's', 'link:l', 'cleo', 'Cleo', 'cohost', 'i', 'You will be heard', 1)"
        )
        connection.commit()
    migrate(path, revision="0015")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("update spaces set acting = 'cleo' where id = 's'")
        connection.commit()
    migrate(path)
    with closing(sqlite3.connect(path)) as connection:
        acting = connection.execute("select id, acting_person from spaces order by id").fetchall()
    assert acting == [("s", "link:l"), ("t", "")]


def test_a_database_of_a_newer_version_is_refused_untouched(tmp_path: Path) -> None:
    path = tmp_path / "rostra.db"
    migrate(path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("update alembic_version set version_num = '9999'")
        connection.commit()
    with pytest.raises(DatabaseTooNew):
        migrate(path)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("select version_num from alembic_version").fetchall() == [("9999",)]


BREAKS_OFF = """
import sqlalchemy as sa
from alembic import op

revision, down_revision = "9999", "{newest}"


def upgrade() -> None:
    op.add_column("accounts", sa.Column("half_made", sa.Integer))
    op.execute("CREATE TABLE half_made (id INTEGER)")
    raise RuntimeError("the power is gone")
"""


@pytest.mark.parametrize("before", ["", "0012"], ids=["a new file", "an old one"])
def test_an_upgrade_that_breaks_off_leaves_the_file_as_it_was_and_is_done_by_the_next(
    tmp_path: Path, before: str
) -> None:
    path, scripts = tmp_path / "rostra.db", tmp_path / "scripts"
    if before:
        migrate(path, revision=before)
    shutil.copytree(SCRIPTS, scripts)
    (scripts / "versions" / "9999_breaks_off.py").write_text(BREAKS_OFF.format(newest=revisions()[-1]))
    tables = "select sql from sqlite_master order by name"
    with closing(sqlite3.connect(path)) as connection:
        found = connection.execute(tables).fetchall()
    with pytest.raises(RuntimeError, match="the power is gone"):
        upgrade(path, scripts, "9999")
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute(tables).fetchall() == found
    assert migrate(path) == revisions()[-1]


def test_what_is_no_database_is_named_with_what_is_wrong_with_it(tmp_path: Path) -> None:
    path = tmp_path / "rostra.db"
    path.write_text("Dear diary, " * 100)
    with pytest.raises(DatabaseUnusable, match=r"rostra\.db cannot be used: file is not a database"):
        migrate(path)
    assert path.read_text().startswith("Dear diary, ")


def test_a_database_that_somebody_else_holds_is_refused_in_a_sentence(
    tmp_path: Path,
) -> None:
    path = tmp_path / "rostra.db"
    migrate(path, revision="0012")
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(DatabaseUnusable, match="database is locked"):
            migrate(path)


def test_a_folder_with_odd_characters_works(tmp_path: Path) -> None:
    migrate(tmp_path / "100% ünï" / "rostra.db")


def test_only_its_owner_may_read_the_database(tmp_path: Path) -> None:
    migrate(tmp_path / "rostra.db")
    assert (tmp_path / "rostra.db").stat().st_mode & 0o777 == 0o600


def test_no_migration_goes_back() -> None:
    for script in (SCRIPTS / "versions").glob("*.py"):
        assert "def downgrade" not in script.read_text()


def test_open_links_learn_from_the_record_who_made_them_and_it_forgets_who_asked_to_speak(
    tmp_path: Path,
) -> None:
    path = tmp_path / "rostra.db"
    migrate(path, revision="0012")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(
            "insert into accounts (id, handle, name, role, password_hash, created_at)"
            " values ('a', 'ada', 'Ada', 'operator', 'x', 1)"
        )
        connection.execute("insert into resets values ('known', 'a', 7, 9, 1), ('unknown', 'a', 8, 9, 1)")
        connection.execute(
            "insert into audit (at, actor, act, detail)"
            " values (7, 'account:g', 'reset.create', '{\"account\": \"a\"}'),"
            " (8, 'request:x', 'floor.ask', '{\"name\": \"Lena\"}'),"
            " (9, 'account:a', 'floor.block', '{\"name\": \"Lena\"}'),"
            ' (9, \'account:a\', \'floor.block\', \'{"name": "Otto", "speaker": "s"}\')'
        )
        connection.commit()
    migrate(path)
    with closing(sqlite3.connect(path)) as connection:
        found = connection.execute("select token_hash, created_by from resets order by 1").fetchall()
        assert found == [("known", "account:g"), ("unknown", "")]
        record = "".join(detail for (detail,) in connection.execute("select detail from audit"))
        assert "Lena" not in record
        assert "Otto" in record


def test_whoever_was_asked_before_questions_were_counted_is_not_asked_anew(tmp_path: Path) -> None:
    path = tmp_path / "rostra.db"
    migrate(path, revision="0016")
    with closing(sqlite3.connect(path)) as connection:
        connection.executemany(
            'insert into reminders (id, space, "by", address, address_hash, p256dh, auth, language, door,'
            " created_at, spot, told_start, told_soon, told_begun, told_moved, told_over, failures,"
            " not_before)"
            " values (?, 's', ?, ?, ?, '', '', 'en', '', 7, 0, 0, 0, 0, '', 0, 0, 0)",
            [("m", "mail", "a@b.org", "1"), ("p", "push", "https://x", "2")],
        )
        connection.commit()
    migrate(path)
    with closing(sqlite3.connect(path)) as connection:
        asked = connection.execute("select id, asked_at, asked from reminders order by id").fetchall()
    assert asked == [("m", 7, 1), ("p", 7, 0)]
