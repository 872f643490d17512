"""The pages of backstage: one shell that the web build draws into, and the built files it needs."""

from __future__ import annotations

from functools import partial
from typing import Final

from fastapi import APIRouter, FastAPI
from fastapi.responses import HTMLResponse, PlainTextResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from rostra.control.api.asking import Services
from rostra.control.api.language import Language
from rostra.control.shell_assets import PAGES, TEMPLATES, Assets, read_assets
from rostra.core import words

NOT_BUILT: Final = "The web pages are not built yet. Run: make web"

router = APIRouter(include_in_schema=False)
templates = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined)


class Immutable(StaticFiles):
    """Files whose names carry a hash of their content: browsers keep them for good."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        if response.status_code in (200, 304):
            response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response


def install(app: FastAPI) -> None:
    """Add the shell's addresses and ``/assets`` to ``app``."""
    app.include_router(router)
    app.mount("/assets", Immutable(directory=PAGES / "assets", check_dir=False), name="assets")


@router.get("/")
@router.get("/setup")
@router.get("/signin")
@router.get("/console")
@router.get("/accounts")
@router.get("/account")
@router.get("/invitation")
@router.get("/reset")
@router.get("/site")
@router.get("/audit")
@router.get("/door")
@router.get("/reports")
@router.get("/report")
@router.get("/studio/{space}")
@router.get("/captions/{space}")
def shell(backstage: Services, language: Language) -> Response:
    """Every screen is the same document; the script looks at the address."""
    assets = read_assets(PAGES)
    if assets is None:
        return PlainTextResponse(NOT_BUILT, status_code=503)
    text = render(backstage.site.state.name, assets, language)
    return HTMLResponse(text, headers={"Cache-Control": "no-cache", "Vary": "Accept-Language, Cookie"})


def render(site_name: str, assets: Assets, language: str) -> str:
    """Return the shell as a document in ``language``."""
    return templates.get_template("backstage.html").render(
        site_name=site_name,
        assets=assets,
        language=language,
        direction=words.direction(language),
        say=partial(words.say, language),
    )


@router.get("/favicon.svg")
@router.get("/favicon.ico")
def icon() -> Response:
    """The site's sign, if the web build has one."""
    path = PAGES / "favicon.svg"
    if not path.is_file():
        return Response(status_code=204)
    return Response(path.read_bytes(), media_type="image/svg+xml", headers={"Cache-Control": "max-age=86400"})
