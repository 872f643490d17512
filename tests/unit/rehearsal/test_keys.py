import asyncio
import os
import sys

import pytest

from rostra.rehearsal.keys import Keys


def live_keys() -> Keys:
    keys = Keys()
    keys.something_to_end = True
    return keys


def test_e_ends_and_q_quits() -> None:
    keys = live_keys()
    keys.press("e")
    assert keys.end.is_set()
    assert not keys.quit.is_set()
    keys.press("q")
    assert keys.quit.is_set()


def test_the_first_interrupt_ends_and_the_second_quits() -> None:
    keys = live_keys()
    keys.interrupt()
    assert keys.end.is_set()
    assert not keys.quit.is_set()
    keys.interrupt()
    assert keys.quit.is_set()


def test_before_anything_is_live_an_interrupt_quits_and_e_means_nothing() -> None:
    keys = Keys()
    keys.press("e")
    assert not keys.end.is_set()
    keys.interrupt()
    assert keys.quit.is_set()


def test_n_wishes_a_notice_while_the_conversation_runs() -> None:
    keys = Keys()
    keys.press("n")
    assert not keys.notice.is_set()
    keys.something_to_end = True
    keys.press("n")
    assert keys.notice.is_set()
    assert not keys.end.is_set()


def test_c_wishes_a_crowd_and_w_the_worst_case_while_the_conversation_runs() -> None:
    keys = Keys()
    keys.press("c")
    keys.press("w")
    assert not keys.crowd.is_set()
    keys.something_to_end = True
    keys.press("c")
    assert (keys.crowd.is_set(), keys.worst.is_set()) == (True, False)
    keys.press("W")
    assert keys.worst.is_set()


def test_other_keys_mean_nothing() -> None:
    keys = live_keys()
    for key in "axyz \n\x1b":
        keys.press(key)
    assert not keys.end.is_set()
    assert not keys.quit.is_set()


async def test_without_a_terminal_only_signals_are_heard() -> None:
    with Keys().listening() as reads_keys:
        assert not reads_keys


async def test_a_terminal_that_goes_away_quits(monkeypatch: pytest.MonkeyPatch) -> None:
    person, terminal = os.openpty()
    with open(terminal) as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        keys = Keys()
        with keys.listening() as reads_keys:
            assert reads_keys
            os.write(person, b"x")
            await asyncio.sleep(0.05)
            assert not keys.quit.is_set()
            os.close(person)
            await asyncio.wait_for(keys.quit.wait(), 5)
