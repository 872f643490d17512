"""Screenshots of every state of every page, on phone and desktop, in light and dark, in every language.

``make screenshots`` puts them into ``build/screenshots`` and fails when something does not fit its window.
``make screenshots STATE=event`` takes only the states whose names hold that word; ``--docs`` takes anew the
few that the docs show.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from PIL import Image
from playwright.async_api import Error, async_playwright

from harness.fitting import misfits
from harness.gallery import LANGUAGES, SIZES, THEMES, Look, Walk, gallery
from harness.pictures import PICTURES, Picture

DOCS = Path("docs/screenshots")
FOR_DOCS = frozenset(
    {
        "event-scheduled-phone-light-en",
        "event-playing-phone-dark-en",
        "event-live-desktop-light-en",
        "event-published-desktop-dark-en",
        "event-scheduled-phone-light-es",
        "event-playing-phone-light-qps",
        "event-reaching-phone-light-en",
        "home-desktop-light-en",
        "backstage-console-desktop-light-en",
        "backstage-site-desktop-light-es",
        "studio-consent-phone-light-es",
        "studio-live-desktop-light-en",
        "studio-end-desktop-light-en",
        "studio-stage-phone-dark-qps",
    }
)


async def take(folder: Path, looks: list[Look], wanted: Callable[[str], bool], *, whole: bool) -> list[str]:
    """Write the pictures that are wanted, by their file names; tell and return what does not fit in which."""
    wrong = []
    with tempfile.TemporaryDirectory(prefix="rostra-screenshots-") as data:
        async with async_playwright() as playwright, gallery(Path(data)) as opened:
            for look in looks:
                async with Walk(playwright, opened, look) as walk:
                    for picture in PICTURES:
                        name = f"{picture.name}-{look}"
                        if wanted(name):
                            found = await shoot(walk, picture, folder / f"{name}.png", whole=whole)
                            for one in found:
                                print(f"{name}: {one}", file=sys.stderr, flush=True)
                                wrong.append(f"{name}: {one}")
                print(f"{look}: done", flush=True)
    return wrong


async def shoot(walk: Walk, picture: Picture, target: Path, *, whole: bool) -> list[str]:
    """Take one picture: of the whole page, or of what a window shows."""
    try:
        async with walk.before(picture) as page:
            await page.screenshot(path=target, full_page=whole)
            if not whole:
                shrink(target)
            return await misfits(page)
    except (Error, AssertionError) as error:
        return [f"could not be shown: {str(error).splitlines()[0]}"]


def shrink(target: Path) -> None:
    """Keep 64 colours: a third of the bytes, and nothing to be seen of it."""
    with Image.open(target) as picture:
        small = picture.convert("RGB").quantize(64)
    small.save(target, optimize=True)


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--folder", type=Path, default=Path("build/screenshots"))
    options.add_argument("--state", default="", help="only states whose names hold this")
    options.add_argument("--look", default="", help="only looks that begin so: phone-light-en")
    options.add_argument(
        "--docs", action="store_true", help="those that the docs show, into docs/screenshots"
    )
    given = options.parse_args()
    folder = DOCS if given.docs else given.folder
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    every = [Look(size, theme, language) for size in SIZES for theme in THEMES for language in LANGUAGES]
    looks = [look for look in every if str(look).startswith(given.look)]
    if given.docs:
        looks = [look for look in looks if any(name.endswith(str(look)) for name in FOR_DOCS)]
    wanted = FOR_DOCS.__contains__ if given.docs else lambda name: given.state in name
    wrong = asyncio.run(take(folder, looks, wanted, whole=not given.docs))
    print(f"{len(list(folder.iterdir()))} screenshots in {folder}")
    print(f"{len(wrong)} things do not fit, or could not be shown" if wrong else "Everything fits.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
