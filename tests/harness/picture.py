"""One state of one page, as it can be looked at."""

from __future__ import annotations

from dataclasses import dataclass

from harness.acts import Act

OPERATOR = "operator"
MEMBER = "member"
API = "**/api/v1/"
TITLE = "h1:not(.visually-hidden)"
"""The heading of a page that is there; one that loads has a hidden one."""


@dataclass(frozen=True, slots=True)
class Picture:
    """One state of one page."""

    name: str
    url: str
    visitor: str = ""
    """Who is signed in, if anybody."""
    act: Act | None = None
    """What they do before it is looked at."""
    before: Act | None = None
    """What is so already when the page loads."""
    until: str = ""
    """What is there once it has loaded."""
    scripts: bool = True


def event(
    name: str, space: str, act: Act | None = None, before: Act | None = None, until: str = ""
) -> Picture:
    """Of a space's event page."""
    return Picture(f"event-{name}", f"{{door}}/s/{{{space}}}", act=act, before=before, until=until)
