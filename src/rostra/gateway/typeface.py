"""Type for drawn images: Noto Sans, which ships with us, then what this machine has, per character.

A character that the first font lacks is taken from the next (Chinese, say, where the machine has
such a font); one that none has (an emoji) is left out. What runs to the left is drawn so.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import groupby

import fontpkg_noto_sans
from PIL import ImageDraw, ImageFont, features

from rostra.gateway import bidi

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
_JOINERS = "\u200c\u200d"
"""Whether two letters are written as one; of emoji they make one picture, which no face has."""
_DIRECTIONS = "\u200e\u200f\u061c"
"""Marks that say which way what is beside them runs."""
_INVISIBLE = frozenset(_JOINERS + _DIRECTIONS)
_SHAPES = features.check("raqm")
"""Whether Pillow joins letters and turns them around: it needs the system's FriBiDi for it."""
_UNDRAWN = dict.fromkeys(map(ord, _DIRECTIONS if _SHAPES else _INVISIBLE))


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
        """Return ``text`` with only what can be drawn, accents dropped where no face has them.

        What follows a character, such as an accent or what joins it to the next, goes where that goes.
        """
        kept = between = ""
        stands = False
        for char in unicodedata.normalize("NFC", text):
            if _is_variation(char) or (_is_mark(char) and not stands):
                continue
            if char in _JOINERS:
                kept += char if stands and _is_of_word(kept[-1]) else ""
            elif char in _DIRECTIONS:
                between += char
            elif char.isspace():
                between += " " if kept and " " not in between else ""
                stands = False
            else:
                drawn = self._drawable(char)
                kept, between = (kept + between + drawn, "") if drawn else (kept, between)
                stands = bool(drawn) or (stands and _is_mark(char))
        return kept + between.replace(" ", "")

    def width(self, text: str, size: int) -> float:
        """Return the width in pixels of a line of :meth:`readable` text."""
        return sum(run.width(size) for run in self._runs(text))

    def draw(
        self,
        on: ImageDraw.ImageDraw,
        at: tuple[float, float],
        text: str,
        size: int,
        fill: str,
        *,
        right_to_left: bool | None = None,
    ) -> None:
        """Draw a line of :meth:`readable` text, its baseline's left end at ``at``.

        ``right_to_left`` is how the paragraph runs of which it is a line; None: it is all of it.
        """
        x, y = at
        for run in self._runs(text, right_to_left):
            run.draw(on, (x, y), size, fill)
            x += run.width(size)

    def _runs(self, text: str, right_to_left: bool | None = None) -> list[_Run]:
        """Return the line in runs of one face and one direction, from left to right."""
        base = bidi.is_right_to_left(text) if right_to_left is None else right_to_left
        levels = bidi.levels(text, right_to_left=base)
        alike = groupby(zip(text, self._faces_of(text), levels, strict=True), key=lambda each: each[1:])
        runs = [_Run(face, "".join(char for char, *_ in each), level) for (face, level), each in alike]
        return [runs[at] for at in bidi.in_sight([run.level for run in runs])]

    def _faces_of(self, text: str) -> Iterator[Face]:
        """Yield each character's face: what belongs to the one before, and a space, stay in its face."""
        face: Face | None = None
        for char in text:
            stays = char in _INVISIBLE or ((char == " " or _is_mark(char)) and face and face.has(char))
            if face is None or not stays:
                face = self._face(char)
            yield face

    def _face(self, char: str) -> Face:
        return next((face for face in self._faces if face.has(char)), self._faces[0])

    def _drawable(self, char: str) -> str:
        if any(face.has(char) for face in self._faces):
            return char if char.isprintable() else ""
        plain = unicodedata.normalize("NFKD", char)
        had = (part for part in plain if part.isprintable() and any(face.has(part) for face in self._faces))
        return "".join(had).strip()


@dataclass(frozen=True, slots=True)
class _Run:
    """Characters of one face and one level, as written."""

    face: Face
    text: str
    level: int

    def width(self, size: int) -> float:
        shown, direction = self._shown()
        return self.face.at(size).getlength(shown, direction=direction)

    def draw(self, on: ImageDraw.ImageDraw, at: tuple[float, float], size: int, fill: str) -> None:
        shown, direction = self._shown()
        on.text(at, shown, font=self.face.at(size), fill=fill, anchor="ls", direction=direction)

    def _shown(self) -> tuple[str, str | None]:
        """Return what to draw, and its direction where letters are shaped; else it is turned around here."""
        text, leftwards = self.text.translate(_UNDRAWN), self.level % 2 == 1
        if _SHAPES:
            return text, "rtl" if leftwards else "ltr"
        return bidi.turned(text) if leftwards else text, None


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


def _is_variation(char: str) -> bool:
    """Whether it only says how the one before it looks, such as in colour (Unicode 23.4)."""
    return "\ufe00" <= char <= "\ufe0f" or "\U000e0100" <= char <= "\U000e01ef"


def _is_mark(char: str) -> bool:
    return unicodedata.category(char)[0] == "M"


def _is_of_word(char: str) -> bool:
    return unicodedata.category(char)[0] in "LM"
