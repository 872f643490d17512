"""Which way text runs: the Unicode Bidirectional Algorithm (UAX 9), for a line to be drawn. Pure.

Takes text as it is written and says how deep each character is nested: even levels run to the right, odd
ones to the left. Knows the marks (LRM, RLM, ALM), but embeddings, overrides and isolates count for nothing:
what is drawn is titles and names. Never shapes letters.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from unicodedata import bidirectional

_BRACKETS = "()[]{}⁅⁆⁽⁾₍₎⌈⌉⌊⌋❨❩❲❳⟦⟧⟨⟩⟪⟫⟮⟯⦃⦄⦅⦆⸨⸩〈〉《》「」『』【】〔〕〖〗〘〙〚〛（）［］｛｝｟｠｢｣"
_CLOSED_BY = dict(zip(_BRACKETS[::2], _BRACKETS[1::2], strict=True))
_FACING = _BRACKETS + "«»‹›<>"
_MIRRORED = str.maketrans(_FACING[::2] + _FACING[1::2], _FACING[1::2] + _FACING[::2])
"""How characters look that are the other way round where text runs to the left."""
_MOST_OPEN = 63
"""Brackets (BD16)."""
_TAKEN_FOR = {"B": "WS", "S": "WS", "BN": "NSM"} | dict.fromkeys(
    ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"), "NSM"
)
"""Of one line without depth: what has no width goes with what it follows (X9)."""
_NUMBERS = ("EN", "AN")
_STRONG = {"L": "L", "R": "R", "AL": "R"} | dict.fromkeys(_NUMBERS, "R")
"""What a class counts for beside neutral characters (N0 to N2)."""
_RIGHT_TO_LEFT = frozenset({"R", "AL", "AN"})


def is_right_to_left(text: str) -> bool:
    """Whether a paragraph begins with a letter that runs to the left (P2, P3)."""
    return next((kind != "L" for kind in map(bidirectional, text) if kind in ("L", "R", "AL")), False)


def levels(text: str, *, right_to_left: bool) -> list[int]:
    """Return the level of each character of a line in a paragraph of that direction."""
    base = int(right_to_left)
    kinds = [_kind(char) for char in text]
    if not base and _RIGHT_TO_LEFT.isdisjoint(kinds):
        return [0] * len(kinds)
    around = "R" if right_to_left else "L"
    resolved = _of_weak(kinds, around)
    _pair_brackets(text, kinds, resolved, around)
    _settle_neutrals(resolved, around)
    return [_level(kind, base) for kind in resolved]


def in_sight(levels: Sequence[int]) -> list[int]:
    """Return the positions of what has these levels in the order from left to right (L2)."""
    order = list(range(len(levels)))
    odd = [level for level in levels if level % 2]
    for depth in range(max(levels, default=0), min(odd, default=1) - 1, -1):
        at = 0
        while at < len(order):
            end = at
            while end < len(order) and levels[order[end]] >= depth:
                end += 1
            order[at:end] = reversed(order[at:end])
            at = end + 1
    return order


def turned(text: str) -> str:
    """Return text that runs to the left as it is seen from left to right, its brackets mirrored (L4)."""
    return text[::-1].translate(_MIRRORED)


def _kind(char: str) -> str:
    kind = bidirectional(char) or "L"
    return _TAKEN_FOR.get(kind, kind)


def _level(kind: str, base: int) -> int:
    """I1, I2."""
    if base:
        return 1 if kind == "R" else 2
    return {"L": 0, "R": 1}.get(kind, 2)


def _of_weak(kinds: Sequence[str], around: str) -> list[str]:
    """W1 to W7."""
    resolved = list(kinds)
    before = strong = around
    for at, kind in enumerate(resolved):
        resolved[at] = before = before if kind == "NSM" else kind  # W1
    for at, kind in enumerate(resolved):
        if kind in ("L", "R", "AL"):
            strong = kind
        elif kind == "EN" and strong == "AL":
            resolved[at] = "AN"  # W2
    resolved = ["R" if kind == "AL" else kind for kind in resolved]  # W3
    _join_numbers(resolved)
    strong = around
    for at, kind in enumerate(resolved):
        if kind in ("L", "R"):
            strong = kind
        elif kind == "EN" and strong == "L":
            resolved[at] = "L"  # W7
        elif kind in ("ES", "ET", "CS"):
            resolved[at] = "ON"  # W6
    return resolved


def _join_numbers(resolved: list[str]) -> None:
    """W4, W5: what stands inside a number, and beside one, is part of it."""
    for at in range(1, len(resolved) - 1):
        kind, before, after = resolved[at], resolved[at - 1], resolved[at + 1]
        if before == after and ((kind == "CS" and after in _NUMBERS) or (kind == "ES" and after == "EN")):
            resolved[at] = after
    for begin, end in _stretches(resolved, {"ET"}):
        if "EN" in resolved[max(0, begin - 1) : begin] + resolved[end : end + 1]:
            resolved[begin:end] = ["EN"] * (end - begin)


def _pair_brackets(text: str, kinds: Sequence[str], resolved: list[str], around: str) -> None:
    """N0: both brackets of a pair run as what they hold, or as what they stand in."""
    for opened, closed in _pairs(text, resolved):
        inside = {_STRONG[kind] for kind in resolved[opened + 1 : closed] if kind in _STRONG}
        if not inside:
            continue
        before = next((_STRONG[kind] for kind in reversed(resolved[:opened]) if kind in _STRONG), around)
        kind = around if around in inside else before
        for at in (opened, closed):
            resolved[at] = kind
            for mark in range(at + 1, len(kinds)):
                if kinds[mark] != "NSM":
                    break
                resolved[mark] = kind


def _pairs(text: str, resolved: Sequence[str]) -> list[tuple[int, int]]:
    """BD16: in the order of the opening ones."""
    found: list[tuple[int, int]] = []
    opened: list[tuple[str, int]] = []
    for at, char in enumerate(text):
        if resolved[at] != "ON":
            continue
        if char in _CLOSED_BY:
            if len(opened) == _MOST_OPEN:
                break
            opened.append((_CLOSED_BY[char], at))
            continue
        match = next((depth for depth in reversed(range(len(opened))) if opened[depth][0] == char), None)
        if match is not None:
            found.append((opened[match][1], at))
            del opened[match:]
    return sorted(found)


def _settle_neutrals(resolved: list[str], around: str) -> None:
    """N1, N2: what is neutral between two that run alike runs like them, else as the paragraph."""
    for begin, end in _stretches(resolved, {"ON", "WS"}):
        before = _STRONG[resolved[begin - 1]] if begin else around
        after = _STRONG[resolved[end]] if end < len(resolved) else around
        resolved[begin:end] = [before if before == after else around] * (end - begin)


def _stretches(resolved: Sequence[str], kinds: set[str]) -> Iterator[tuple[int, int]]:
    begin = 0
    while begin < len(resolved):
        end = begin
        while end < len(resolved) and resolved[end] in kinds:
            end += 1
        if end > begin:
            yield begin, end
        begin = end + 1
