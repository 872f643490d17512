"""The error tree: what people and programs read."""

from __future__ import annotations

import pytest

from rostra.core import errors
from rostra.core.errors import RostraError


def tree(root: type[RostraError]) -> list[type[RostraError]]:
    return [root, *(leaf for child in root.__subclasses__() for leaf in tree(child))]


@pytest.mark.parametrize("error", [e for e in tree(RostraError) if e.__module__ == errors.__name__])
def test_every_error_reads_as_a_sentence(error: type[RostraError]) -> None:
    sentence = error().sentence
    assert sentence[0].isupper()
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert 400 <= error.status < 600


def test_codes_are_not_used_twice() -> None:
    codes = [error.code for error in tree(RostraError) if error.__module__.startswith("rostra.core")]
    assert len(codes) == len(set(codes))


def test_detail_is_told_to_programs() -> None:
    body = errors.PortInUse("Port 8000 is in use.", port=8000).as_dict()
    assert body == {
        "error": {"code": "port_in_use", "message": "Port 8000 is in use.", "detail": {"port": 8000}}
    }
