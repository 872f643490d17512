"""What a reminder says, in the words of an occasion. Pure.

Nobody knows who stands behind an address: they may have asked while a space was public, or were
uninvited since. So of a space that is private now no title is said, and no time.
"""

from __future__ import annotations

from rostra.bus.messages import SpaceState, Visibility
from rostra.control.reminder_policy import Occasion, Sending
from rostra.core import moments, words


def told(
    language: str, state: SpaceState, sending: Sending, target: SpaceState | None, *, now_ms: int
) -> tuple[str, str]:
    """Return subject and text. ``target``: where it goes on, if that is known."""
    if state.visibility is Visibility.PRIVATE:
        text = "last" if sending.is_last else "text"
        return words.say(language, "mail.told.private.subject"), words.say(
            language, f"mail.told.private.{text}"
        )
    start = moments.local_text(state.starts_at, state.time_zone, now_ms=now_ms, language=language)
    values = {
        "title": state.title,
        "when": f"{start} {moments.zone_text(state.starts_at, state.time_zone)}",
        "target": _open_title(target) if sending.occasion is Occasion.MOVED else "",
    }
    key = f"mail.told.{sending.occasion}"
    return words.say(language, f"{key}.subject", **values), words.say(language, f"{key}.text", **values)


def _open_title(target: SpaceState | None) -> str:
    return "" if target is None or target.visibility is Visibility.PRIVATE else target.title
