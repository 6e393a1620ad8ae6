"""Numbers as people and spreadsheets write them."""

# ruff: noqa: RUF001  # digits of other scripts are the point

import random

import phonenumbers
import pytest

from tidegate.errors import NumberError
from tidegate.screening.numbers.number import Number, _described, clean, read_number


@pytest.mark.parametrize(
    ("written", "e164"),
    [
        ("+4915123456789", "+4915123456789"),
        ("+49 151 23456789", "+4915123456789"),
        ("0049 (151) 2345-6789", "+4915123456789"),
        (" '+49 151 23456789", "+4915123456789"),
        ("\ufeff+49\u00a0151\u200e23456789", "+4915123456789"),
        ("＋４９１５１２３４５６７８９", "+4915123456789"),
        ("+٤٩١٥١٢٣٤٥٦٧٨٩", "+4915123456789"),
        ("tel:+49-151-23456789", "+4915123456789"),
        ("+390669812345", "+390669812345"),  # the zero of Italian numbers belongs to them
        ("+442079460018", "+442079460018"),
        ("+44 (0) 20 7946 0018", "+442079460018"),
        ("+80012345678", "+80012345678"),
    ],
)
def test_a_number_in_international_form_is_read_however_it_is_written(written, e164):
    number = read_number(written)
    assert (number.e164, number.valid, number.warning) == (e164, True, "")


@pytest.mark.parametrize(
    ("written", "country", "e164"),
    [
        ("0151 23456789", "DE", "+4915123456789"),
        ("15123456789", "DE", "+4915123456789"),  # the zero was lost
        ("(201) 555-0123", "US", "+12015550123"),
        ("8 912 345-67-89", "RU", "+79123456789"),
        ("+49 151 23456789", "US", "+4915123456789"),
    ],
)
def test_a_number_without_country_code_is_of_the_default_country(written, country, e164):
    assert read_number(written, default_country=country).e164 == e164


def test_a_number_that_lost_its_plus_sign_gets_it_back_and_that_is_said():
    assert read_number("4915123456789").warning == "the plus sign was missing"
    assert "quantity" in read_number("4915123456789", as_quantity=True).warning
    assert read_number("4915123456789.0", as_quantity=True).e164 == "+4915123456789"


@pytest.mark.parametrize(
    ("written", "e164"),
    [
        ("4.915123456789E+12", "+4915123456789"),
        ("4,915123456789e12", "+4915123456789"),
        ("+4.915123456789E12", "+4915123456789"),
    ],
)
def test_a_quantity_with_all_digits_is_turned_back(written, e164):
    number = read_number(written)
    assert number.e164 == e164
    assert "spreadsheet" in number.warning


@pytest.mark.parametrize(
    ("written", "lost"),
    [("1.23E+11", "9 digits"), ("4.91512E+12", "7 digits"), ("1.1234567890E+11", "1 digit ")],
)
def test_a_quantity_that_lost_digits_is_refused_with_how_many(written, lost):
    with pytest.raises(NumberError, match=f"lost its last {lost}"):
        read_number(written)


def test_a_number_that_no_plan_has_is_taken_with_a_warning():
    assert read_number("+11234567890") == Number(
        "+11234567890", False, None, None, "the numbering plan has no such number"
    )


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ("", "no number"),
        ("   ", "no number"),
        ("1234567890", "no country code"),
        ("+1123456789012345", "16 digits"),
        ("+999123456789", "country code"),
        ("hello", "no phone number"),
        ("+49 CALL ME", "no phone number"),
        ("1234", "no phone number"),
        ("=1+1", "no phone number"),
        ("+" + "1" * 5000, "5000 digits"),
        ("١" * 3, "no phone number"),
    ],
)
def test_what_is_no_number_is_refused_with_a_remedy(written, problem):
    with pytest.raises(NumberError, match=problem) as error:
        read_number(written)
    assert error.value.hint
    assert len(str(error.value)) < 250


def test_plan_tells_country_kind_operator_and_zone():
    number = read_number("+4915123456789")
    assert (number.country, number.kind, number.zones) == ("DE", "mobile", ("Europe/Berlin",))
    assert number.carrier == "T-Mobile"
    assert read_number("+80012345678").country is None


def test_at_least_236_countries_and_territories():
    kinds = (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE)
    known = set()
    for region in phonenumbers.SUPPORTED_REGIONS:
        examples = [
            e for kind in kinds if (e := phonenumbers.example_number_for_type(region, kind)) is not None
        ]
        known |= {
            read_number(phonenumbers.format_number(e, phonenumbers.PhoneNumberFormat.E164)).country
            for e in examples
        }
    assert len(known - {None}) >= 236


@pytest.mark.parametrize("region", sorted(phonenumbers.SUPPORTED_REGIONS))
def test_the_short_way_gives_what_the_library_gives(region):
    """For every kind of number of the region, with its last digits drawn anew."""
    draw = random.Random(region)
    for kind in range(11):
        example = phonenumbers.example_number_for_type(region, kind)
        if example is None:
            continue
        e164 = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)
        for _ in range(10):
            if clean(e164) is not None:
                assert read_number(e164) == _described(phonenumbers.parse(e164), ""), e164
            tail = draw.randint(1, 4)
            e164 = e164[:-tail] + "".join(draw.choices("0123456789", k=tail))
