"""Every address that there is, read off the code that answers it: what a table of them must not leave out.

Templates, as ``/s/{space}/join``; each with the methods that it takes, ``HEAD`` left out.
"""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterable, Iterator
from unittest.mock import Mock

from starlette.routing import BaseRoute, Mount, Route

from rostra.control.app import build
from rostra.core.settings import Settings
from rostra.edge.site import Site
from rostra.gateway.of_reminders import MEANS, PAGES, WORKER
from rostra.gateway.of_site import OfSite
from rostra.gateway.of_space import METHODS, OfSpace
from rostra.serving.scrape import PATH as METRICS

Address = tuple[str, str]
"""Method and template."""


def of_api() -> set[Address]:
    """What backstage describes of itself."""
    paths = build(Settings()).openapi()["paths"]
    return {(method.upper(), path) for path, methods in paths.items() for method in methods}


def of_backstage_pages() -> set[Address]:
    """What backstage answers besides: pages, and what belongs to them."""
    app = build(Settings())
    paths = {
        route.path
        for route in _routes(app.routes)
        if isinstance(route, Mount) or not getattr(route, "include_in_schema", True)
    }
    described = app.openapi()["paths"].keys()
    return {("GET", "/assets/{path}" if path == "/assets" else path) for path in paths - described}


def _routes(routes: Iterable[BaseRoute]) -> Iterator[Route | Mount]:
    """Yield routes, those of routers within included."""
    for route in routes:
        if isinstance(route, Route | Mount):
            yield route
        else:
            yield from _routes(getattr(route, "original_router").routes)  # noqa: B009 (FastAPI's, untyped)


def of_door() -> set[Address]:
    """Of the site as a whole."""
    read = {*OfSite(Mock()).addresses, *PAGES, MEANS, WORKER, METRICS}
    return {("GET", path) for path in read} | {("POST", path) for path in PAGES}


def of_space(space: str) -> set[Address]:
    """Of one space at the door."""
    return {
        (method, f"/s/{space}/{leaf}".rstrip("/"))
        for leaf in OfSpace(Mock(), Mock()).leaves
        for method in METHODS.get(leaf, ("GET",))
        if method != "HEAD"
    }


def of_edge() -> set[str]:
    """What the edge answers without a ticket, recordings left out."""
    return {"/".join(names) for names in _matched("respond") if len(names) == 2} | {METRICS}


def of_programme() -> set[str]:
    """What the edge answers beside a ticket while a space is live; in braces what the code finds there."""
    documents = Site(**dict.fromkeys(inspect.signature(Site).parameters, Mock())).documents
    plain = {name for (name, *rest) in _matched("_of_programme") if not rest and "{" not in name}
    renditions = {f"{{run}}/{{rendition}}/{'.'.join(names)}" for names in _matched("_of_rendition")}
    radios = {f"radio.{kind}" for kind in ("aac", "opus", "mp3")}
    return {*documents, *plain, *renditions, *radios}


def missing(addresses: Iterable[Address], rows: Iterable[Address]) -> set[Address]:
    """Addresses that no row asks for. A row counts for the one with the fewest places to fill."""
    known = list(addresses)
    return set(known) - {found for row in rows if (found := fitting(row, known))}


def fitting(row: Address, addresses: Iterable[Address]) -> Address | None:
    """The address that a row asks for, if there is one."""
    method, path = row
    fits = [
        (wanted, template)
        for wanted, template in addresses
        if wanted == method and re.fullmatch(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(template)), path)
    ]
    return min(fits, key=lambda each: each[1].count("{"), default=None)


def _matched(method: str) -> list[list[str]]:
    """The sequences that a method of the edge's site matches an address with: names, captures in braces."""
    tree = ast.parse(inspect.getsource(Site))
    function = next(each for each in ast.walk(tree) if getattr(each, "name", "") == method)
    return [
        [_part(each) for each in case.pattern.patterns]
        for case in ast.walk(function)
        if isinstance(case, ast.match_case) and isinstance(case.pattern, ast.MatchSequence)
    ]


def _part(pattern: ast.pattern) -> str:
    if isinstance(pattern, ast.MatchValue) and isinstance(pattern.value, ast.Constant):
        return str(pattern.value.value)
    return f"{{{getattr(pattern, 'name', '')}}}"
