"""Type for drawn images: the best fonts this machine has, one character at a time.

A character that the first font lacks is taken from the next; one that none has (an emoji) is left
out. On a machine without fonts Pillow's own stands in, and letters lose their accents.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import groupby

from PIL import ImageDraw, ImageFont

_FAMILIES = (
    "Inter-Bold.ttf",
    "OpenSans-Bold.ttf",
    "NotoSans-Bold.ttf",
    "LiberationSans-Bold.ttf",
    "DejaVuSans-Bold.ttf",
    "NotoSansCJK-Bold.ttc",
)
_NOWHERE = "\U0010fffe"
"""A noncharacter: every font answers with its box for missing characters."""
_PLAIN = {
    "ß": "ss",
    "ø": "o",
    "Ø": "O",
    "ł": "l",
    "Ł": "L",
    "æ": "ae",
    "Æ": "AE",
    "đ": "d",
    "Đ": "D",
    "ı": "i",
}
_PLAIN |= {
    "“": '"',
    "”": '"',
    "„": '"',
    "’": "'",
    "‘": "'",
    "–": "-",
    "—": "-",
    "−": "-",
    "…": "...",
    "·": "-",
}

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


@dataclass(eq=False)
class Face:
    """One font file, and what it can draw."""

    path: str | None
    """None: Pillow's own font."""
    _known: dict[str, bool] = field(default_factory=dict)
    _sizes: dict[int, Font] = field(default_factory=dict)
    _missing: tuple[tuple[int, int], bytes] | None = None

    def at(self, size: int) -> Font:
        """Return the font at ``size`` pixels."""
        font = self._sizes.get(size)
        if font is None:
            font = ImageFont.load_default(size) if self.path is None else ImageFont.truetype(self.path, size)
            self._sizes[size] = font
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
        plain = _PLAIN.get(char) or unicodedata.normalize("NFKD", char)
        return "".join(part for part in plain if part.isprintable() and any(f.has(part) for f in self._faces))


@lru_cache(maxsize=1)
def system_typeface() -> Typeface:
    """Look for the fonts of this machine, once."""
    found = tuple(Face(path) for path in map(_locate, _FAMILIES) if path is not None)
    return Typeface(found or (Face(None),))


def _locate(name: str) -> str | None:
    try:
        return str(ImageFont.truetype(name, 16).path)
    except OSError:
        return None
