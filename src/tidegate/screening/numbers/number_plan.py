"""Country and kind of a number in E.164, by the tables of libphonenumber, in a tenth of the library's time.

The library asks up to twelve patterns one after the other, for every region that shares a country code. Here those that can
apply to a number of some length are one pattern per region, whose alternatives stand in the library's order: the first that
fits tells the kind. The patterns are the library's own; a test holds both to equal answers.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneMetadata, PhoneNumberType

if TYPE_CHECKING:
    from phonenumbers import PhoneNumberDesc

NOT_GEOGRAPHIC = "001"  # what libphonenumber calls the region of +800, +870 and the like
KINDS = {
    PhoneNumberType.FIXED_LINE: "fixed_line",
    PhoneNumberType.MOBILE: "mobile",
    PhoneNumberType.FIXED_LINE_OR_MOBILE: "fixed_line_or_mobile",
    PhoneNumberType.TOLL_FREE: "toll_free",
    PhoneNumberType.PREMIUM_RATE: "premium_rate",
    PhoneNumberType.SHARED_COST: "shared_cost",
    PhoneNumberType.VOIP: "voip",
    PhoneNumberType.PERSONAL_NUMBER: "personal",
    PhoneNumberType.PAGER: "pager",
    PhoneNumberType.UAN: "company",
    PhoneNumberType.VOICEMAIL: "voicemail",
}
_LINES = ("fixed_line", "mobile")
_SERVICES = (
    "premium_rate",
    "toll_free",
    "shared_cost",
    "voip",
    "personal_number",
    "pager",
    "uan",
    "voicemail",
)
_NAMES = {"personal_number": "personal", "uan": "company"}  # as KINDS has them, where that differs
_NEVER = "(?!)"


class Placed(NamedTuple):
    """What a plan says of a number. `country` is ISO 3166-1 alpha-2, None for numbers of no country."""

    country: str | None
    kind: str


def placed(e164: str) -> Placed | None:
    """Return what the plan of its country says of a number, `+` and digits; None where it has no such number.

    None as well for numbers whose national part begins with zeros: those may be of the number or of the way it is dialled,
    which the library knows.
    """
    length = _code_length(e164[1:4])
    at = 1 + length
    if not length or e164[at : at + 1] in ("", "0"):
        return None
    national = e164[at:]
    for region in _regions(e164[1:at], len(national)):
        if region.leading is None:
            found = region.of(national)
            if found is not None:
                return found
        elif region.leading.match(national):
            return region.of(national)
    return None


class _Region(NamedTuple):
    """The numbers of some length in a region: `fits` has an alternative per kind, `kinds` says of which."""

    leading: (
        re.Pattern[str] | None
    )  # beginnings that make a number one of this region, whether its plan has it or not
    fits: re.Pattern[str]
    mobile: re.Pattern[str] | None  # asked where a fixed line fits: the number may be either
    found: tuple[Placed, ...]

    def of(self, national: str) -> Placed | None:
        """Return what this region's plan says."""
        match = self.fits.fullmatch(national)
        if match is None:
            return None
        found = self.found[(match.lastindex or 0) - 1]
        if found.kind == _LINES[0] and self.mobile is not None and self.mobile.fullmatch(national):
            return found._replace(kind=KINDS[PhoneNumberType.FIXED_LINE_OR_MOBILE])
        return found


@lru_cache(maxsize=2048)
def _code_length(begin: str) -> int:
    """Return how many digits of the beginning are a country code, 0 where none are."""
    return next((n for n in (1, 2, 3) if int(begin[:n] or 0) in COUNTRY_CODE_TO_REGION_CODE), 0)


@lru_cache(maxsize=4096)
def _regions(code: str, length: int) -> tuple[_Region, ...]:
    """Return the regions of a country code in the library's order, each for national numbers of this length."""
    names = COUNTRY_CODE_TO_REGION_CODE[int(code)]
    return tuple(_region(int(code), name, length, alone=len(names) == 1) for name in names)


def _region(code: int, name: str, length: int, *, alone: bool) -> _Region:
    plan = PhoneMetadata.metadata_for_region_or_calling_code(code, name)
    assert plan is not None, "the library has a plan for every region it lists"
    country = None if name == NOT_GEOGRAPHIC else name
    fixed, mobile = (_pattern(getattr(plan, line), length) for line in _LINES)
    alternatives: list[tuple[str, str]] = [
        (_NAMES.get(service, service), pattern)
        for service in _SERVICES
        if (pattern := _pattern(getattr(plan, service), length))
    ]
    same = plan.same_mobile_and_fixed_line_pattern
    if fixed:
        alternatives.append((KINDS[PhoneNumberType.FIXED_LINE_OR_MOBILE] if same else _LINES[0], fixed))
    if mobile and not same:
        alternatives.append((_LINES[1], mobile))
    whole = _pattern(plan.general_desc, length) or _NEVER
    kinds = "|".join(f"({pattern})" for _, pattern in alternatives) or _NEVER
    return _Region(
        re.compile(plan.leading_digits) if plan.leading_digits and not alone else None,
        re.compile(rf"(?=(?:{whole})\Z)(?:{kinds})", re.ASCII),
        re.compile(mobile, re.ASCII) if mobile and not same else None,
        tuple(Placed(country, kind) for kind, _ in alternatives),
    )


def _pattern(desc: PhoneNumberDesc | None, length: int) -> str:
    """Return the pattern of numbers of some kind, "" where none can have this length."""
    if (
        desc is None
        or not desc.national_number_pattern
        or (desc.possible_length and length not in desc.possible_length)
    ):
        return ""
    return str(desc.national_number_pattern)
