"""What is kept of a text: enough to compare, nothing to read."""

import pytest

from tidegate.adapters.matrix.content import TEXT_MAX, keyed_hash, simhash, traces

KEY = b"k" * 32


def alike(a, b):
    return 1 - (int(simhash(a), 16) ^ int(simhash(b), 16)).bit_count() / 64


def test_like_texts_have_like_fingerprints_and_others_have_not():
    offer = "Congratulations, you have won a prize, call us today to collect it"
    assert alike(offer, offer.upper().replace(" ", "  ")) == 1
    assert alike(offer, offer.replace("today", "now")) > 0.8
    assert alike(offer, "See you at the station at half past seven, bring the tickets") < 0.75


@pytest.mark.parametrize("text", ["", "ok", "  a \n b ", "hello"])
def test_short_texts_have_no_fingerprint(text):
    assert traces(text, KEY).fingerprint is None


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("look: https://Example.org/a?b=c#d.", ["example.org/a?b=c"]),
        ("www.example.org/ and http://example.org", ["example.org"]),
        ("(see https://example.org/x), yes", ["example.org/x"]),
        ("no link at all: example.org", []),
    ],
)
def test_links_are_hashed_by_what_they_lead_to(text, links):
    assert traces(text, KEY).link_hashes == [keyed_hash(link, KEY) for link in links]


def test_a_hash_says_nothing_without_the_key():
    assert keyed_hash("example.org", KEY) != keyed_hash("example.org", b"other")
    assert "example" not in keyed_hash("example.org", KEY)


@pytest.mark.parametrize(
    "text", ["\ud800 lone surrogate http://\ud800/", "http://[", "a" * 10 * TEXT_MAX, "http://" * 9999]
)
def test_no_text_is_too_odd(text):
    traces(text, KEY)
