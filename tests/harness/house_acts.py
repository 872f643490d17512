"""What somebody does backstage before a state is seen that passes quickly, and what is so already."""

from __future__ import annotations

from typing import Any

from playwright.async_api import Page, Route, expect

from harness import acts
from harness.acts import JOIN_MS, at_first
from harness.answers import answered, told
from harness.deployment import PASSWORD
from harness.passing_acts import done
from harness.passkey_device import plug_in_device
from harness.picture import API
from rostra.control.api.asking import COOKIE

PROOF_NEEDED = {"error": {"code": "proof_needed", "message": ""}}
TOKEN = {"id": "k3p7x2m9", "name": "Harbour Radio's schedule", "created_at": "2026-03-01T18:30:00Z"}
MAILED = {"url": None, "mailed": True, "expires_at": "2031-01-02T01:00:00Z"}
ADDRESS = "cai@example.org"


# What is so already.


takes_notices = answered(f"{API}spaces/*/notices", {}, method="POST", status=201)
one_token = at_first(
    answered(f"{API}tokens", {"tokens": [TOKEN]}),
    answered(
        f"{API}tokens",
        {**TOKEN, "token": "Zk3v9Qe1uYt7rWb5nXa8cLs2mPd6hGf4jKo0iUy_B-E"},
        method="POST",
        status=201,
    ),
)
set_by_hand = told(f"{API}door", {"places": 2500, "capacity": 5000})
held = told(f"{API}door", {"rung": "low", "seen": {"rung": "low", "held": True}})


async def unled(page: Page) -> None:
    """Every conversation that is live has lost its host."""

    async def answer(route: Route) -> None:
        found = await route.fetch()
        listed = await found.json()
        for each in listed["spaces"]:
            each["unled"] = each["state"] == "live"
        await route.fulfill(response=found, json=listed)

    await page.route(f"{API}spaces?**", answer)


# What is done.


async def sign_in_suspended(page: Page) -> None:
    await page.get_by_test_id("handle").fill("sue")
    await page.get_by_test_id("password").fill("correct horse battery")
    await page.keyboard.press("Enter")
    await expect(page.locator(".notice").first).to_be_visible(timeout=JOIN_MS)


async def ask_for_link(page: Page) -> None:
    await page.get_by_test_id("handle").fill("vic")
    await done(acts.press("ask-reset"))(page)


async def change_password(page: Page) -> None:
    """Be asked once more who one is."""
    await page.get_by_test_id("new-password").fill("another horse battery")
    fields = page.locator("input[type=password]")
    for number in range(await fields.count()):
        await fields.nth(number).fill("another horse battery")
    await page.get_by_test_id("change-password").click()
    await expect(page.get_by_test_id("proof-dialog")).to_be_visible()


async def post_notice(page: Page) -> None:
    await acts.in_space("live", "show-notices")(page)
    await page.get_by_test_id("notice-text").fill("We go on for ten minutes more.")
    await done(acts.press("post-notice"))(page)


async def make_token(page: Page) -> None:
    await page.get_by_test_id("token-name").fill(str(TOKEN["name"]))
    await done(acts.press("make-token"))(page)
    await expect(page.get_by_test_id("new-token")).to_be_visible()


async def choose_no_picture(page: Page) -> None:
    """Choose a file that is no picture."""
    file: Any = {"name": "portrait.png", "mimeType": "image/png", "buffer": b"not a picture"}
    await page.get_by_test_id("picture").set_input_files(file)
    await expect(page.get_by_role("alert").first).to_be_visible()


async def set_places(page: Page) -> None:
    await page.get_by_test_id("places").fill("2500")
    await page.get_by_test_id("set-places").click()
    await expect(page.get_by_test_id("places-dialog")).to_be_visible()


async def be_signed_out(page: Page) -> None:
    """Be signed out, as by another tab."""
    await page.context.clear_cookies(name=COOKIE)
    await page.wait_for_url("**/signin?next=*")
    await expect(page.get_by_test_id("handle")).to_be_visible()


