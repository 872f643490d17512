"""Screenshots of every state of every page, on phone and desktop, in light and dark, in every language.

``make screenshots`` puts them into ``build/screenshots`` and fails when something does not fit its
window. ``make screenshots STATE=event`` takes only the states whose names hold that word.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import sys
import tempfile
from pathlib import Path

from playwright.async_api import Error, async_playwright

from harness.fitting import misfits
from harness.gallery import LANGUAGES, SIZES, THEMES, Look, Walk, gallery
from harness.pictures import PICTURES


async def take(folder: Path, looks: list[Look], state: str) -> list[str]:
    """Write the pictures; return what does not fit in which."""
    wrong = []
    with tempfile.TemporaryDirectory(prefix="rostra-screenshots-") as data:
        async with async_playwright() as playwright, gallery(Path(data)) as opened:
            for look in looks:
                async with Walk(playwright, opened, look) as walk:
                    for picture in PICTURES:
                        if state not in picture.name:
                            continue
                        try:
                            async with walk.before(picture) as page:
                                target = folder / f"{picture.name}-{look}.png"
                                await page.screenshot(path=target, full_page=True)
                                found = await misfits(page)
                        except (Error, AssertionError) as error:
                            found = [f"could not be shown: {str(error).splitlines()[0]}"]
                        wrong += [f"{picture.name} {look}: {one}" for one in found]
                print(f"{look}: done", flush=True)
    return wrong


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--folder", type=Path, default=Path("build/screenshots"))
    options.add_argument("--state", default="", help="only states whose names hold this")
    options.add_argument("--look", default="", help="only looks that begin so: phone-light-en")
    given = options.parse_args()
    shutil.rmtree(given.folder, ignore_errors=True)
    given.folder.mkdir(parents=True)
    every = [Look(size, theme, language) for size in SIZES for theme in THEMES for language in LANGUAGES]
    looks = [look for look in every if str(look).startswith(given.look)]
    wrong = asyncio.run(take(given.folder, looks, given.state))
    print(f"{len(list(given.folder.iterdir()))} screenshots in {given.folder}")
    print("\n".join(wrong), file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
