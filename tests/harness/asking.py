"""From a listener's seat to the stage and off it again, as a listener and a host go it in their browsers."""

from __future__ import annotations

from playwright.async_api import Locator, expect

from harness.browser import Person

CONNECT_MS = 30_000


async def asks(lea: Person, *, name: str) -> None:
    """Ask to speak, from the event page, and read how much room is left in the note."""
    await lea.page.get_by_test_id("ask").click()
    await lea.page.get_by_test_id("ask-note").fill("x" * 135)
    await expect(lea.page.get_by_test_id("ask-left")).to_have_text("5 characters left.")
    await lea.page.get_by_test_id("ask-name").fill(name)
    await lea.page.get_by_test_id("ask-note").fill("About the tides")
    await lea.page.get_by_test_id("ask-send").click()
    await expect(step(lea)).to_have_attribute("data-step", "waiting")


async def accepts(ann: Person, name: str) -> None:
    """The host sees who asks, and lets them speak."""
    waiting = ann.page.get_by_test_id("request")
    await expect(waiting).to_contain_text(name, timeout=CONNECT_MS)
    await expect(waiting).to_contain_text("guest")
    await expect(waiting).to_contain_text("About the tides")
    await ann.page.get_by_test_id("accept-request").click()
    await expect(waiting).to_have_count(0)


async def goes_on_stage(lea: Person) -> None:
    """Accepted, on the page that is open all the while: consent, microphone, stage."""
    await expect(step(lea)).to_have_attribute("data-step", "consent", timeout=CONNECT_MS)
    await lea.page.get_by_test_id("consent").check()
    await lea.page.get_by_test_id("accept").click()
    await expect(lea.page.get_by_test_id("join")).to_be_visible()
    await expect(lea.page.locator("body[data-speaking]")).to_have_count(0)  # the programme goes on
    await lea.page.get_by_test_id("join").click()
    await expect(lea.page.get_by_test_id("on-stage")).to_have_attribute(
        "data-line", "open", timeout=CONNECT_MS
    )
    await expect(lea.page.locator("body[data-speaking]")).to_have_count(1)


async def is_removed(ann: Person, lea: Person) -> None:
    await ann.page.get_by_test_id("acts").locator("summary").click()
    await ann.page.get_by_test_id("act-remove").click()
    await ann.page.get_by_test_id("act-confirm").click()
    await expect(lea.page.get_by_test_id("off")).to_contain_text("ask to speak again", timeout=CONNECT_MS)
    await lea.page.get_by_test_id("ask-again").click()
    await expect(lea.page.get_by_test_id("ask-name")).to_have_value("Lea Brand")
    await step(lea).get_by_role("button", name="Cancel").click()


async def is_blocked(ann: Person, lea: Person) -> None:
    """Asked again and blocked, they are told for what it holds."""
    await asks(lea, name="Lea Brand")
    await expect(ann.page.get_by_test_id("request")).to_be_visible(timeout=CONNECT_MS)
    await ann.page.get_by_test_id("block-request").click()
    await ann.page.get_by_test_id("block-keep").click()
    await expect(ann.page.get_by_test_id("request")).to_be_visible()
    await ann.page.get_by_test_id("block-request").click()
    await ann.page.get_by_test_id("block-confirm").click()
    await expect(step(lea)).to_have_attribute("data-step", "blocked", timeout=CONNECT_MS)
    await expect(step(lea).get_by_role("alert")).to_contain_text("You are blocked from this stage")
    await step(lea).get_by_role("button").click()
    await lea.page.get_by_test_id("ask").click()
    await lea.page.get_by_test_id("ask-name").fill("Somebody Else")
    await lea.page.get_by_test_id("ask-send").click()
    await expect(lea.page.get_by_test_id("ask-problem")).to_contain_text("this browser and the invitation")


def step(lea: Person) -> Locator:
    return lea.page.get_by_test_id("speaking")
