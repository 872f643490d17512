"""The site's own colour in place of the built-in one, as a small style sheet. Pure.

An address of its own, because pages allow no style inside them; the colour is checked here, so
that nothing else ever stands in the sheet.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_SHAPE = re.compile(r"#[0-9a-f]{6}")
_INKS = ("#17140a", "#ffffff", "#000000")
"""The built-in ink first; pure black because it or white is read on any colour at all."""
_READABLE = 4.5
"""WCAG 2.2, 1.4.3."""
_SEEN = 3.0
"""WCAG 2.2, 1.4.11: for what tells something without words."""
_DARK_POSTER = "#191710"
"""As in ``web/src/look/tokens.css``."""
_SHEET = """\
:root {{ --lamp: {color}; --on-lamp: {ink}; }}
@media not (prefers-color-scheme: dark) {{
  body.event {{
    --poster: {color}; --poster-ink: {ink}; --poster-soft: {ink}; --poster-line: {ink}40;
    --seat: {ink}33; --seat-lit: {ink};
    --button: {ink}; --on-button: {color}; --disc: {ink}; --on-disc: {color};
  }}
}}
@media (prefers-color-scheme: dark) {{
  :root {{
    --seat: {mark}55; --seat-lit: {mark};
    --button: {mark}; --on-button: {on_mark}; --disc: {mark}; --on-disc: {on_mark};
  }}
}}
"""


@dataclass(frozen=True, slots=True)
class Accent:
    """A colour, and the ink that is read best on it."""

    color: str
    ink: str

    @classmethod
    def of(cls, color: str) -> Accent | None:
        """Return the accent of ``#rrggbb``; None for anything else."""
        color = color.lower()
        if _SHAPE.fullmatch(color) is None:
            return None
        return cls(color, _ink_on(color))

    @property
    def mark(self) -> str:
        """What shows in the dark who speaks, how full it is and what to press."""
        return self.lit_on(_DARK_POSTER, _SEEN)

    def lit_on(self, dark: str, ratio: float = _READABLE) -> str:
        """The colour, with as much white as it takes to have this contrast with a ``dark`` one."""
        shades = (mixed(self.color, "#ffffff", tenths / 10) for tenths in range(11))
        return next(shade for shade in shades if contrast(shade, dark) >= ratio)

    @property
    def href(self) -> str:
        """Where the sheet is; another colour is another address."""
        return f"/site.css?v={self.color[1:]}"

    @property
    def sheet(self) -> bytes:
        """The style sheet."""
        mark = self.mark
        return _SHEET.format(color=self.color, ink=self.ink, mark=mark, on_mark=_ink_on(mark)).encode()


def mixed(one: str, other: str, share: float) -> str:
    """``one`` with a ``share`` (0 to 1) of ``other``, both ``#rrggbb``."""
    parts = zip(bytes.fromhex(one[1:]), bytes.fromhex(other[1:]), strict=True)
    return f"#{bytes(round(a + (b - a) * share) for a, b in parts).hex()}"


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours (WCAG 2.2, 1 to 21)."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _ink_on(color: str) -> str:
    return next(ink for ink in _INKS if contrast(color, ink) >= _READABLE)


def _luminance(color: str) -> float:
    red, green, blue = (_linear(int(color[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)
