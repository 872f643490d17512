"""ICY, the protocol of internet radios: headers, and titles woven into the audio. Values in, bytes out.

A listener who sends ``Icy-MetaData: 1`` gets a block of metadata after every :data:`EVERY_BYTES` of audio,
counted from that listener's first byte. Source: the SHOUTcast protocol as Icecast and its players speak it.
"""

from __future__ import annotations

import unicodedata
from typing import Final, NamedTuple

EVERY_BYTES: Final = 16_000
"""Of audio between two blocks: two seconds of AAC 64."""
NOTHING_NEW: Final = b"\0"
_UNIT = 16
_MOST_TITLE_BYTES = 500
_MOST_NAME_BYTES = 100
_PLAIN: Final = str.maketrans("–—‘’“”", "--''\"\"", "¿¡")
"""What people write that ASCII has otherwise, or does without."""


def headers(*, name: str, bit_rate: int, metadata: bool) -> tuple[tuple[str, str], ...]:
    """The response headers that tell a radio what it hears; ``bit_rate`` is what was asked of the encoder."""
    told = (("icy-name", _ascii(name)), ("icy-br", str(bit_rate // 1000)), ("icy-pub", "0"))
    return (*told, ("icy-metaint", str(EVERY_BYTES))) if metadata else told


def _ascii(text: str) -> str:
    """In ASCII, as headers are: letters without their marks, "?" for what there is nothing for."""
    parts = unicodedata.normalize("NFKD", text.translate(_PLAIN))
    bare = "".join(each for each in parts if not unicodedata.combining(each))
    return "".join(c if c.isascii() and c.isprintable() else "?" for c in bare)[:_MOST_NAME_BYTES]


def block(title: str) -> bytes:
    """A metadata block that states the title, in UTF-8, padded to 16 bytes behind its length byte."""
    quoted = title.replace("'", "\N{RIGHT SINGLE QUOTATION MARK}").replace(";", ",")
    clean = " ".join("".join(c if c.isprintable() else " " for c in quoted).split())
    said = clean.encode()[:_MOST_TITLE_BYTES].decode(errors="ignore")
    body = f"StreamTitle='{said}';".encode()
    units = -(-len(body) // _UNIT)
    return bytes((units,)) + body.ljust(units * _UNIT, b"\0")


class Phase(NamedTuple):
    """Where a listener is between two blocks. Whoever is in the same one gets the same bytes next."""

    left: int = EVERY_BYTES
    """Bytes of audio until the next block."""
    last: bytes = b""
    """The block that told a title last."""

    def weave(self, audio: bytes, title: bytes) -> tuple[bytes, Phase]:
        """Return the next audio with blocks at their places, and the phase behind it.

        ``title`` is the block that holds now.
        """
        pieces, at, left, last = list[bytes](), 0, self.left, self.last
        while len(audio) - at >= left:
            pieces += [audio[at : at + left], NOTHING_NEW if title == last else title]
            at, left, last = at + left, EVERY_BYTES, title
        pieces.append(audio[at:])
        return b"".join(pieces), Phase(left - (len(audio) - at), last)
