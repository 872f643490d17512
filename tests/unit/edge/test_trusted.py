"""Where the listener for caches may be."""

from __future__ import annotations

import pytest

from rostra.edge.trusted import NotTrusted, listen


@pytest.mark.parametrize("address", ["0.0.0.0:0", "[::]:0", "[::ffff:0.0.0.0]:0", "8.8.8.8:0"])
def test_caches_are_not_listened_for_where_anybody_may_connect(address: str) -> None:
    with pytest.raises(NotTrusted):
        listen(address, backlog=1).close()


def test_caches_are_listened_for_on_the_machine_itself() -> None:
    with listen("127.0.0.1:0", backlog=1) as sock:
        assert sock.getsockname()[0] == "127.0.0.1"
