"""The page of the door in a real browser: figures, charts, the worst case announced and left again."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.async_api import Page, Playwright, expect

from harness.browser import PHONE, Person
from harness.deployment import Deployment
from harness.evening import Evening
from harness.event_page import EventPage
from harness.signing_in import sign_in
from harness.sound import LOW_HZ
from harness.stage import on_stage

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

DRAWN = """canvas => {
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)
  return data.some(value => value > 0)
}"""

WRITTEN = """
window.written = new Set()
window.cut = new Set()
const fill = CanvasRenderingContext2D.prototype.fillText
CanvasRenderingContext2D.prototype.fillText = function (text, ...where) {
  if (!this.canvas.closest('figure').textContent.includes('percent')) written.add(text)
  const end = where[0] + this.measureText(text).width / 2
  if (this.textAlign === 'center' && end > this.canvas.width) cut.add(text)
  return fill.call(this, text, ...where)
}
"""
"""What is written on charts that count, and what of all that is written is cut off at the end."""


async def see_door(page: Page, site: Deployment) -> None:
    await sign_in(page, site.control, screen="/door")
    await expect(page.get_by_test_id("stands")).to_be_visible(timeout=20_000)


async def hold(page: Page, rung: str, words: str) -> None:
    """Press a rung's button, read what will happen, and confirm it."""
    await page.locator(f"[data-rung={rung}]").get_by_test_id("hold").click()
    dialog = page.get_by_test_id("hold-dialog")
    await expect(dialog).to_contain_text(words)
    await page.get_by_test_id("hold-confirm").click()
    await expect(dialog).to_have_count(0)
    await expect(page.get_by_test_id("stands")).to_have_attribute("data-rung", rung, timeout=20_000)


async def release(page: Page, words: str) -> None:
    """Let the ladder move by itself again, and read what will happen."""
    await page.get_by_test_id("release").click()
    await expect(page.get_by_test_id("release-dialog")).to_contain_text(words)
    await page.get_by_test_id("release-confirm").click()
    await expect(page.get_by_test_id("stands")).to_have_attribute("data-held", "false", timeout=20_000)


@pytest.mark.long
async def test_the_worst_case_is_announced_to_everybody_and_left_again(
    site: Deployment, playwright: Playwright
) -> None:
    async with (
        Evening(site, title="Full hall") as evening,
        Person(playwright, "operator") as olga,
        Person(playwright, "listener") as lea,
        Person(playwright, "visitor") as vic,
        on_stage((await evening.link("host", "Ann")).url, name="Ann", hz=LOW_HZ),
    ):
        await evening.go_live()
        listening, reading = EventPage(lea, site, evening.space), EventPage(vic, site, evening.space)
        await listening.open()
        await listening.press_listen()
        await lea.until_hears(LOW_HZ, within_s=30)
        await reading.open()
        page = olga.page
        await see_door(page, site)
        chart = page.get_by_test_id("chart").first
        await expect(chart).not_to_have_attribute("data-points", "0", timeout=20_000)
        await page.wait_for_function(
            DRAWN, arg=await chart.locator("canvas").element_handle(), timeout=20_000
        )
        await expect(page.get_by_test_id("crowd")).to_contain_text("Full hall", timeout=20_000)
        await page.get_by_test_id("crowd").get_by_test_id("show-notices").click()
        await page.get_by_test_id("template-requests").click()
        told = await page.get_by_test_id("notice-text").input_value()
        assert "looking into why" in told, "what is known, and no attack that nobody has shown"
        await page.get_by_test_id("post-notice").click()
        await expect(page.get_by_test_id("notice")).to_contain_text(told, timeout=20_000)
        await expect(lea.page.get_by_text(told).first).to_be_visible(timeout=30_000)

        await hold(page, "worst", "Nobody inside is put out.")
        for person in (vic, lea):
            told = person.page.locator("#rung")
            await expect(told).to_contain_text("whoever waits keeps their place", timeout=30_000)
        await lea.until_hears(LOW_HZ, within_s=10)
        await page.reload()
        await expect(page.get_by_test_id("stands")).to_have_attribute("data-held", "true", timeout=20_000)
        await expect(page.get_by_test_id("unset-places")).to_be_visible()  # as many as listened

        await release(page, "is lifted with it")
        await expect(page.get_by_test_id("unset-places")).to_have_count(0)
        await hold(page, "worst", "No number is set")
        await expect(page.get_by_test_id("unset-places")).to_be_visible()
        await hold(page, "ground", "as usual")
        await expect(page.get_by_test_id("unset-places")).to_have_count(0)
        await page.locator("input[data-testid=places]").fill("70")
        await page.get_by_test_id("set-places").click()
        await page.get_by_test_id("places-confirm").click()
        await expect(page.get_by_test_id("unset-places")).to_be_visible()
        await hold(page, "worst", "At most 70 may listen")
        await hold(page, "ground", "as usual")
        await release(page, "comes down rung by rung")
        for person in (vic, lea):
            await expect(person.page.locator("#rung")).to_be_hidden(timeout=30_000)
        await page.goto(f"{site.control}/audit")
        await expect(page.get_by_text("The door changed its rung").first).to_be_visible()
        assert (await listening.probe())["state"] == "playing"


