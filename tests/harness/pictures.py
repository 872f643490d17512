"""Every state of every page, by name: where it is, who looks, and what they do to see it.

The names are those of ``docs/screens.toml``; the gallery fills the braces of an address.
"""

from __future__ import annotations

from typing import Any

from harness import acts, passing
from harness.passing import IN_LINE
from harness.picture import API, MEMBER, OPERATOR, TITLE, Picture
from harness.picture import event as _event

OVER = ".said-at-once"
UNDRAWN = {"place": "", "line": 1, "reason": "undrawn"}
NARROW = {"places": 500, "reason": "limit_lowered", "per_s": [0.2, 0.0, 0.0]}


def _waiting(space: str, *pictures: tuple[Any, ...]) -> list[Picture]:
    """Each a name, what is done, the place that the door gives, and what it tells of the room."""
    return [
        _event(f"waiting-{name}", space, act, acts.before_the_door(place, *rooms))
        for name, act, place, *rooms in pictures
    ]


LISTENING = (
    Picture("home-empty", "{fresh}/"),
    Picture("home", "{door}/"),
    Picture("home-lost", "{door}/", "", acts.wait_for_the_door, acts.cut_off("**/status.json")),
    Picture("home-offline", "{door}/", "", acts.lose_the_network),
    Picture("host", "{door}/h/olga"),
    *(Picture(page, f"{{door}}/{page}") for page in ("privacy", "imprint", "terms")),
    Picture("nowhere", "{door}/s/nothinghere"),
    *(_event(state, state) for state in ("scheduled", "late", "lobby", "live", "published", "held")),
    *(_event(state, state) for state in ("deleted", "cancelled", "private", "unlisted")),
    Picture("event-held-preview", "{control}/pass/{held}", OPERATOR, until="[data-testid=play]"),
    Picture("event-private-refused", "{door}/s/{private}?pass=not-invited"),
    _event("private-wrong", "private", acts.enter_wrong_passphrase),
    _event("private-unreachable", "private", acts.enter_wrong_passphrase, acts.cut_off("**/pass")),
    _event("armed", "scheduled", acts.listen),
    _event("starting", "live", acts.listen_until("starting"), acts.unanswered("**/join")),
    _event("playing", "live", acts.play),
    _event("captioned", "live", acts.read_captions),
    _event("reacted", "live", acts.react),
    _event("hold", "empty", acts.hear_music),
    _event("hushed", "live", acts.listen_while_on_stage),
    _event("share", "live", acts.share),
    _event("reaching", "live", acts.listen_until("reaching"), acts.cut_off("**/join")),
    _event("offline", "live", acts.lose),
    *_waiting(
        "scheduled",
        ("here", acts.wait_open, acts.RECEIPT, {"drawn": False, "entries": 1830}),
        ("undrawn", acts.wait_until(), UNDRAWN, {"drawn": False, "entries": 1830}),
    ),
    *_waiting(
        "late",
        ("drawn", acts.wait_until(), {"number": 41, **acts.RECEIPT}, {"entries": 1830, "serving": [0, 0, 0]}),
    ),
    *_waiting(
        "live",
        ("fits", acts.wait_until(), {**IN_LINE, "reason": "pace"}, {"empty": 4000}),
        ("line", acts.wait_until(), IN_LINE, {"reserved": {"places": 20, "inside": 7}}),
        ("second", acts.wait_until("[data-testid=why]"), {"number": 40, "line": 1}, {}),
        ("taken", acts.wait_until("[data-testid=taken]"), {**IN_LINE, "link_places": 2}, {"reserved": 20}),
        ("slower", acts.wait_until("[data-testid=why]"), IN_LINE, {}, NARROW),
        ("closed", acts.wait_until("[data-testid=why]"), IN_LINE, {"rung": "door", "closed": True}),
        ("opening", acts.wait_until("[data-testid=why]"), IN_LINE, {"opening": 2000}),
        ("next", acts.wait_until(), {"number": 3, "reason": "owed"}, {}),
        ("called", acts.wait_until(), {"number": 3, "called": True}, {}),
        ("drawing", acts.wait_until(), acts.RECEIPT, {}),
        ("unreachable", acts.wait_in_vain, IN_LINE, {}),
        ("elsewhere", acts.come_in_elsewhere, IN_LINE, {}),
    ),
    _event(
        "waiting-worst",
        "live",
        acts.wait_until("[data-testid=why]"),
        acts.before_the_door(IN_LINE, {"rung": "worst", "reason": "worst_case"}, policy="publish"),
    ),
    _event(
        "waiting-locked",
        "live",
        acts.wait_until("[data-testid=unlock]"),
        acts.at_first(acts.before_the_door(IN_LINE, {}), acts.without_sound_at_first),
    ),
    _event("unplayable", "live", acts.listen_until("unplayable"), acts.without_codecs),
    _event("ask", "live", acts.ask_to_speak),
    _event("asked", "lobby", acts.wait_to_speak),
    _event("accepted", "floor", acts.be_accepted),
    _event("on-stage", "floor", acts.speak),
    _event("rung", "live", before=acts.on_rung("worst"), act=acts.read_rung),
    _event("taken-in", "taken_in"),
    Picture("event-moved", "{door}/s/{moved}?stay"),
    _event("hidden", "hidden"),
    _event("rescheduled", "rescheduled"),
    _event("remind", "rescheduled", acts.remind, acts.reminders_offered),
    _event("reminded", "rescheduled", acts.send_reminder, acts.reminders_offered),
    _event("remind-away", "rescheduled", acts.send_reminder, acts.reminders_away),
    Picture("remind-ask", "{door}/remind?t=never.made"),
    Picture("forget-ask", "{door}/forget?t=never.made"),
    Picture("forget-gone", "{door}/forget?t=never.made", act=acts.press_button),
    _event("report", "live", acts.report),
    _event("report-away", "live", acts.report_in_vain, acts.cut_off("**/report")),
    _event("reported", "live", acts.send_report),
    Picture("event-without-scripts", "{door}/s/{live}", scripts=False),
    Picture("event-published-without-scripts", "{door}/s/{published}", scripts=False),
)
ENTRANCE = (
    Picture("setup", "{setup}", until="[data-testid=go-on]"),
    Picture("setup-name", "{control}/setup?step=2", OPERATOR, until="[data-testid=site-name]"),
    Picture("setup-first", "{control}/setup?step=3", OPERATOR, until="[data-testid=schedule]"),
    Picture("setup-done", "{control}/setup"),
    Picture("backstage-signin", "{control}/signin"),
    Picture("backstage-signin-private", "{control}/signin?next=/pass/{private}"),
    Picture("backstage-refused", "{control}/signin", act=acts.refuse),
    Picture("backstage-invitation", "{invitation}", until="[data-testid=go-on]"),
    Picture("backstage-invitation-used", "{control}/invitation#never-made", until=".notice"),
    Picture("backstage-invitation-none", "{control}/invitation"),
    Picture("backstage-reset", "{reset}", until="[data-testid=go-on]"),
    Picture("backstage-reset-used", "{control}/reset#never-made", until=".notice"),
    Picture("backstage-reset-none", "{control}/reset"),
    Picture("backstage-without-scripts", "{control}/console", until=".late", scripts=False),
)
CONSOLE = (
    Picture("backstage-loading", "{control}/console", OPERATOR, before=acts.unanswered(f"{API}spaces**")),
    Picture(
        "backstage-unreachable",
        "{control}/console",
        OPERATOR,
        before=acts.cut_off(f"{API}spaces**"),
        until="[data-state=unreachable]",
    ),
    Picture("backstage-offline", "{control}/console", OPERATOR, acts.go_offline),
    Picture("backstage-console", "{control}/console", OPERATOR, until=".space"),
    Picture("backstage-console-empty", "{control}/console", MEMBER, until="[data-testid=empty]"),
    Picture("backstage-invited", "{control}/console", "invited", until="[data-testid=invited-to]"),
    Picture("backstage-schedule", "{control}/console", OPERATOR, acts.schedule),
    Picture(
        "backstage-scheduled",
        "{control}/console?scheduled={scheduled}",
        OPERATOR,
        until="[data-testid=scheduled]",
    ),
    Picture("backstage-change", "{control}/console", OPERATOR, acts.in_space("scheduled", "edit")),
    Picture("backstage-links", "{control}/console", OPERATOR, acts.in_space("lobby", "show-links")),
    Picture("backstage-notices", "{control}/console", OPERATOR, acts.in_space("live", "show-notices")),
    Picture("backstage-reserved", "{control}/console", OPERATOR, acts.set_apart),
    Picture("backstage-cancel", "{control}/console", OPERATOR, acts.in_space("scheduled", "cancel")),
    Picture("backstage-move", "{control}/console", OPERATOR, acts.in_space("live", "move")),
    Picture("backstage-release", "{control}/console", OPERATOR, acts.in_space("held", "release")),
    Picture("backstage-hide", "{control}/console", OPERATOR, acts.in_space("scheduled", "operator-hide")),
    Picture(
        "backstage-delete", "{control}/console", OPERATOR, acts.in_space("published", "delete-recording")
    ),
)
HOUSE = (
    Picture("backstage-accounts", "{control}/accounts", OPERATOR, until=".person"),
    Picture("backstage-nobody", "{control}/accounts", OPERATOR, acts.search_in_vain),
    Picture("backstage-invite", "{control}/accounts", OPERATOR, acts.invite),
    Picture("backstage-suspend", "{control}/accounts", OPERATOR, acts.press("suspend")),
    Picture("backstage-account", "{control}/account", OPERATOR, until="[data-testid=save-profile]"),
    Picture("backstage-leave", "{control}/account", OPERATOR, acts.press("delete-account")),
    Picture("backstage-site", "{control}/site", OPERATOR, until="[data-testid=save-site]"),
    Picture("backstage-site-refused", "{control}/site", MEMBER, until=".notice"),
    Picture("backstage-reports", "{control}/reports", OPERATOR, until="[data-testid=report]"),
    Picture("backstage-verdict", "{control}/reports", OPERATOR, acts.press("hidden")),
    Picture("backstage-reports-refused", "{control}/reports", MEMBER, until=".notice"),
    Picture("report-open", "{report_open}", until="[data-testid=outcome]"),
    Picture("report-handled", "{report_handled}", until="[data-testid=outcome]"),
    Picture("report-none", "{control}/report"),
    Picture("backstage-door", "{control}/door", OPERATOR, until="[data-testid=crowd]"),
    Picture("backstage-door-notices", "{control}/door", OPERATOR, acts.tell_from_the_door),
    Picture("backstage-door-hold", "{control}/door", OPERATOR, acts.order_worst),
    Picture("backstage-door-refused", "{control}/door", MEMBER, until=".notice"),
    Picture("backstage-audit", "{control}/audit", OPERATOR, until="td"),
    Picture("backstage-audit-space", "{control}/audit?space={published}", OPERATOR, until="td"),
)
STUDIO = (
    Picture("studio-refused", "{control}/studio/{lobby}#k=never-made", until="[data-testid=refused]"),
    Picture("studio-no-link", "{control}/studio/{lobby}", until="[data-testid=refused]"),
    Picture("studio-consent", "{studio_unread}", until="[data-testid=consent]"),
    Picture("studio-ahead", "{studio_ahead}", until="[data-testid=check]"),
    Picture("studio-check", "{studio}", act=acts.check),
    Picture("studio-checked", "{studio}", act=acts.check_all),
    Picture("studio-check-blocked", "{studio}", act=acts.check_in_vain, before=acts.without_ways),
    Picture("studio-microphone", "{studio}", act=acts.accept),
    Picture(
        "studio-microphone-blocked",
        "{studio}",
        act=acts.accept,
        before=acts.without_microphone("NotAllowedError"),
    ),
    Picture("studio-microphone-none", "{studio}", act=acts.accept, before=acts.without_microphone("")),
    Picture("studio-stage", "{studio}", act=acts.join),
    Picture("studio-muted", "{studio}", act=acts.mute),
    Picture("studio-hold", "{studio}", act=acts.push_to_talk),
    Picture("studio-called", "{studio}", act=acts.be_called, before=acts.keep_microphone),
    Picture("studio-broken", "{studio}", act=acts.join_in_vain, before=acts.cut_off("**/stage/offer")),
    Picture("studio-live", "{control}/studio/{live}", OPERATOR, acts.join),
    Picture("captions", "{captions}", act=acts.write_caption),
    Picture("captions-refused", "{control}/captions/{live}", until=TITLE),
    Picture("captions-over", "{control}/captions/{published}", OPERATOR, until=TITLE),
    Picture("captions-over-deleted", "{control}/captions/{deleted}", OPERATOR, until=TITLE),
    Picture("captions-over-cancelled", "{control}/captions/{cancelled}", OPERATOR, until=TITLE),
    Picture("studio-unfolded", "{control}/studio/{live}", OPERATOR, acts.unfold_rest),
    Picture("studio-floor", "{control}/studio/{live}", OPERATOR, acts.run_the_floor),
    Picture("studio-acts", "{control}/studio/{live}", OPERATOR, acts.unfold_acts),
    Picture("studio-block", "{control}/studio/{live}", OPERATOR, acts.ask_to_block),
    Picture("studio-end", "{control}/studio/{live}", OPERATOR, acts.ask_to_end),
    Picture("studio-over", "{control}/studio/{published}", OPERATOR, until=OVER),
    Picture("studio-over-held", "{control}/studio/{held}", OPERATOR, until=OVER),
    Picture("studio-over-deleted", "{control}/studio/{deleted}", OPERATOR, until=OVER),
    Picture("studio-over-cancelled", "{control}/studio/{cancelled}", OPERATOR, until=OVER),
)
DOOR = (*LISTENING, *passing.LISTENING)
BACKSTAGE = (*ENTRANCE, *CONSOLE, *HOUSE, *passing.ENTRANCE, *passing.HOUSE)
ON_STAGE = (*STUDIO, *passing.STUDIO)
PICTURES = (*DOOR, *BACKSTAGE, *ON_STAGE)
