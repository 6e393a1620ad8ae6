"""Options that say how a list is read, as people write them: the country of its numbers, where its facts stand."""

from __future__ import annotations

from collections.abc import Sequence

from tidegate.errors import UsageError


def country_of(code: str | None) -> str | None:
    """Return a country code as given by option; raise UsageError where there is no such country."""
    from phonenumbers import SUPPORTED_REGIONS

    if code is None:
        return None
    if code.upper() not in SUPPORTED_REGIONS:
        raise UsageError(
            f"there is no country `{code}`", place="--country", hint="two letters of ISO 3166-1, such as DE"
        )
    return code.upper()


def columns_of(given: Sequence[str] | None) -> dict[str, str]:
    """Return where facts stand, as given by option; raise UsageError where that cannot be read."""
    found: dict[str, str] = {}
    for text in given or ():
        name, sign, place = text.partition("=")
        if not sign or not place.strip():
            raise UsageError(
                f"`{text}` names no column", place="--column", hint="write it as `number=B` or `number=Phone`"
            )
        found[name.strip()] = place.strip()
    return found
