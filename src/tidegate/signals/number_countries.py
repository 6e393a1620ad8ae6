"""The country of a number's prefix, where the event does not say it.

The calling codes and the areas within shared ones are those of libphonenumber (the PyPI package `phonenumbers`), a pinned
dependency: a replay finds what the live run found. What an event says about its number wins.
"""

from __future__ import annotations

import re

# ITU-T E.164: at most 15 digits; fewer than 7 are no subscriber's
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_NAMELESS = re.compile(r"~([A-Z]{2})~.*")  # see `nameless`
_CODE_MAX = 3  # digits of a calling code
_NOT_GEOGRAPHIC = "001"  # what libphonenumber calls the region of +800, +870 and the like


def country_of(number: str) -> str | None:
    """Return the country (ISO 3166-1 alpha-2) of a number in E.164.

    Where countries share a calling code, it is that of the number's area, else the main one of the code. None where the
    number is written otherwise, is a keyed hash, or is of no country.
    """
    if (told := _NAMELESS.fullmatch(number)) is not None:
        return told[1]
    if not _E164.fullmatch(number):
        return None
    from phonenumbers import COUNTRY_CODE_TO_REGION_CODE  # a large table, which only numbers need

    for end in range(2, 2 + _CODE_MAX):
        regions = COUNTRY_CODE_TO_REGION_CODE.get(int(number[1:end]))
        if regions is not None:
            found = regions[0] if len(regions) == 1 else _of_area(number) or regions[0]
            return None if found == _NOT_GEOGRAPHIC else found
    return None


def nameless(number: str) -> str:
    """Return what a name that stands for a forgotten number begins with: its country, so that decisions about others stay.

    >>> nameless("+4915123456789"), country_of("~DE~4jx0aQ")
    ('~DE~', 'DE')
    """
    country = country_of(number)
    return "~" if country is None else f"~{country}~"


def _of_area(number: str) -> str | None:
    import phonenumbers  # what it finds is not kept: numbers would outlive the erasure of whom they belong to

    found: str | None = phonenumbers.region_code_for_number(phonenumbers.parse(number))
    return found
