"""Pictures of states that pass quickly, or that servers are in only when something is wrong with them.

The names are those of ``docs/screens.toml``. What such a server says is told in its place.
"""

from __future__ import annotations

from harness import acts, house_acts, passing_acts, studio_acts
from harness.acts import at_first, cut_off, press, unanswered
from harness.answers import SOON, Stage, answered, refused, told
from harness.picture import API, MEMBER, OPERATOR, TITLE, Picture, event

STATUS = "**/status.json"
SITE = f"{API}site"
OPEN = {"open_sign_up": True}
SESSION = f"{API}session"
CONSENT = "**/stage/consent"
IN_LINE = {"number": 411}
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
EARLY = {"starts_at": 1_925_000_000_000, **SOON}
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
    event("invited", "live", passing_acts.be_invited, passing_acts.signed_in_and_seated),
    event("seated", "live", press("ask"), told("**/floor/me", passing_acts.SEATED)),
    *(
        event(name, "lobby", passing_acts.be_answered(state), passing_acts.answers_all(state))
        for name, state in (("declined", "declined"), ("ask-blocked", "blocked"))
    ),
    event("stepped-down", "floor", passing_acts.step_down),
    event(
        "private-busy", "private", acts.enter_wrong_passphrase, refused("**/pass", 429, "too_many_requests")
    ),
    Picture("event-private-without-scripts", "{door}/s/{private}", scripts=False),
    Picture("host-quiet", "{door}/h/ann"),
    Picture("host-verified", "{door}/h/ivy"),
    Picture("event-long-words", "{door}/s/{of_invited}"),
    Picture("unwritten", "{fresh}/imprint"),
    Picture("starting", "{unready}/", before=passing_acts.once),
    event("lost", "lost"),
    event("waiting-new", "live", passing_acts.come_back_late, acts.before_the_door(IN_LINE, {})),
    event("catching-up", "live", passing_acts.fall_behind),
    event("dry", "live", passing_acts.run_dry),
    event("moving", "live", passing_acts.hear_of_a_move, told(STATUS, SOON)),
    event("early", "live", before=told(STATUS, EARLY), until="#lasted:not(:empty)"),
    event("remind-forgotten", "rescheduled", passing_acts.forget_by_press, acts.reminders_offered),
    Picture(
        "event-pass-ended",
        "{door}/s/{private}",
        OPERATOR,
        passing_acts.lose_the_pass,
        told(STATUS, SOON),
    ),
    Picture("remind-done", "{remind}", act=acts.press_button),
    Picture("forget-done", "{door}/s/{scheduled}", act=passing_acts.forget_by_link),
    Picture("remind-away", "{unready}/remind?t=never.made", act=passing_acts.press_in_vain),
)

ENTRANCE = (
    Picture("setup-token", "{fresh_control}/setup", until="form"),
    Picture(
        "backstage-invitation-early",
        "{fresh_control}/invitation#made-early",
        before=refused(f"{API}invitations/look", 409, "conflict", "error.conflict.not_set_up"),
        until=".notice",
    ),
    Picture("backstage-signin-open", "{control}/signin", before=told(SITE, OPEN)),
    Picture("backstage-sign-up", "{control}/invitation", before=told(SITE, OPEN), until="form"),
    Picture("backstage-signin-mail", "{control}/signin", before=told(SITE, {"mail": True})),
    Picture(
        "backstage-signin-busy",
        "{control}/signin",
        act=acts.refuse,
        before=refused(SESSION, 429, BUSY, ASKED_TOO_OFTEN),
    ),
    Picture("backstage-signin-suspended", "{control}/signin", act=house_acts.sign_in_suspended),
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
        act=house_acts.ask_for_link,
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
        house_acts.change_password,
        answered(f"{API}account/password", house_acts.PROOF_NEEDED, method="PUT", status=403),
    ),
    Picture(
        "backstage-unnamed",
        CONSOLE,
        OPERATOR,
        before=told(SITE, {"named": False}),
        until="[data-testid=unnamed]",
    ),
    Picture(
        "backstage-unled",
        CONSOLE,
        OPERATOR,
        before=house_acts.unled,
        until="[data-testid=unled]",
    ),
    Picture(
        "backstage-notice-posted",
        CONSOLE,
        OPERATOR,
        house_acts.post_notice,
        house_acts.takes_notices,
    ),
    Picture("backstage-saved", "{control}/account", OPERATOR, passing_acts.done(press("save-profile"))),
    Picture(
        "backstage-account-insecure",
        "{control}/account",
        OPERATOR,
        before=passing_acts.insecure,
        until="[data-testid=save-profile]",
    ),
    Picture("backstage-picture-unreadable", "{control}/account", OPERATOR, house_acts.choose_no_picture),
    Picture(
        "backstage-token-made", "{control}/account", OPERATOR, house_acts.make_token, house_acts.one_token
    ),
    Picture(
        "backstage-token-remove", "{control}/account", OPERATOR, press("remove-token"), house_acts.one_token
    ),
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
        before=house_acts.held,
        until="[data-testid=crowd]",
    ),
    Picture("backstage-door-release", DOOR, OPERATOR, press("release"), house_acts.held),
    Picture("backstage-door-set", DOOR, OPERATOR, house_acts.set_places),
    Picture("backstage-door-unset", DOOR, OPERATOR, press("unset-places"), house_acts.set_by_hand),
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
    Picture("backstage-signed-out", CONSOLE, OPERATOR, house_acts.be_signed_out, until=".space"),
    Picture("backstage-no-date", CONSOLE, OPERATOR, house_acts.write_no_date),
    Picture("backstage-passes-ended", CONSOLE, OPERATOR, house_acts.end_passes),
    Picture("backstage-link-back", CONSOLE, OPERATOR, house_acts.take_link_back),
    Picture("backstage-lost", CONSOLE, OPERATOR, until="[data-testid=space][data-state=ended]"),
    Picture("backstage-held-speaker", CONSOLE, "moderator", until="[data-testid=space][data-state=held]"),
    Picture(
        "backstage-invitation-mailed",
        "{control}/accounts",
        OPERATOR,
        house_acts.mail_invitation,
        answered(f"{API}accounts/invitations", house_acts.MAILED, method="POST", status=201),
    ),
    Picture("backstage-people-changed", "{control}/accounts", OPERATOR, house_acts.change_people),
    Picture("backstage-passkey-here", "{by_name}/account", MEMBER, house_acts.add_passkey_again),
    Picture("backstage-passkey-remove", "{by_name}/account", MEMBER, house_acts.remove_passkey),
)

