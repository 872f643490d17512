"""Key files: drawn once, for their owner only; passwords and tokens never kept in clear."""

from __future__ import annotations

from pathlib import Path

from argon2 import PasswordHasher

from rostra.control.keys import draw_token, ensure_token, same, token_hash
from rostra.control.passwords import Passwords
from rostra.core.own_backstage import local_token_path


def test_a_key_file_is_drawn_once_and_kept(tmp_path: Path) -> None:
    path = local_token_path(tmp_path)
    first = ensure_token(path)
    assert ensure_token(path) == first
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o077 == 0


def test_a_key_file_that_a_crash_left_empty_is_drawn_again(tmp_path: Path) -> None:
    path = local_token_path(tmp_path)
    ensure_token(path)
    path.write_text("")
    assert len(ensure_token(path)) == 43


def test_tokens_differ_and_compare_only_to_themselves() -> None:
    one, other = draw_token(), draw_token()
    assert one != other
    assert same(one, one)
    assert not same(one, other)
    assert not same(one, "")
    assert token_hash("\udcff") != token_hash("")  # header bytes that are not UTF-8


async def test_a_password_is_hashed_by_argon2id_and_only_it_matches() -> None:
    passwords = Passwords(hasher=PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    stored = await passwords.hash("correct horse battery")
    assert stored.startswith("$argon2id$")
    assert await passwords.matches(stored, "correct horse battery")
    assert not await passwords.matches(stored, "wrong")
    assert not await passwords.matches("damaged", "wrong")


async def test_an_unknown_account_costs_a_whole_check_and_never_matches() -> None:
    class Counting(PasswordHasher):
        checks = 0

        def verify(self, hash: str | bytes, password: str | bytes) -> bool:
            type(self).checks += 1
            return super().verify(hash, password)

    passwords = Passwords(hasher=Counting(time_cost=1, memory_cost=8, parallelism=1))
    assert not await passwords.matches(None, "there is no such account")
    assert not await passwords.matches(None, "anything")
    assert Counting.checks == 2
