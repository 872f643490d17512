"""Headers that pages carry: what they may load, and what nobody should keep or index. Pure."""

from __future__ import annotations

from rostra.bus.messages import SpaceState, Visibility
from rostra.gateway.answers import NO_STORE, SHORT_LIVED
from rostra.gateway.origins import Origins
from rostra.serving.response import Headers

HTML = "text/html; charset=utf-8"
NOINDEX = ("X-Robots-Tag", "noindex")
LANGUAGE_VARIES = ("Accept-Language", "Cookie")
"""Request headers that choose the language of a page."""
_COMMON = (("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "strict-origin-when-cross-origin"))

STILL = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    (
        "Content-Security-Policy",
        "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'",
    ),
)
"""Of a page without a script."""


ONE_FORM = (
    *STILL[:2],
    (
        "Content-Security-Policy",
        "default-src 'none'; style-src 'self'; img-src 'self' data:; font-src 'self'; base-uri 'none'; "
        "form-action 'self'; frame-ancestors 'none'",
    ),
)
"""Of a page whose only press sends a form back to the door."""


def of_page(origins: Origins) -> Headers:
    """Of a page whose script talks to door and edge, and to backstage once its visitor speaks.

    ``blob:`` is how Media Source Extensions reach an audio element, and how hls.js starts its worker.
    """
    edge, backstage = origins.edge_source, origins.backstage_source
    policy = (
        f"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        f"connect-src 'self' {edge} {backstage}; media-src 'self' blob: {edge}; worker-src 'self' blob:; "
        f"manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
    )
    return (("Content-Security-Policy", policy), *_COMMON)


def of_private_page(origins: Origins) -> Headers:
    """Of the page before a private space, whose script asks backstage for a pass."""
    policy = (
        f"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        f"connect-src 'self' {origins.backstage_source}; base-uri 'none'; form-action 'none'; "
        f"frame-ancestors 'none'"
    )
    return (NO_STORE, NOINDEX, ("Content-Security-Policy", policy), *_COMMON)


def of_space(state: SpaceState, *, shared: bool) -> Headers:
    """Say how long an answer about a space may be kept and whether found; ``shared``: all get the same."""
    private = state.visibility is Visibility.PRIVATE
    kept = SHORT_LIVED if shared and not private else NO_STORE
    return (kept,) if state.visibility is Visibility.PUBLIC else (kept, NOINDEX)
