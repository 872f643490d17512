"""How long caches keep what is live, and which do. Values only.

Of a private space nothing is for caches that serve several people (RFC 9111 section 5.2.2.7); visibility may
change while live, and what was kept before then is past calling back.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from rostra.media.hls_live import BLOCKED_KEPT_S


class Keeping(NamedTuple):
    """Of one programme's answers."""

    media: str
    """Segments, parts, inits: what never changes, as its address holds the run."""
    reloads: str
    """Playlists that were waited for: no later one is like them. A browser asks again, as Video.js waits
    for the same part once more: from its own cache it would have the same all that time."""
    playlists: str
    """Those that say how things stand, and the manifest."""
    standing: str
    """``live.json``: a cache on the way may answer a crowd with it, a browser asks again."""


BY_ALL: Final = Keeping(
    "public, max-age=31536000, immutable",
    f"public, max-age=0, s-maxage={BLOCKED_KEPT_S}",
    "public, max-age=1",
    "public, max-age=0, s-maxage=1",
)
BY_LISTENERS: Final = Keeping(
    "private, max-age=3600",
    "private, max-age=0",
    "private, max-age=1",
    "private, max-age=0",
)
"""By their own programs alone."""
