"""What the walks past every state look for in a page: that it finds what is wrong, and nothing else."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Page, Playwright

from harness.browser import FLAGS, SHELL
from harness.fitting import misfits

pytestmark = [pytest.mark.browser, pytest.mark.long]

LINE = '<p style="margin: 0">Some words that stand on a line of their own</p>'


@pytest_asyncio.fixture
async def page(playwright: Playwright) -> AsyncIterator[Page]:
    browser = await playwright.chromium.launch(executable_path=shutil.which(SHELL), args=list(FLAGS))
    yield await browser.new_page(viewport={"width": 390, "height": 844})
    await browser.close()


@pytest.mark.parametrize(
    ("html", "told"),
    [
        (f'{LINE}<p style="margin: -12px 0 0">Others, pulled up</p>', 'text "Some words'),
        (f'{LINE}<button style="margin-top: -12px">Press</button>', 'button "Press"'),
        (
            '<div style="height: 20px"><button style="height: 44px">One</button></div><button>Two</button>',
            'button "One" and button "Two" overlap by',
        ),
        (
            f'{LINE}<a href="/" style="position: absolute; top: 8px; left: 8px">A link</a>',
            'a "A link"',
        ),
        (
            f'<dialog id="d"><div>{LINE}<button style="margin-top: -12px">Press</button></div></dialog>'
            "<script>d.showModal()</script>",
            'button "Press"',
        ),
    ],
)
async def test_what_lies_over_something_else_is_named(page: Page, html: str, told: str) -> None:
    await page.set_content(html)
    found = await misfits(page)
    assert any("overlap by" in one and told in one for one in found), found


@pytest.mark.parametrize(
    "html",
    [
        f"{LINE}<button>Press <b>this</b></button>{LINE}",
        f'{LINE}<p>Words, <a href="/">a link among them</a>, and so many more that they take two lines</p>',
        f'{LINE}<h1 style="line-height: 1; margin: 0">A large title of two lines</h1>{LINE}',
        f'<nav style="position: sticky; top: 0"><a href="/">Bar</a></nav><div style="margin-top: -18px">'
        f"{LINE}</div>",
        f'<nav style="position: fixed; top: 8px"><a href="/">Bar</a></nav>{LINE}',
        f'{LINE}<dialog id="d"><button>Press</button></dialog><script>d.showModal()</script>',
        '<button style="position: relative">Clap<span style="position: absolute; inset: auto -4px -4px auto;'
        ' pointer-events: none">12</span></button><br><button>Heart</button>',
        f'{LINE}<p style="margin: -12px 0 0; opacity: 0">Nobody sees it</p>',
        '<label style="position: relative">A file<input type="file" style="position: absolute; inset: 0;'
        ' width: 100%; opacity: 0"></label>',
        f'{LINE}<span style="position: absolute; top: 8px; width: 1px; height: 1px; overflow: hidden">'
        "For ears</span>",
        f'<div style="height: 20px; overflow: auto">{LINE * 3}</div>{LINE}',
    ],
)
async def test_what_is_meant_to_lie_over_or_does_not_is_left_alone(page: Page, html: str) -> None:
    await page.set_content(html)
    assert not [one for one in await misfits(page) if "overlap by" in one]