STUDIO = (
    Picture("studio-loading", "{studio}", before=unanswered("**/stage/stream")),
    Picture("studio-consent-private", "{studio_private}", until="[data-testid=consent]"),
    Picture(
        "studio-consent-again",
        "{studio_ahead}",
        act=studio_acts.accept_in_vain,
        before=refused(CONSENT, 409, "conflict", "error.taken_off.terms"),
    ),
    Picture("studio-leave", "{control}/studio/{live}", OPERATOR, studio_acts.ask_to_leave),
    Picture("studio-left", "{studio}", act=studio_acts.leave),
    Picture("studio-again", "{studio}", act=studio_acts.come_again),
    Picture("studio-microphone-asks", "{studio}", act=studio_acts.accept_only, before=studio_acts.unasked),
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
        studio_acts.ask_early,
        Stage({"starts_at": "2031-01-02T01:00:00Z"}).before,
    ),
    Picture("studio-connecting", "{studio}", act=studio_acts.connect, before=unanswered("**/stage/offer")),
    Picture("studio-locked", "{control}/studio/{locked}", OPERATOR, studio_acts.on_line),
    Picture(
        "studio-held",
        "{studio}",
        act=studio_acts.on_line,
        before=Stage(studio_acts.silenced).before,
    ),
    Picture(
        "studio-away",
        "{studio}",
        act=studio_acts.see_reconnecting,
        before=Stage(studio_acts.reconnecting).before,
    ),
    Picture(
        "studio-acting",
        LIVE,
        OPERATOR,
        studio_acts.on_line,
        Stage({"me": {"place": "acting"}}).before,
    ),
    Picture(
        "studio-handed-over",
        LIVE,
        OPERATOR,
        studio_acts.on_line,
        Stage({"me": {"role": "cohost"}}).before,
    ),
    studio_acts.taken_off("studio-off", "error.taken_off.site"),
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
        act=studio_acts.write_in_vain,
        before=passing_acts.in_vain("POST", "**/captions"),
    ),
    Picture("studio-name-taken", "{studio_namesake}", act=studio_acts.accept_in_vain),
    Picture("studio-crowd", LIVE, OPERATOR, studio_acts.on_line, Stage(studio_acts.CROWD).before),
    Picture("studio-reactions", LIVE, OPERATOR, studio_acts.on_line, Stage(studio_acts.REACTIONS).before),
    Picture("studio-off-air", LIVE, OPERATOR, studio_acts.on_line, Stage(studio_acts.OFF_AIR).before),
    Picture("studio-moved", LIVE, OPERATOR, studio_acts.on_line, Stage(studio_acts.MOVED).before),
    Picture("studio-coming", LIVE, OPERATOR, studio_acts.on_line, Stage(studio_acts.COMING).before),
    Picture("studio-unreachable", "{studio}", act=studio_acts.lose_backstage, before=Stage({}).before),
    Picture("studio-unplugged", "{studio}", act=studio_acts.unplug, before=acts.keep_microphone),
    Picture("studio-tap", "{studio}", act=studio_acts.be_kept_silent, before=acts.without_sound_at_first),
    Picture("studio-other-tab", LIVE, OPERATOR, studio_acts.come_by_another_tab),
    Picture("studio-over-lost", "{control}/studio/{lost}", OPERATOR, until="[data-testid=lost]"),
    Picture("captions-over-held", "{control}/captions/{held}", OPERATOR, until=TITLE),
    Picture(
        "captions-over-ended",
        "{control}/captions/{live}",
        OPERATOR,
        before=told(f"{API}spaces/*/captions", {"state": "ended", "live": False}),
        until=TITLE,
    ),
)
