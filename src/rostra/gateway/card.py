"""The picture of an announced space, 1200 × 630 PNG, as link previews show it.

Draws only: a card's content in, bytes out. The title shrinks and wraps until all of it fits. Nothing is
cut off but the end of a site's name that is too long beside the label. Takes some 100 ms, so call it
from a thread.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO

from PIL import Image, ImageChops, ImageDraw

from rostra.bus.messages import Lifecycle, SpaceState, Visibility
from rostra.core import moments, words
from rostra.core.ids import SpaceId
from rostra.gateway.accent import Accent, mixed
from rostra.gateway.bidi import is_right_to_left
from rostra.gateway.status import people
from rostra.gateway.typeface import Typeface, typeface

WIDTH, HEIGHT = 1200, 630
_MARGIN = 72
_INK, _LAMP, _PAPER, _SOFT = "#100f0a", "#ffc91f", "#fbf3dc", "#c9bd9a"
_GLOW = 0.37
"""How much of the lamp's colour is around the stage."""
_STAGE = (WIDTH - 250, HEIGHT + 24)
_FINE = 2
"""Round things are drawn so much larger and scaled down: Pillow does not smooth edges."""
_TITLE_SIZES = (96, 88, 80, 72, 64, 56, 48, 42, 36, 30, 26, 22, 18, 15, 12)
_TITLE_TOP, _TITLE_HEIGHT = 128, 296
_SITE_SIZES = (34, 30, 26, 22)
_GAP = 24
"""Between the site's name and the label."""
_NAMES_SIZES = (38, 34, 30)
_TINY_SIZES = (26, 22, 18, 14, 10)
"""For one very long name."""
_NAMES_WIDTH = 760
"""Short of the brightest seats."""
_LEADING = 1.12
_LABELS = {
    Lifecycle.CANCELLED: "event.pill.cancelled",
    Lifecycle.ENDED: "event.pill.published",
    Lifecycle.PUBLISHED: "event.pill.published",
    Lifecycle.HELD: "event.pill.held",
    Lifecycle.DELETED: "event.pill.deleted",
}
_MOST_CHARS = 600
"""Longer titles than control lets pass; bounds the work, not the design."""


@dataclass(frozen=True, slots=True)
class Card:
    """What a card says. Two equal cards are the same picture."""

    space: SpaceId
    site_name: str
    title: str
    names: tuple[str, ...]
    when: str
    label: str
    private: bool = False
    """Only for who has a pass: no cache on the way keeps it."""
    findable: bool = True
    """Search engines may show it."""
    language: str = words.ENGLISH
    color: str = ""
    """The site's own, ``#rrggbb``; empty for the built-in one."""

    @classmethod
    def of(cls, state: SpaceState, *, site_name: str, color: str = "", language: str = words.ENGLISH) -> Card:
        """Return the card of a space in a language."""
        return cls(
            state.space,
            site_name,
            state.title,
            people(state, language),
            _when(state, language),
            words.say(language, _label(state)),
            private=state.visibility is Visibility.PRIVATE,
            findable=state.visibility is Visibility.PUBLIC,
            language=language,
            color=color,
        )

    @classmethod
    def of_site(cls, site_name: str, *, color: str = "") -> Card:
        """Return the card that tells of no space: of lists, and of what is private."""
        return cls(SpaceId(""), site_name, site_name, (), "", "", color=color)

    @property
    def lamp(self) -> str:
        """The colour of what shines: the site's own, as light as it must be to be read on the dark."""
        accent = Accent.of(self.color)
        return accent.lit_on(_INK) if accent else _LAMP


def _label(state: SpaceState) -> str:
    return "event.pill.lost" if state.is_lost else _LABELS.get(state.lifecycle, "door.card.label")


def draw(card: Card) -> bytes:
    """Return the card as a PNG."""
    image = _house(card.lamp).copy()
    canvas = ImageDraw.Draw(image)
    face = typeface()
    _draw_header(canvas, face, card)
    _draw_title(canvas, face, card.title)
    _draw_footer(canvas, face, card)
    output = BytesIO()
    image.save(output, "PNG")
    return output.getvalue()


def wrap(face: Typeface, text: str, size: int, width: float) -> list[str]:
    """Break ``text`` into lines of at most ``width`` pixels, inside a word only where one is wider."""
    lines: list[str] = []
    line = ""
    for word in text.split():
        longer = f"{line} {word}" if line else word
        if face.width(longer, size) <= width:
            line = longer
            continue
        if line:
            lines.append(line)
        *whole, line = _pieces(face, word, size, width)
        lines += whole
    return [*lines, line] if line else lines


def fit(face: Typeface, text: str, *, width: float, height: float) -> tuple[int, list[str]]:
    """Return the largest size, and its lines, at which all of ``text`` stands in the box.

    A size at which a word would be broken is passed over while a smaller one is still easy to read.
    """
    for size in _TITLE_SIZES:
        lines = wrap(face, text, size, width)
        broken = any(face.width(word, size) > width for word in text.split())
        if len(lines) * size * _LEADING <= height and not (broken and size > 42):
            return size, lines
    return _TITLE_SIZES[-1], wrap(face, text, _TITLE_SIZES[-1], width)


def shorten(face: Typeface, text: str, *, sizes: Sequence[int], width: float) -> tuple[int, str]:
    """Return the largest of ``sizes`` that lets ``text`` in, and it; at the least, as much as fits."""
    for size in sizes:
        if face.width(text, size) <= width:
            return size, text
    least = sizes[-1]
    while face.width(f"{text}…", least) > width:
        text = text[:-1].rstrip()
    return least, f"{text}…"


