"""The virtual authenticator that Chromium has for tests: a device that keeps passkeys (WebAuthn Level 3)."""

from __future__ import annotations

from playwright.async_api import Page


async def plug_in_device(page: Page) -> None:
    """Give the browser a device that keeps passkeys and says yes to everything."""
    protocol = await page.context.new_cdp_session(page)
    await protocol.send("WebAuthn.enable")
    device = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
    }
    await protocol.send("WebAuthn.addVirtualAuthenticator", {"options": device})
