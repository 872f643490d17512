"""One mail address, read from what an operator typed. Pure; never looks anything up."""

from __future__ import annotations

import re
from email.utils import getaddresses, parseaddr
from typing import Final

_PLAIN: Final = re.compile(r"[^\s@<>()\[\]\\\",;:]+@[^\s@<>()\\\",;:]+")


def sole_address(text: str) -> str:
    """Return the address in ``text``, with or without a name before it (RFC 5322 §3.4); empty stays so.

    ValueError, with a sentence, for what is not exactly one.
    """
    text = text.strip()
    _, address = parseaddr(text)
    whole = text == address or text.endswith(f"<{address}>")
    if text and not (_PLAIN.fullmatch(address) and whole and len(getaddresses([text])) == 1):
        raise ValueError("must be one mail address, such as live@example.org")
    return address
