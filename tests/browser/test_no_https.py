"""Over plain HTTP: a host reads what is missing, and what mends it; others whom to tell."""

from __future__ import annotations

import shlex
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Page, Playwright, expect

from harness.browser import Person
from harness.deployment import Deployment
from harness.evening import Evening
from harness.studio_page import StudioPage
from rostra.control.addresses import addresses
from rostra.core.settings import Settings

pytestmark = [pytest.mark.browser, pytest.mark.long, pytest.mark.timeout(120)]

CHECKOUT = Path(__file__).parents[2]
NAME, NUMBER = "live.example.org", "203.0.113.7"
TOLD = (
    "Speaking needs a secure address (https://), and this page has none: please tell whoever runs this site."
)


async def typed(page: Page) -> dict[str, str]:
    """The variables that the page asks whoever runs the server to set, as a shell reads them."""
    lines = await page.get_by_test_id("https-settings").inner_text()
    return dict(word.split("=", 1) for word in shlex.split(lines) if word != "export")


@pytest.mark.parametrize(("host", "name"), [(NAME, NAME), (NUMBER, "YOUR.NAME")])
async def test_without_https_the_studio_prints_what_gives_it_https(
    site: Deployment, playwright: Playwright, monkeypatch: pytest.MonkeyPatch, host: str, name: str
) -> None:
    async with Evening(site) as evening, Person(playwright, "host", local_names=[host]) as sam:
        link = urlsplit((await evening.link("host", "Sam")).url)
        page = sam.page
        await StudioPage(sam).accept(link._replace(netloc=f"{host}:{site.control_port}").geturl())
        told = page.get_by_test_id("no-microphone")
        await expect(told).to_contain_text(
            f"This one came from {host}:{site.control_port} without encryption"
        )
        await expect(page.get_by_test_id("needs-name")).to_have_count(0 if host == name else 1)

        given = await typed(page)
        assert given["ROSTRA_NAME"] == name
        for variable, value in given.items():
            monkeypatch.setenv(variable, value)
        settings = Settings()
        public = addresses(settings, scheme="http", host=f"127.0.0.1:{settings.control_port}")
        assert {public.door, public.edge, public.control} == {f"https://{name.lower()}"}
        assert settings.trusted_proxies == ["127.0.0.1/32"]
        assert settings.bind == "127.0.0.1"

        rest = f"{link.path}#{link.fragment}"
        await expect(page.get_by_test_id("https-address")).to_have_text(f"https://{name}{rest}")
        local = f"http://localhost:{site.control_port}{rest}"
        await expect(page.get_by_test_id("local-address")).to_have_text(local)
        await expect(page.get_by_test_id("https-install")).to_contain_text("apt-get install -y caddy")
        for file in ("deploy/Caddyfile", "docs/how-to/run-it-on-a-server.md"):
            await expect(told).to_contain_text(file)
            assert (CHECKOUT / file).is_file()
        await page.goto(local)
        await expect(page.get_by_test_id("consent")).to_be_visible()
        assert sam.complaints == []


async def test_without_https_a_speaker_and_a_listener_read_whom_to_tell_and_no_commands(
    site: Deployment, playwright: Playwright
) -> None:
    async with Evening(site) as evening, Person(playwright, "sam", local_names=[NAME]) as sam:
        page = sam.page
        link = urlsplit((await evening.link("speaker", "Sam")).url)
        await StudioPage(sam).accept(link._replace(netloc=f"{NAME}:{site.control_port}").geturl())
        await expect(page.get_by_test_id("no-microphone")).to_have_text(TOLD)

        await page.goto(f"http://{NAME}:{site.door_port}/s/{evening.space}")
        await page.get_by_test_id("ask").click()
        await expect(page.get_by_test_id("no-microphone")).to_have_text(TOLD)
        await expect(page.locator("code")).to_have_count(0)
        assert sam.complaints == []
