"""What says that sound never stops has its stage go before all that runs beside it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from harness.deployment import Deployment


@pytest_asyncio.fixture
async def site(tmp_path: Path) -> AsyncIterator[Deployment]:
    """A whole server."""
    async with Deployment(tmp_path, stage_first=True) as site:
        yield site
