"""A phone number as it stands in a list, as the number it is: E.164, with what its numbering plan tells.

The plans are those of libphonenumber (the PyPI package `phonenumbers`). What is written in E.164 already, as most is,
takes a short way through the same tables (`number_plan`); a test holds both ways to equal results in every region.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberType

from tidegate.errors import NumberError
from tidegate.events.wording import quoted
from tidegate.screening.numbers.number_plan import KINDS, NOT_GEOGRAPHIC, Placed, placed

DIGITS_MAX = 15  # ITU-T E.164, 6.2.1
_DIGITS_MIN = 5  # shorter ones are numbers within a network
_CLEAN = re.compile(r"\+[1-9]\d{4,14}", re.ASCII)
_SCIENTIFIC = re.compile(r"\+?(\d)(?:[.,](\d+))?[eE]\+?(\d{1,2})", re.ASCII)
_WHOLE = re.compile(r"(\+?\d{5,})[.,]0+", re.ASCII)
_LETTERS = re.compile(r"[^\W\d_]")


@dataclass(frozen=True, slots=True)
class Number:
    """A number that has a form. `valid` says whether its plan has such numbers; `kind` and `country` are None where it has not.

    `country` is ISO 3166-1 alpha-2, None for numbers of no country (+800, satellites). `warning` says what was repaired or
    is odd, "" where nothing is.
    """

    e164: str
    valid: bool
    country: str | None
    kind: str | None
    warning: str = ""

    @property
    def carrier(self) -> str | None:
        """The operator to which the block was given first, which may have lost the number since; None: not known."""
        from phonenumbers import carrier  # large tables, which few ask

        return carrier.name_for_number(_plain(self.e164), "en") or None

    @property
    def zones(self) -> tuple[str, ...]:
        """The time zones in which the number may be at home."""
        from phonenumbers import timezone

        found = timezone.time_zones_for_number(_plain(self.e164))
        return () if found == (timezone.UNKNOWN_TIMEZONE,) else tuple(found)


def read_number(written: str, *, default_country: str | None = None, as_quantity: bool = False) -> Number:
    """Return the number that is written there; raise NumberError, with what to do, where there is none.

    `default_country` (ISO 3166-1) is that of numbers without a country code. `as_quantity`: the sheet held it as a quantity, not
    as text, so plus signs and leading zeros are gone.

    >>> read_number("+49 151 23456789").e164
    '+4915123456789'
    """
    if (plan := clean(written)) is not None:
        return Number(written, valid=True, country=plan.country, kind=plan.kind)
    text = _tidy(written)
    if not text:
        raise NumberError("there is no number", hint="write it in international form, such as +4915123456789")
    text, warning = _restored(text)
    return _parsed(text, default_country, warning, as_quantity=as_quantity)


def clean(written: str) -> Placed | None:
    """Return what the plan says of a number that is written in E.164; None where it is not, or has to be looked at closer."""
    return placed(written) if _CLEAN.fullmatch(written) else None


def _tidy(written: str) -> str:
    """Return the text with digits, plus sign and spaces in their plain forms, without what cannot be seen."""
    text = unicodedata.normalize("NFKC", written)
    text = "".join(c for c in text if unicodedata.category(c) != "Cf")
    text = "".join(str(unicodedata.digit(c)) if c.isdigit() else c for c in text)
    text = text.strip().strip("'\"` ").strip()
    return text.removeprefix("tel:").strip()


def _restored(text: str) -> tuple[str, str]:
    """Return the digits that a spreadsheet turned into a quantity, and what to say of it; raise NumberError where they are lost."""
    if (whole := _WHOLE.fullmatch(text)) is not None:
        return whole[1], "the spreadsheet had made a quantity of it: the decimals were dropped"
    if (found := _SCIENTIFIC.fullmatch(text)) is None:
        return text, ""
    first, decimals, exponent = found[1], (found[2] or ""), int(found[3])
    lost = exponent - len(decimals)
    if lost > 0:
        raise NumberError(
            f"`{text}` has lost its last {lost} digit{'' if lost == 1 else 's'} to the spreadsheet",
            hint="format the column as text before the numbers are entered, and fill them in again",
        )
    digits = (first + decimals)[: exponent + 1]
    return digits, f"the spreadsheet had made `{text}` of it"


def _parsed(text: str, country: str | None, warning: str, *, as_quantity: bool) -> Number:
    digits = sum(c.isdigit() for c in text)
    if _LETTERS.search(text.casefold().replace("ext", "")) or digits < _DIGITS_MIN:
        raise NumberError(
            f"{quoted(text)} is no phone number",
            hint="write it in international form, such as +4915123456789",
        )
    if digits > DIGITS_MAX + (2 if text.startswith("00") else 0):
        raise NumberError(
            f"{quoted(text)} has {digits} digits", hint=f"a number has at most {DIGITS_MAX} (ITU-T E.164)"
        )
    if text.startswith("00"):
        text = "+" + text[2:]
    if not text.startswith("+"):
        return _national(text, country, warning, as_quantity=as_quantity)
    try:
        number = phonenumbers.parse(text)
    except phonenumbers.NumberParseException:
        raise NumberError(
            f"{quoted(text)} does not begin with a country code",
            hint="check the digits behind the plus sign",
        ) from None
    return _described(number, warning)


def _national(text: str, country: str | None, warning: str, *, as_quantity: bool) -> Number:
    """Return a number that stands there without a plus sign: one of the default country, or one that lost the sign."""
    if country is not None:
        try:
            number = phonenumbers.parse(text, country)
        except phonenumbers.NumberParseException:
            number = None
        if number is not None and phonenumbers.is_valid_number(number):
            return _described(number, warning)
    bare = "".join(c for c in text if c.isdigit())
    if (plan := clean(f"+{bare}")) is not None:
        lost = (
            "it was held as a quantity: the plus sign was lost, and is put back"
            if as_quantity
            else "the plus sign was missing"
        )
        said = "; ".join(filter(None, (warning, lost)))
        return Number(f"+{bare}", valid=True, country=plan.country, kind=plan.kind, warning=said)
    hint = f"check the digits; numbers without a plus sign are read as of {country}" if country else (
        "write it with plus sign and country code, or name the country of such numbers (`--country`)"
    )  # fmt: skip
    raise NumberError(f"{quoted(text)} has no country code", hint=hint)


def _described(number: PhoneNumber, warning: str) -> Number:
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    kind = phonenumbers.number_type(number)
    if len(e164) - 1 > DIGITS_MAX:
        raise NumberError(
            f"{quoted(e164)} has too many digits", hint=f"a number has at most {DIGITS_MAX} (ITU-T E.164)"
        )
    if kind == PhoneNumberType.UNKNOWN:
        odd = "the numbering plan has no such number"
        return Number(
            e164, valid=False, country=None, kind=None, warning="; ".join(filter(None, (warning, odd)))
        )
    return Number(e164, valid=True, country=_country(number), kind=KINDS[kind], warning=warning)


def _country(number: PhoneNumber) -> str | None:
    region = phonenumbers.region_code_for_number(number)
    return None if region == NOT_GEOGRAPHIC else region


def _plain(e164: str) -> PhoneNumber:
    return phonenumbers.parse(e164)