async def test_the_charts_count_whole_people_and_tell_the_time_as_the_page_does(
    site: Deployment, playwright: Playwright
) -> None:
    async with Person(playwright, "operator") as olga:
        page = olga.page
        await page.add_init_script(WRITTEN)
        await see_door(page, site)
        await expect(page.get_by_test_id("chart").first).not_to_have_attribute("data-points", "0")
        await page.wait_for_function("written.size > 1", timeout=20_000)
        written = [each for each in await page.evaluate("[...written]") if each]
        numbers = [each for each in written if re.fullmatch(r"[\d,.]+", each)]
        assert {"0", "1"} <= set(numbers)
        assert not [each for each in numbers if "." in each], "there is no half of a listener"
        assert not [each for each in written if re.search(r":\d+:|[AP]M", each)], "8:04 pm, as everywhere"
        legends = page.locator(".u-legend")
        await expect(legends).to_have_count(3)
        for legend in await legends.all():
            await expect(legend, "the newest figures, though nobody points").not_to_contain_text("–")
        await expect(legends.first).to_contain_text(re.compile(r"\d:\d\d:\d\d.*Listening0"))


async def test_the_time_below_the_newest_figure_is_whole_on_a_phone(
    site: Deployment, playwright: Playwright
) -> None:
    minute_s = 1_900_000_800
    figures = {
        "at": list(range(minute_s - 120, minute_s + 1)),
        **dict.fromkeys(
            ("arrivals_per_s", "joined_per_s", "waiting", "listeners", "places", "rate", "late_share"),
            [1] * 121,
        ),
    }
    async with Person(playwright, "operator") as olga:
        page = olga.page
        await page.set_viewport_size(PHONE)
        await page.add_init_script(WRITTEN)
        await page.route("**/door/figures", lambda route: route.fulfill(json=figures))
        await see_door(page, site)
        await page.wait_for_function("written.size > 1", timeout=20_000)
        assert await page.evaluate("[...written].some(each => each.includes(':'))")
        assert await page.evaluate("[...cut]") == []


async def test_who_lifts_a_number_reads_what_the_setting_says_and_not_what_is_measured(
    tmp_path: Path, playwright: Playwright
) -> None:
    async with Deployment(tmp_path, capacity=6) as site, Person(playwright, "operator") as olga:
        page = olga.page
        await see_door(page, site)
        await page.locator("input[data-testid=places]").fill("70")
        await page.get_by_test_id("set-places").click()
        await page.get_by_test_id("places-confirm").click()
        await page.get_by_test_id("unset-places").click()
        dialog = page.get_by_test_id("unset-dialog")
        await expect(dialog).to_contain_text("Go by ROSTRA_CAPACITY?")
        await expect(dialog).to_contain_text("ROSTRA_CAPACITY lets 6 listen")
        await expect(dialog).not_to_contain_text("measured to carry")
        await page.get_by_test_id("unset-confirm").click()
        await expect(page.get_by_test_id("unset-places")).to_have_count(0)
        await expect(page.get_by_test_id("figures")).to_contain_text("ROSTRA_CAPACITY")


@pytest.mark.long
async def test_a_host_makes_a_reserved_link_that_a_visitor_keeps(
    site: Deployment, playwright: Playwright
) -> None:
    async with (
        Evening(site, title="Press night") as evening,
        Person(playwright, "operator") as olga,
        Person(playwright, "press") as pam,
    ):
        await see_door(olga.page, site)
        page = olga.page
        await page.goto(f"{site.control}/console")
        await page.locator(f"[data-space='{evening.space}']").get_by_test_id("show-reserved").click()
        await page.get_by_test_id("apart").fill("3")
        await page.get_by_test_id("save-apart").click()
        await page.get_by_test_id("whom").fill("Radio")
        await page.get_by_test_id("holds").fill("2")
        await page.get_by_test_id("make-reserved").click()
        link = await page.get_by_test_id("reserved-link").locator("input").input_value()
        await pam.page.goto(link)
        await pam.page.wait_for_function("document.documentElement.dataset.ready === ''")
        assert "#" not in pam.page.url, "the secret stays out of the address bar"
        kept = await pam.page.evaluate(f"localStorage.getItem('rostra.reserved.{evening.space}')")
        assert link.endswith(f"#r={kept}")


@pytest.mark.long
async def test_who_sets_more_places_apart_than_there_are_reads_how_many_there_are(
    tmp_path: Path, playwright: Playwright
) -> None:
    async with (
        Deployment(tmp_path, capacity=6) as site,
        Evening(site, title="Press night") as evening,
        Person(playwright, "operator") as olga,
    ):
        await see_door(olga.page, site)
        page = olga.page
        await page.goto(f"{site.control}/console")
        await page.locator(f"[data-space='{evening.space}']").get_by_test_id("show-reserved").click()
        for apart, says in (("7", 1), ("6", 0)):
            await page.get_by_test_id("apart").fill(apart)
            await page.get_by_test_id("save-apart").click()
            await expect(page.get_by_text(f"{apart} places are set apart.")).to_be_visible()
            await expect(page.get_by_test_id("beyond")).to_have_count(says)
        await page.get_by_test_id("apart").fill("7")
        await page.get_by_test_id("save-apart").click()
        await expect(page.get_by_test_id("beyond")).to_have_text(
            "Only 6 may listen at once: no more than these are set apart."
        )
