"""A refusal as a page, for people whose browser opened an address of backstage.

Says whether one is wanted, and renders it. Never repeats anything of the request.
"""

from __future__ import annotations

from functools import partial
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.datastructures import Headers
from starlette.types import Scope

from rostra.control.shell_assets import PAGES, TEMPLATES, read_assets
from rostra.core import words

_templates: Final = Environment(
    loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined
)


def is_wanted(scope: Scope) -> bool:
    """Whether whoever asks would rather read a page than JSON (RFC 9110 §12.5.1)."""
    if scope["method"] not in ("GET", "HEAD"):
        return False
    offers = _weights(Headers(scope=scope).get("accept", ""))
    html = offers.get("text/html", 0.0)
    return html > 0 and html >= offers.get("application/json", 0.0)


def render(message: str, status: int, language: str, scope: Scope) -> str:
    """Return the page in ``language``. Holds nothing of the request."""
    backstage = getattr(scope["app"].state, "backstage", None)
    assets = read_assets(PAGES)
    return _templates.get_template("refusal.html").render(
        site_name=backstage.site.state.name if backstage is not None else "Rostra",
        css=assets.css if assets is not None else (),
        language=language,
        direction=words.direction(language),
        message=message,
        status=status,
        say=partial(words.say, language),
    )


def _weights(accept: str) -> dict[str, float]:
    weights = {}
    for offer in accept.lower().split(","):
        kind, *parameters = (part.strip() for part in offer.split(";"))
        quality = next((part[2:] for part in parameters if part.startswith("q=")), "1")
        try:
            weights[kind] = float(quality)
        except ValueError:
            weights[kind] = 0.0
    return weights
