"""Events that tell only a part: what they tell settles a rule or a quota wherever it can, and nothing else does."""

import pytest
from tests.policies.messenger.worlds import (
    HOUR,
    MINUTE,
    SECOND,
    T0,
    business,
    message,
    messages,
    outcome,
    registered,
)

PER_MINUTE, PUBLISHED, PAUSE = "link.risk-7-per-min", "link.quota-5-per-min", "link.quota-pause-2min-per-10"
PICTURE, PEOPLE, WARM = (
    "msg.image-under-1200px",
    "msg.quota-first-week-conversations",
    "msg.prefer-3-day-contacts",
)


def untold(count, kind, start=T0, **fields):
    """Messages of a kind of which nobody says what links they have."""
    return messages(count, start, message_type=kind, **fields)


def without(field, events):
    return [{name: value for name, value in event.items() if name != field} for event in events]


@pytest.mark.parametrize(
    ("rule", "world", "expected"),
    [
        (PER_MINUTE, untold(7, "link"), "fires"),
        (PER_MINUTE, untold(6, "link"), "rests"),
        (PER_MINUTE, [untold(6, "link"), untold(1, "text", T0 + MINUTE // 2)], "undecided"),
        (PER_MINUTE, untold(7, "text"), "undecided"),
        (PER_MINUTE, untold(7, "link", link_hashes=None), "rests"),
        (PER_MINUTE, messages(7, link_hashes=["x"]), "fires"),
        (PUBLISHED, untold(6, "link"), "fires"),
        (PAUSE, untold(11, "link"), "fires"),
        (PAUSE, untold(10, "link"), "rests"),
    ],
)
def test_what_is_said_to_be_a_link_has_one(rule, world, expected):
    assert outcome(rule, [business(), world]) == expected


@pytest.mark.parametrize(
    ("sides", "expected"),
    [
        ({"media_width": 1200}, "fires"),
        ({"media_height": 1200}, "fires"),
        ({"media_width": 1199}, "undecided"),
        ({"media_height": 1199}, "undecided"),
        ({"media_width": 1199, "media_height": None}, "rests"),
        ({"media_width": None, "media_height": 1200}, "fires"),
        ({}, "undecided"),
    ],
)
def test_one_side_of_a_picture_may_settle_its_size(sides, expected):
    assert outcome(PICTURE, [message(T0, message_type="image", **sides)]) == expected


@pytest.mark.parametrize("of_nobody", [{"recipient_id": None}, {"recipient_id": None, "group_id": "g"}])
def test_posts_are_written_to_nobody_in_particular(of_nobody):
    newcomer = registered(2 * 24 * HOUR)
    posts = [{**event, **of_nobody} for event in messages(12)]
    for world in (posts, without("recipient_id", posts) if "group_id" in of_nobody else posts):
        assert outcome(PEOPLE, [newcomer, world]) == "rests"
        assert outcome(PEOPLE, [newcomer, world, messages(10, T0 + HOUR)]) == "rests"
        assert outcome(PEOPLE, [newcomer, world, messages(11, T0 + HOUR)]) == "fires"
        assert outcome(WARM, [newcomer, world]) == "rests"


def test_messages_that_name_nobody_may_be_to_strangers():
    newcomer, unnamed = registered(2 * 24 * HOUR), without("recipient_id", messages(11))
    assert outcome(PEOPLE, [newcomer, unnamed[:10]]) == "rests"
    assert outcome(PEOPLE, [newcomer, unnamed]) == "undecided"
    assert (
        outcome(WARM, [newcomer, unnamed, without("recipient_id", [message(T0 + 20 * SECOND)])])
        == "undecided"
    )