async def write_no_date(page: Page) -> None:
    """Write a time where the browser has no field of its own for one."""
    await page.get_by_test_id("schedule-one").click()
    await page.get_by_test_id("title").fill("Letters from the island")
    when = page.get_by_test_id("when")
    await when.evaluate("field => { field.type = 'text' }")
    await when.fill("next Tuesday")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert")).to_be_visible()


async def end_passes(page: Page) -> None:
    """End the passes to the private conversation."""
    row = page.get_by_test_id("space").filter(has_text="Rehearsal for the budget night")
    await row.get_by_test_id("edit").click()
    await done(acts.press("end-passes"))(page)


async def take_link_back(page: Page) -> None:
    """Make a link to a stage, and take it back: it is not there to be copied any more."""
    row = page.get_by_test_id("space").filter(has_text="Town hall, the larger room")
    await row.get_by_test_id("show-links").click()
    await row.get_by_test_id("make-speaker-link").click()
    await expect(row.get_by_test_id("held-link")).to_be_visible()
    await done(acts.press("take-link-back"))(page)
    await expect(row.get_by_test_id("link")).to_have_count(0)


async def mail_invitation(page: Page) -> None:
    await page.get_by_test_id("invite").click()
    await page.get_by_test_id("email").fill(ADDRESS)
    await page.get_by_test_id("make-invitation").click()
    await expect(page.locator(".notice.quiet")).to_contain_text(ADDRESS)


async def change_people(page: Page) -> None:
    """Invite somebody, take the invitation back, and give somebody else another role."""
    await prove(page)
    await page.get_by_test_id("invite").click()
    await page.get_by_test_id("email").fill(ADDRESS)
    await page.get_by_test_id("make-invitation").click()
    invitation = page.get_by_test_id("invitation").filter(has_text=ADDRESS)
    await invitation.get_by_role("button").click()
    await expect(page.locator(".outcome .notice").first).to_be_visible()
    await expect(page.get_by_test_id("invitation-link")).to_have_count(0)
    person = page.locator("[data-handle=vic]")
    role = person.get_by_test_id("role")
    await role.select_option("member" if await role.input_value() == "moderator" else "moderator")
    await expect(person.locator(".outcome .notice")).to_be_visible()


MANY_PASSKEYS = 16
"""An account may have twenty, and every look leaves two."""


async def add_passkey(page: Page) -> None:
    """Keep a passkey on this device."""
    await plug_in_device(page)
    await prove(page)
    if await page.get_by_test_id("passkey").count() >= MANY_PASSKEYS:
        await _forget_passkeys(page)
    kept = await page.get_by_test_id("passkey").count()
    await done(_add_passkey)(page)
    await expect(page.get_by_test_id("passkey")).to_have_count(kept + 1)


async def add_passkey_again(page: Page) -> None:
    """Want to keep another on a device that has one."""
    await add_passkey(page)
    await _add_passkey(page)
    await expect(page.get_by_role("alert")).to_be_visible()


async def remove_passkey(page: Page) -> None:
    """Be asked before a passkey is removed."""
    await add_passkey(page)
    await page.get_by_test_id("passkey").last.get_by_role("button").click()
    await expect(page.get_by_test_id("ask-dialog")).to_be_visible()


async def _add_passkey(page: Page) -> None:
    await page.get_by_test_id("passkey-name").fill("My phone")
    await page.get_by_test_id("add-passkey").click()


async def _forget_passkeys(page: Page) -> None:
    """Those of earlier looks."""
    passkeys = f"{await page.evaluate('location.origin')}/api/v1/passkeys"
    headers = {"origin": await page.evaluate("location.origin")}
    for each in (await (await page.request.get(passkeys)).json())["passkeys"]:
        assert (await page.request.delete(f"{passkeys}/{each['id']}", headers=headers)).ok
    await page.reload()
    await expect(page.get_by_test_id("add-passkey")).to_be_visible()


async def prove(page: Page) -> None:
    """Show once more who one is, so that nothing asks for it."""
    origin = await page.evaluate("location.origin")
    proved = await page.request.post(
        f"{origin}/api/v1/session/proof", data={"password": PASSWORD}, headers={"origin": origin}
    )
    assert proved.ok, await proved.text()
