"""The header in which a program shows its token to backstage. Knows of no token whether it is good."""

from __future__ import annotations

from rostra.core.errors import BadRequest


class TokenUnusable(BadRequest):
    """This token holds characters that no token has. Copy it again, whole."""

    code = "token_unusable"


def authorization(scheme: str, token: str) -> str:
    """Return the header's value (RFC 9110, section 11.4); TokenUnusable where no header can hold it."""
    if not (token.isascii() and token.isprintable()):
        raise TokenUnusable
    return f"{scheme} {token}"
