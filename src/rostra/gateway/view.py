"""For whom a page is rendered, and when: what an answer depends on besides the space itself."""

from __future__ import annotations

from dataclasses import dataclass

from rostra.bus.messages import SiteState
from rostra.gateway.origins import Origins


@dataclass(frozen=True, slots=True)
class View:
    """One way of seeing the site. Two visitors with equal views get equal pages."""

    origins: Origins
    site: SiteState
    now_ms: int
    lang: str = "en"
    carried: str = ""
    """The part of an address's query that its page depends on, encoded: links to other languages keep it."""
