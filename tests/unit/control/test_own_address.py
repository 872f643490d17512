"""Where the command line finds backstage: what a socket is called here, written whole, read carefully."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from rostra.control import own_address
from rostra.core.own_backstage import address_path, read_address


@pytest.mark.parametrize(
    ("family", "bound", "reached", "named"),
    [
        (socket.AF_INET, "0.0.0.0", "http://127.0.0.1:", "localhost:"),
        (socket.AF_INET, "127.0.0.2", "http://127.0.0.2:", "127.0.0.2:"),
        (socket.AF_INET6, "::1", "http://[::1]:", "[::1]:"),
        (socket.AF_INET6, "::", "http://[::1]:", "localhost:"),
    ],
)
def test_an_address_is_one_that_this_machine_reaches(
    family: socket.AddressFamily, bound: str, reached: str, named: str
) -> None:
    with socket.socket(family) as listener:
        listener.bind((bound, 0))
        port = listener.getsockname()[1]
        assert own_address.of_socket(listener, scheme="http") == f"{reached}{port}"
        assert own_address.asked_as(listener, bind=bound) == f"{named}{port}"


def test_what_was_written_is_read(tmp_path: Path) -> None:
    assert read_address(tmp_path) == ("", "")
    own_address.write(tmp_path, "https://127.0.0.1:9002", "localhost:9002")
    assert read_address(tmp_path) == ("https://127.0.0.1:9002", "localhost:9002")


@pytest.mark.parametrize("content", [b"", b"file:///etc/passwd", b"\xff\xfe"])
def test_what_is_no_address_is_none(tmp_path: Path, content: bytes) -> None:
    path = address_path(tmp_path)
    path.parent.mkdir()
    path.write_bytes(content)
    assert read_address(tmp_path) == ("", "")
