import asyncio

import pytest

from rostra.core.errors import NotFound, StageFull
from rostra.rehearsal.outcome import run


async def fail(error: Exception) -> None:
    raise error


async def fail_together(*errors: Exception) -> None:
    async with asyncio.TaskGroup() as group:
        for error in errors:
            group.create_task(fail(error))


async def fail_deep() -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(fail_together(ValueError(), StageFull()))


def test_what_work_returns_comes_out() -> None:
    async def seven() -> int:
        return 7

    assert run(seven()) == 7


def test_of_tasks_that_failed_together_one_sentence_comes_out() -> None:
    with pytest.raises(StageFull):
        run(fail_deep())


def test_a_single_error_comes_out_as_it_is() -> None:
    with pytest.raises(NotFound):
        run(fail(NotFound()))


def test_errors_that_are_none_of_ours_are_not_hidden() -> None:
    with pytest.raises(ExceptionGroup):
        run(fail_together(ValueError()))
