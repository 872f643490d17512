"""What several files of browser tests use."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from harness.gallery import Gallery, gallery


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def opened(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Gallery]:
    """One for all looks: what anybody does before a picture, they can do again."""
    async with gallery(tmp_path_factory.mktemp("gallery")) as opened:
        yield opened
