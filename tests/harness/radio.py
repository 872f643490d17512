"""A radio that knows ICY titles."""

from __future__ import annotations

from rostra.media import icy


def unwoven(data: bytes) -> tuple[bytes, list[str]]:
    """Audio and titles, as a player that counts from its first byte takes them apart."""
    audio, titles = b"", []
    while len(data) >= icy.EVERY_BYTES:
        audio += data[: icy.EVERY_BYTES]
        size = data[icy.EVERY_BYTES] * 16
        block = data[icy.EVERY_BYTES + 1 :][:size].rstrip(b"\0").decode()
        if block:
            titles.append(block.removeprefix("StreamTitle='").removesuffix("';"))
        data = data[icy.EVERY_BYTES + 1 + size :]
    return audio + data, titles
