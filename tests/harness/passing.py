"""Pictures of states that pass quickly, or that servers are in only when something is wrong with them.

The names are those of ``docs/screens.toml``. What such a server says is told in its place.
"""

from __future__ import annotations

from harness import acts, passing_acts
from harness.acts import at_first, cut_off, press, unanswered
from harness.answers import SOON, Stage, answered, refused, told
from harness.picture import API, OPERATOR, Picture, event

STATUS = "**/status.json"
SITE = f"{API}site"
OPEN = {"open_sign_up": True}
SESSION = f"{API}session"
CONSENT = "**/stage/consent"
ENDED = {"state": "ended", "recording_policy": "publish", **SOON}
ENDED_BY_SITE = {**ENDED, "reason": "ended_by_site: It called for violence."}
BUSY = "too_many_requests"
ASKED_TOO_OFTEN = "error.too_many_requests.attempts"
CONSOLE = "{control}/console"
DOOR = "{control}/door"
LIVE = "{control}/studio/{live}"
MISSING = acts.without_microphone("NotFoundError")
INSECURE = at_first(passing_acts.insecure, acts.without_microphone(""))
LOCKED = {"locked_reason": "Too many ask at once.", **SOON}
LINES = "[data-testid=states][data-state={}]"

LISTENING = (
    event("ended", "live", passing_acts.turned_to("ended"), told(STATUS, ENDED)),
    event("ended-by-site", "live", passing_acts.turned_to("ended"), told(STATUS, ENDED_BY_SITE)),
    event("locked", "locked", passing_acts.read_why_locked, told(STATUS, LOCKED)),
    event("unreachable", "live", passing_acts.look_in_vain, cut_off(STATUS)),
    event("old-browser", "live", passing_acts.wait_for_script, cut_off("**/assets/*.js")),
    event("blocked", "live", acts.listen_until("blocked"), acts.without_sound_at_first),
    event("replay-failed", "published", passing_acts.replay_in_vain, cut_off("**/r/**")),
    event("ask-insecure", "live", press("ask"), INSECURE),
    event("seated", "live", press("ask"), told("**/floor/me", passing_acts.SEATED)),
    event("declined", "lobby", passing_acts.be_declined, passing_acts.nobody_more),
    event("stepped-down", "floor", passing_acts.step_down),
    event(
        "private-busy", "private", acts.enter_wrong_passphrase, refused("**/pass", 429, "too_many_requests")
    ),
    Picture("event-private-without-scripts", "{door}/s/{private}", scripts=False),
    Picture("host-quiet", "{door}/h/ann"),
    Picture("host-verified", "{door}/h/ivy"),
    Picture("unwritten", "{fresh}/imprint"),
    Picture("starting", "{unready}/", before=passing_acts.once),
)
ENTRANCE = (
    Picture("setup-token", "{fresh_control}/setup", until="form"),
    Picture("backstage-signin-open", "{control}/signin", before=told(SITE, OPEN)),
    Picture("backstage-sign-up", "{control}/invitation", before=told(SITE, OPEN), until="form"),
    Picture("backstage-signin-mail", "{control}/signin", before=told(SITE, {"mail": True})),
    Picture(
        "backstage-signin-busy",
        "{control}/signin",
        act=acts.refuse,
        before=refused(SESSION, 429, BUSY, ASKED_TOO_OFTEN),
    ),
    Picture("backstage-signin-suspended", "{control}/signin", act=passing_acts.sign_in_suspended),
    Picture("backstage-signin-unreachable", "{control}/signin", act=acts.refuse, before=cut_off(SESSION)),
    Picture(
        "backstage-signin-passkey",
        "{control}/signin",
        act=passing_acts.alerted(press("sign-in-passkey")),
        before=refused(f"{API}session/passkey/options", 403, "passkey_refused"),
    ),
    Picture(
        "backstage-reset-mail",
        "{control}/reset",
        act=passing_acts.ask_for_link,
        before=at_first(told(SITE, {"mail": True}), answered(f"{API}resets", {}, method="POST", status=202)),
    ),
)
HOUSE = (
    Picture(
        "backstage-failed",
        CONSOLE,
        OPERATOR,
        before=refused(f"{API}spaces**", 503, "unavailable", method="GET"),
        until=LINES.format("failed"),
    ),
    Picture(
        "backstage-went-wrong",
        "{control}/account",
        OPERATOR,
        passing_acts.alerted(press("save-profile")),
        passing_acts.in_vain("PATCH", f"{API}account"),
    ),
    Picture(
        "backstage-proof",
        "{control}/account",
        OPERATOR,
        passing_acts.change_password,
        answered(f"{API}account/password", passing_acts.PROOF_NEEDED, method="PUT", status=403),
    ),
    Picture(
        "backstage-unled",
        CONSOLE,
        OPERATOR,
        before=passing_acts.unled,
        until="[data-testid=unled]",
    ),
    Picture(
        "backstage-notice-posted",
        CONSOLE,
        OPERATOR,
        passing_acts.post_notice,
        passing_acts.takes_notices,
    ),
    Picture("backstage-saved", "{control}/account", OPERATOR, passing_acts.done(press("save-profile"))),
    Picture(
        "backstage-account-insecure",
        "{control}/account",
        OPERATOR,
        before=passing_acts.insecure,
        until="[data-testid=save-profile]",
    ),
    Picture("backstage-picture-unreadable", "{control}/account", OPERATOR, passing_acts.choose_no_picture),
    Picture("backstage-everywhere", "{control}/account", OPERATOR, press("sign-out-everywhere")),
    Picture("backstage-site-saved", "{control}/site", OPERATOR, passing_acts.done(press("save-site"))),
    Picture(
        "backstage-audit-empty",
        "{control}/audit",
        OPERATOR,
        before=answered(f"{API}audit**", {"entries": [], "next": None}),
        until="[data-testid=empty]",
    ),
    Picture(
        "backstage-door-none",
        DOOR,
        OPERATOR,
        before=told(f"{API}door", {"seen": None}),
        until="[data-testid=no-report]",
    ),
    Picture(
        "backstage-door-held",
        DOOR,
        OPERATOR,
        before=passing_acts.held,
        until="[data-testid=crowd]",
    ),
    Picture("backstage-door-release", DOOR, OPERATOR, press("release"), passing_acts.held),
    Picture("backstage-door-set", DOOR, OPERATOR, passing_acts.set_places),
    Picture(
        "backstage-reports-none",
        "{control}/reports",
        OPERATOR,
        before=answered(f"{API}reports**", {"reports": [], "waiting": 0, "next": None}),
        until="[data-testid=empty]",
    ),
    Picture(
        "backstage-reports-silent",
        "{control}/reports",
        OPERATOR,
        passing_acts.alerted(press("hear")),
        answered(f"{API}reports/*/audio**", "no audio"),
    ),
)
STUDIO = (
    Picture("studio-loading", "{studio}", before=unanswered("**/stage/stream")),
    Picture("studio-consent-private", "{studio_private}", until="[data-testid=consent]"),
    Picture(
        "studio-consent-again",
        "{studio_ahead}",
        act=passing_acts.accept_in_vain,
        before=refused(CONSENT, 409, "conflict", "error.taken_off.terms"),
    ),
    Picture("studio-microphone-asks", "{studio}", act=passing_acts.accept_only, before=passing_acts.unasked),
    Picture(
        "studio-microphone-missing",
        "{studio}",
        act=acts.accept,
        before=MISSING,
    ),
    Picture(
        "studio-microphone-insecure",
        "{control}/studio/{lobby}",
        OPERATOR,
        acts.accept,
        INSECURE,
    ),
    Picture("studio-microphone-insecure-speaker", "{studio}", act=acts.accept, before=INSECURE),
    Picture(
        "studio-early",
        "{control}/studio/{lobby}",
        OPERATOR,
        passing_acts.ask_early,
        Stage({"starts_at": "2031-01-02T01:00:00Z"}).before,
    ),
    Picture("studio-connecting", "{studio}", act=passing_acts.connect, before=unanswered("**/stage/offer")),
    Picture("studio-locked", "{control}/studio/{locked}", OPERATOR, passing_acts.on_line),
    Picture(
        "studio-held",
        "{studio}",
        act=passing_acts.on_line,
        before=Stage(passing_acts.silenced).before,
    ),
    Picture(
        "studio-away",
        "{studio}",
        act=passing_acts.see_reconnecting,
        before=Stage(passing_acts.reconnecting).before,
    ),
    Picture(
        "studio-acting",
        LIVE,
        OPERATOR,
        passing_acts.on_line,
        Stage({"me": {"place": "acting"}}).before,
    ),
    Picture(
        "studio-handed-over",
        LIVE,
        OPERATOR,
        passing_acts.on_line,
        Stage({"me": {"role": "cohost"}}).before,
    ),
    passing_acts.taken_off("studio-off", "error.taken_off.site"),
    Picture(
        "studio-over-ended",
        LIVE,
        OPERATOR,
        before=Stage({"state": "ended", "live": False}).before,
        until=".said-at-once",
    ),
    Picture("captions-waiting", "{control}/captions/{late}", OPERATOR, until="[data-testid=caption-send]"),
    Picture(
        "captions-lost",
        "{captions}",
        act=passing_acts.write_in_vain,
        before=passing_acts.in_vain("POST", "**/captions"),
    ),
)
