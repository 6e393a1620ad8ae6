"""Ids within paths: a slash of an id, written `%2F`, is no border between two parts of the path.

Servers hand on paths with every escape undone, so `a%2Fb` would be two parts. The slash of an id travels as a character that
no path can hold, and is put back where the id is read.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote, unquote_to_bytes

from pydantic import BeforeValidator

if TYPE_CHECKING:
    from starlette.types import Scope

_SLASH = "\udc2f"  # half of a pair: UTF-8 has no bytes for it
_ESCAPED = re.compile("%2[fF]")


def keep_slashes(scope: Scope) -> bool:
    """Have the slashes of ids in the path of a request told apart from those between its parts.

    False: an escape is no UTF-8. Servers hand on something else in its place, which may be somebody else's id.
    """
    raw = scope.get("raw_path") or b""
    if b"%" in raw:
        try:
            unquote_to_bytes(raw).decode()
        except UnicodeDecodeError:
            return False
    if b"%2" in raw:
        scope["path"] = _SLASH.join(unquote(piece) for piece in _ESCAPED.split(raw.decode("latin-1")))
    return True


def _whole(value: object) -> object:
    return value.replace(_SLASH, "/") if isinstance(value, str) else value


WithSlashes = BeforeValidator(_whole)
