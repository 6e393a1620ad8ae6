"""The country of a number's prefix: by its calling code, within a shared one by its area."""

import pytest

from tidegate.signals.number_countries import country_of, nameless


@pytest.mark.parametrize(
    ("number", "country"),
    [
        ("+4915112345678", "DE"),
        ("+5511987654321", "BR"),
        ("+12125550100", "US"),
        ("+16135550100", "CA"),
        ("+10000000000", "US"),  # no such area: the main country of the code
        ("+79161234567", "RU"),
        ("+77011234567", "KZ"),
        ("+80012345678", None),  # of no country
        ("+9991234567", None),  # no calling code
        ("+49", None),
        ("4915112345678", None),
        ("+4915112345678 ", None),
        ("+49151123456789012", None),
        ("+٤٩١٥١١٢٣٤٥٦٧٨", None),
        ("n1", None),
        ("~DE~k3jX90aB", "DE"),  # a number that was forgotten
        ("~k3jX90aBcdef", None),
        ("~de~k3jX90aBc", None),
        ("9f86d081884c7d659a2feaa0c55ad015", None),  # a keyed hash
    ],
)
def test_the_country_of_a_number(number, country):
    assert country_of(number) == country


@pytest.mark.parametrize("number", ["+4915112345678", "+16135550100", "+80012345678", "n1", "~KZ~abcdefg"])
def test_a_name_that_stands_for_a_number_has_its_country(number):
    assert country_of(nameless(number) + "x") == country_of(number)
    assert not set("0123456789") & set(nameless(number))