def _pieces(face: Typeface, word: str, size: int, width: float) -> list[str]:
    pieces = [""]
    for char in word:
        if pieces[-1] and face.width(pieces[-1] + char, size) > width:
            pieces.append("")
        pieces[-1] += char
    return pieces


@lru_cache(maxsize=1)
def _house(lamp: str) -> Image.Image:
    """Draw what is behind the words: rows of seats around a lit stage, fading into the dark. Copy it."""
    image = Image.new("RGB", (WIDTH, HEIGHT), _INK)
    glow = ImageChops.invert(Image.radial_gradient("L").resize((2200, 1600)))
    # Pillow's gradient reaches its end in the corners only: cut to what is black at the edges too.
    glow = glow.point([max(0, level - 75) ** 2 // 128 for level in range(256)])
    image.paste(mixed(_INK, lamp, _GLOW), (_STAGE[0] - 1100, _STAGE[1] - 800), glow)
    lights = Image.new("L", (WIDTH * _FINE, HEIGHT * _FINE), 0)
    _draw_seats(ImageDraw.Draw(lights))
    _draw_mark(ImageDraw.Draw(lights))
    image.paste(lamp, (0, 0), lights.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS))
    return image


def _draw_seats(lights: ImageDraw.ImageDraw) -> None:
    for row in range(6):
        seats = 7 + row * 4
        for seat in range(seats):
            angle = math.pi * (seat + 0.5) / seats
            _dot(lights, _STAGE, 90 + row * 46, angle, radius=7, brightness=225 - row * 36)


def _draw_mark(lights: ImageDraw.ImageDraw) -> None:
    """Draw the site's mark: two rows of seats and the edge of a stage."""
    centre = (_MARGIN + 24, 86)
    for radius, seats in ((22, 8), (11, 4)):
        for seat in range(seats):
            _dot(lights, centre, radius, math.pi * (seat + 0.5) / seats, radius=3, brightness=255)
    left, top = (centre[0] - 22) * _FINE, (centre[1] + 5) * _FINE
    lights.rounded_rectangle((left, top, left + 44 * _FINE, top + 5 * _FINE), 2 * _FINE, fill=255)


def _dot(
    lights: ImageDraw.ImageDraw,
    centre: tuple[int, int],
    distance: float,
    angle: float,
    *,
    radius: float,
    brightness: int,
) -> None:
    x, y = centre[0] - distance * math.cos(angle), centre[1] - distance * math.sin(angle)
    lights.ellipse([(part + side * radius) * _FINE for side in (-1, 1) for part in (x, y)], fill=brightness)


def _draw_header(canvas: ImageDraw.ImageDraw, face: Typeface, card: Card) -> None:
    site, label = face.readable(card.site_name), face.readable(card.label).upper()
    left, right, baseline = _MARGIN + 62, WIDTH - _MARGIN, 92
    room: float = right - left
    if label:
        box = right - face.width(label, 22) - 36
        canvas.rounded_rectangle((box, baseline - 36, right, baseline + 12), 24, outline=card.lamp, width=2)
        face.draw(canvas, (box + 18, baseline - 4), label, 22, card.lamp)
        room = box - _GAP - left
    size, site = shorten(face, site, sizes=_SITE_SIZES, width=room)
    face.draw(canvas, (left, baseline), site, size, card.lamp)


def _draw_title(canvas: ImageDraw.ImageDraw, face: Typeface, title: str) -> None:
    text = face.readable(title[:_MOST_CHARS])
    size, lines = fit(face, text, width=WIDTH - 2 * _MARGIN, height=_TITLE_HEIGHT)
    spare = _TITLE_HEIGHT - len(lines) * size * _LEADING
    y = _TITLE_TOP + spare * 0.4 + size * 0.9
    leftwards = is_right_to_left(text)
    for line in lines:
        x = WIDTH - _MARGIN - face.width(line, size) if leftwards else _MARGIN
        face.draw(canvas, (x, y), line, size, _PAPER, right_to_left=leftwards)
        y += size * _LEADING


def _draw_footer(canvas: ImageDraw.ImageDraw, face: Typeface, card: Card) -> None:
    names, size = _names_line(face, [face.readable(name) for name in card.names], card.language)
    canvas.rectangle((_MARGIN, 450, _MARGIN + 72, 455), fill=card.lamp)
    face.draw(canvas, (_MARGIN, 510), names, size, _PAPER)
    face.draw(canvas, (_MARGIN, 566), face.readable(card.when), 32, _SOFT)


def _names_line(face: Typeface, names: list[str], language: str) -> tuple[str, int]:
    """Return the names on one line, and its size: as many as fit, and how many more there are."""
    names = [name for name in names if name]
    for shown in range(len(names), 0, -1):
        text = _listed(names[:shown], len(names) - shown, language)
        for size in _NAMES_SIZES if shown > 1 else (*_NAMES_SIZES, *_TINY_SIZES):
            if face.width(text, size) <= _NAMES_WIDTH:
                return text, size
    return "", _NAMES_SIZES[-1]


def _listed(names: list[str], more: int, language: str) -> str:
    if more:
        return words.say(language, "door.card.with_more", names=", ".join(names), count=more)
    if len(names) > 1:
        return words.say(language, "door.card.with_last", names=", ".join(names[:-1]), last=names[-1])
    return words.say(language, "door.card.with", names=names[0])


def _when(state: SpaceState, language: str) -> str:
    at, zone = state.live_at or state.starts_at, state.time_zone
    date = moments.date_text(at, zone, language=language)
    return f"{date}  ·  {moments.time_text(at, zone, language=language)} {moments.zone_text(at, zone)}"
