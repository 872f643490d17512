"""Type for drawn images: Noto Sans, which ships with us, then what this machine has, per character.

A character that the first font lacks is taken from the next (Chinese, say, where the machine has
such a font); one that none has (an emoji) is left out.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import groupby

import fontpkg_noto_sans
from PIL import ImageDraw, ImageFont

_OURS = fontpkg_noto_sans.ROOT / "files" / "NotoSans[wdth,wght].ttf"
_BOLD = [700, 100]
"""Weight and width in per cent: the font's axes ``wght`` and ``wdth``, in its own order."""
_FAMILIES = (
    "NotoSansCJK-Bold.ttc",
    "NotoSansArabic-Bold.ttf",
    "NotoSansHebrew-Bold.ttf",
    "DejaVuSans-Bold.ttf",
)
_NOWHERE = "\U0010fffe"
"""A noncharacter: every font answers with its box for missing characters."""


@dataclass(eq=False)
class Face:
    """One font file, and what it can draw."""

    path: str
    axes: list[float] = field(default_factory=list)
    """Where on its axes, for a variable font."""
    _known: dict[str, bool] = field(default_factory=dict)
    _sizes: dict[int, ImageFont.FreeTypeFont] = field(default_factory=dict)
    _missing: tuple[tuple[int, int], bytes] | None = None

    def at(self, size: int) -> ImageFont.FreeTypeFont:
        """Return the font at ``size`` pixels."""
        font = self._sizes.get(size)
        if font is None:
            font = self._sizes[size] = ImageFont.truetype(self.path, size)
            if self.axes:
                font.set_variation_by_axes(self.axes)
        return font

    def has(self, char: str) -> bool:
        """Whether the font holds ``char``: what it draws is not its box for missing characters."""
        if char not in self._known:
            self._known[char] = char.isspace() or self._drawn(char) != self._drawn_missing()
        return self._known[char]

    def _drawn_missing(self) -> tuple[tuple[int, int], bytes]:
        if self._missing is None:
            self._missing = self._drawn(_NOWHERE)
        return self._missing

    def _drawn(self, char: str) -> tuple[tuple[int, int], bytes]:
        mask = self.at(32).getmask(char)
        return mask.size, bytes(mask)


class Typeface:
    """Measures and draws lines of text with whatever faces there are."""

    def __init__(self, faces: tuple[Face, ...]) -> None:
        self._faces = faces

    def readable(self, text: str) -> str:
        """Return ``text`` with only what can be drawn, accents dropped where no face has them."""
        drawn = "".join(self._drawable(char) for char in unicodedata.normalize("NFC", text))
        return " ".join(drawn.split())

    def width(self, text: str, size: int) -> float:
        """Return the width in pixels of a line of :meth:`readable` text."""
        return sum(face.at(size).getlength(run) for face, run in self._runs(text))

    def draw(self, on: ImageDraw.ImageDraw, at: tuple[float, float], text: str, size: int, fill: str) -> None:
        """Draw a line of :meth:`readable` text, its baseline's left end at ``at``."""
        x, y = at
        for face, run in self._runs(text):
            on.text((x, y), run, font=face.at(size), fill=fill, anchor="ls")
            x += face.at(size).getlength(run)

    def _runs(self, text: str) -> list[tuple[Face, str]]:
        return [(face, "".join(chars)) for face, chars in groupby(text, key=self._face)]

    def _face(self, char: str) -> Face:
        return next((face for face in self._faces if face.has(char)), self._faces[0])

    def _drawable(self, char: str) -> str:
        if char.isspace():
            return " "
        if any(face.has(char) for face in self._faces):
            return char if char.isprintable() else ""
        plain = unicodedata.normalize("NFKD", char)
        return "".join(part for part in plain if part.isprintable() and any(f.has(part) for f in self._faces))


@lru_cache(maxsize=1)
def typeface() -> Typeface:
    """Return our font with this machine's behind it; looked for once."""
    others = (Face(path) for path in map(_locate, _FAMILIES) if path is not None)
    return Typeface((our_face(), *others))


def our_face() -> Face:
    """The font that is there on every machine: Latin, Greek, Cyrillic and more."""
    return Face(str(_OURS), [*_BOLD])


def _locate(name: str) -> str | None:
    try:
        return str(ImageFont.truetype(name, 16).path)
    except OSError:
        return None
