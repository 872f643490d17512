"""The FastAPI app of backstage: addresses, errors, limits, headers, put together."""

from __future__ import annotations

import re
from typing import Final

from fastapi import APIRouter, FastAPI
from sqlalchemy import text

from rostra import __version__
from rostra.control import pages, reference, refusals
from rostra.control.api import (
    account,
    accounts,
    audience,
    audit,
    checks,
    door,
    edge,
    entrance,
    floor,
    happenings,
    moving,
    reports,
    site,
    spaces,
    stage,
    whip,
)
from rostra.control.api.asking import Services
from rostra.control.api.shapes import ErrorOut
from rostra.control.at_once import AtOnce
from rostra.control.cross_origin import DoorMayAsk, ProgramsMaySpeak
from rostra.control.headers import SecurityHeaders
from rostra.control.hold_loops import MOST_BYTES
from rostra.control.limits import BodyLimit
from rostra.control.refusals import CatchAll
from rostra.core.settings import Settings

ABOUT: Final = """Everything that backstage can do, for programs.

Authorization: `Bearer` with an API token acts as its account; `Bearer` with the text of
`keys/local.token` in the data folder acts as an operator; `Speaker` with the token of a link opens
that one stage. Browsers use the session cookie, and then unsafe methods need this site's own Origin.

Every refusal is `{"error": {"code", "message", "detail"?}}` with a fitting status; `message` is
for people."""
HOLD_MUSIC: Final = re.compile(r"/api/v1/spaces/[^/]+/hold-music")
"""Where a larger body is taken: an audio file."""

_health = APIRouter(include_in_schema=False)


@_health.get("/healthz")
async def healthz(backstage: Services) -> dict[str, bool]:
    """Answer once backstage and its database do."""
    async with backstage.database.reading() as session:
        await session.execute(text("select 1"))
    return {"ok": True}


def _routes() -> APIRouter:
    """Return every address but the pages, in the order in which they are looked at."""
    routes = APIRouter(responses={"default": {"model": ErrorOut, "description": "A refusal."}})
    routes.include_router(_health)
    for router in (
        site.router,
        entrance.router,
        account.router,
        accounts.router,
        audit.router,
        edge.router,
        door.router,
        spaces.router,
        audience.router,
        moving.router,
        reports.router,
        happenings.router,
        stage.router,
        floor.router,
        checks.router,
    ):
        routes.include_router(router, prefix="/api/v1")
    for router in (whip.whip, whip.whep, audience.page, reference.router):
        routes.include_router(router)
    return routes


_ROUTES: Final = _routes()
"""At the first request FastAPI works out what each takes, for a tenth of a second: once per process."""


def build(settings: Settings) -> FastAPI:
    """Return the app. Its services are put into ``app.state.backstage`` before it serves."""
    app = FastAPI(
        title="Rostra API",
        description=ABOUT,
        version=__version__,
        openapi_url="/api/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
    )
    app.router.routes.extend(_ROUTES.routes)
    pages.install(app)
    refusals.install(app)
    app.add_middleware(BodyLimit, max_bytes=settings.max_body_bytes, larger={HOLD_MUSIC: MOST_BYTES})
    app.add_middleware(CatchAll)
    app.add_middleware(AtOnce)
    app.add_middleware(SecurityHeaders, settings=settings)
    app.add_middleware(DoorMayAsk, settings=settings)
    app.add_middleware(ProgramsMaySpeak)
    return app
