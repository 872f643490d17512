"""Walks past pictures and says what is wrong with each: out of somebody's reach, or wider than its window."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from playwright.async_api import Error, Playwright

from harness.gallery import SIZES, SMALL, ZOOMED, Gallery, Look, Walk
from harness.picture import Picture
from harness.within_reach import problems

LOOKS = [Look(size, "light", "qps") for size in SIZES]
"""The pseudo-language is longer than any other: what it fits into, all do."""
LOOKS += [Look(SMALL, "light", "es"), Look("phone", "dark", "en")]
LOOKS += [Look("desktop", "dark", "es"), Look(ZOOMED, "light", "es")]
"""Dark changes colours and nothing else: no need to see it in every language."""


MAIN = frozenset(
    (
        *("home", "event-scheduled", "event-live", "event-playing", "event-published"),
        *("setup-name", "backstage-signin", "backstage-console", "backstage-door"),
        *("studio-consent", "studio-live", "studio-end"),
    )
)
"""Where most people are most of the time."""


def seen_in(look: Look, pictures: Sequence[Picture]) -> Sequence[Picture]:
    """Every picture in the first look, on a phone in the longest language; some in each other look.

    In the first the contrast of its dark colours is looked at besides. Each other has the main ones, and a
    tenth of the rest, another one in each. All in every look would take an hour; ``make screenshots`` takes
    them so, and looks whether they fit.
    """
    turn = LOOKS.index(look)
    if not turn:
        return pictures
    some = pictures[2 * (turn - 1) :: 2 * (len(LOOKS) - 1)]
    return [each for each in pictures if each in some or each.name in MAIN]


async def walk_past(
    playwright: Playwright, opened: Gallery, look: Look, pictures: Iterable[Picture]
) -> list[str]:
    """Stand before each picture; return what is wrong, each by its picture's name."""
    wrong = []
    async with Walk(playwright, opened, look) as walk:
        for picture in pictures:
            try:
                async with walk.before(picture) as page:
                    found = await problems(page, scripts=picture.scripts, in_dark=look == LOOKS[0])
            except (Error, AssertionError) as error:
                found = [f"could not be shown: {error}"]
            wrong += [f"{picture.name} {look}: {one}" for one in found]
    return wrong
