"""The plans as patterns of our own say what libphonenumber says."""

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from phonenumbers import PhoneNumber, PhoneNumberType

from tidegate.screening.numbers.number_plan import KINDS, NOT_GEOGRAPHIC, placed

EXAMPLES = sorted(
    {
        (example.country_code, str(example.national_number))
        for region in phonenumbers.SUPPORTED_REGIONS
        for kind in KINDS
        if (example := phonenumbers.example_number_for_type(region, kind)) is not None
    }
    | {
        (code, str(example.national_number))
        for code in phonenumbers.COUNTRY_CODES_FOR_NON_GEO_REGIONS
        if (example := phonenumbers.example_number_for_non_geo_entity(code)) is not None
    }
)


@st.composite
def numbers(draw):
    """A country code, and a national number that begins as one of its numbers does, of any length."""
    code, national = draw(st.sampled_from(EXAMPLES))
    kept = draw(st.integers(1, len(national)))
    room = max(14 - len(str(code)) - kept, 0)  # some examples have all the digits there may be
    tail = draw(st.text("0123456789", max_size=min(room, len(national) - kept + 2)))
    return code, national[:kept] + tail


@settings(max_examples=300, deadline=None)
@given(numbers())
def test_country_and_kind_are_those_of_the_library(number):
    assert_alike(*number)


def test_every_example_of_the_library_is_placed_as_there():
    for code, national in EXAMPLES:
        assert_alike(code, national)


@pytest.mark.parametrize(("code", "national"), [(52, "2229779162"), (56, "229024033"), (91, "8593427072")])
def test_where_the_plans_of_fixed_lines_and_mobiles_overlap_a_number_may_be_either(code, national):
    found = placed(f"+{code}{national}")
    assert found is not None
    assert found.kind == "fixed_line_or_mobile"
    assert_alike(code, national)


def assert_alike(code, national):
    parsed = PhoneNumber(country_code=code, national_number=int(national))
    kind = phonenumbers.number_type(parsed)
    found = placed(f"+{code}{national}")
    if kind == PhoneNumberType.UNKNOWN:
        assert found is None
    else:
        region = phonenumbers.region_code_for_number(parsed)
        assert found == (None if region == NOT_GEOGRAPHIC else region, KINDS[kind])


def test_what_begins_with_zeros_or_has_no_country_is_left_to_the_library():
    assert placed("+390669812345") is None
    assert placed("+999123456789") is None
    assert placed("+49") is None
