"""API keys as their owners hold them: `tg_` and 43 characters, 256 random bits.

What is stored is SHA-256 of it. A slow hash protects passwords that people think up; nobody guesses 256 bits.
"""

from __future__ import annotations

import hashlib
import re
import secrets

PREFIX = "tg_"
_FORM = re.compile(r"tg_[A-Za-z0-9_-]{43}\Z")
_SCHEME = "bearer "


def new_token() -> str:
    """Return a new key; it is shown once and cannot be had again."""
    return PREFIX + secrets.token_urlsafe(32)


def digest(token: str) -> bytes:
    """Return what is stored of a key."""
    return hashlib.sha256(token.encode()).digest()


def token_of(authorization: str | None) -> str | None:
    """Return the key in an `Authorization` header; None if there is none that could be one.

    >>> token_of("Bearer tg_" + "a" * 43) == "tg_" + "a" * 43
    True
    >>> token_of("Basic dXNlcjpwYXNz"), token_of("Bearer tg_short"), token_of(None)
    (None, None, None)
    """
    if authorization is None or authorization[: len(_SCHEME)].lower() != _SCHEME:
        return None
    token = authorization[len(_SCHEME) :].strip()
    return token if _FORM.match(token) else None
