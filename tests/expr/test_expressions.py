"""Expressions as data: what identifies a tree, how it reads, and what never becomes one."""

import subprocess
import sys

import pytest

import tidegate as tg
from tidegate.errors import ExpressionError
from tidegate.events import AccountProfile, DeviceProfile, MessageSent, ReportFiled
from tidegate.expr import Kind, lift
from tidegate.expr.duration import parse_duration

DEPTH, FORWARD, KIND, TEXT = (
    MessageSent.forward_depth,
    MessageSent.is_forward,
    MessageSent.message_type,
    MessageSent.number_country,
)

# every expression with what it reads like and the kind of its value
READS = [
    (DEPTH + 1, "(MessageSent.forward_depth + 1)", Kind.NUMBER),
    (1 - DEPTH, "(1 - MessageSent.forward_depth)", Kind.NUMBER),
    (-DEPTH, "(0 - MessageSent.forward_depth)", Kind.NUMBER),
    (abs(DEPTH / 2.5), "abs((MessageSent.forward_depth / 2.5))", Kind.NUMBER),
    ((DEPTH * 0.7).floor(), "floor((MessageSent.forward_depth * 0.7))", Kind.NUMBER),
    (tg.least(DEPTH, 3, 4), "min(min(MessageSent.forward_depth, 3), 4)", Kind.NUMBER),
    (tg.greatest(DEPTH, 3), "max(MessageSent.forward_depth, 3)", Kind.NUMBER),
    (DEPTH > 86_400_000, "MessageSent.forward_depth > 86400000", Kind.FLAG),
    (3 < DEPTH, "MessageSent.forward_depth > 3", Kind.FLAG),  # noqa: SIM300  as some authors write
    (KIND == "text", 'MessageSent.message_type == "text"', Kind.FLAG),
    (KIND.isin("text", "link"), '(MessageSent.message_type == "text" or MessageSent.message_type == "link")', Kind.FLAG),
    (DEPTH.between(0, 6), "(MessageSent.forward_depth >= 0 and MessageSent.forward_depth < 6)", Kind.FLAG),
    (FORWARD & ~FORWARD, "(MessageSent.is_forward and not MessageSent.is_forward)", Kind.FLAG),
    (True | FORWARD, "(true or MessageSent.is_forward)", Kind.FLAG),
    (DEPTH.is_known(), "MessageSent.forward_depth is known", Kind.FLAG),
    (DEPTH.is_null(), "MessageSent.forward_depth is none", Kind.FLAG),
    (DEPTH.or_else(2), "(MessageSent.forward_depth or else 2)", Kind.NUMBER),
    (tg.when(FORWARD, "new", "old"), '("new" if MessageSent.is_forward else "old")', Kind.SYMBOL),
    (tg.size(MessageSent.link_hashes) > 2, "size of MessageSent.link_hashes > 2", Kind.FLAG),
    (tg.contains(MessageSent.link_hashes, "h1"), '"h1" in MessageSent.link_hashes', Kind.FLAG),
    (tg.age(AccountProfile.registered_at) <= tg.days(7), "(now - AccountProfile.registered_at) <= P7D", Kind.FLAG),
    (tg.now() - tg.hours(1), "(now - PT1H)", Kind.MOMENT),
    (tg.midnight(AccountProfile.tz), "local midnight in AccountProfile.tz", Kind.MOMENT),
    (tg.local_hour(AccountProfile.tz), "local hour in AccountProfile.tz", Kind.NUMBER),
    (tg.all_of(), "()", Kind.FLAG),
]  # fmt: skip


@pytest.mark.parametrize(("expression", "text", "kind"), READS, ids=[row[1] for row in READS])
def test_an_expression_reads_as_a_person_would_write_it(expression, text, kind):
    assert expression.describe() == text
    assert expression.kind is kind


SAME = [
    (DEPTH > 3, DEPTH > 3.0),
    (DEPTH > 3, 3 < DEPTH),  # noqa: SIM300  as above
    (tg.now() - tg.hours(1), tg.now() - 3_600_000),
    (tg.now() - tg.seconds(60), tg.now() - tg.minutes(1)),
    (FORWARD & FORWARD, tg.all_of(FORWARD, FORWARD)),
    (KIND.isin("text"), tg.any_of(KIND == "text")),
]
DIFFERENT = [
    (DEPTH > 3, DEPTH >= 3),
    (DEPTH > 3, DEPTH > 4),
    (DEPTH - 1, 1 - DEPTH),
    (lift(1), lift(True)),
    (lift("1"), lift(1)),
    (DEPTH, MessageSent.media_bytes),
    (MessageSent.account_id, ReportFiled.account_id),
    (FORWARD & True, FORWARD | True),
    (DEPTH.is_known(), DEPTH.is_null()),
    (tg.least(DEPTH, 1), tg.greatest(DEPTH, 1)),
    (tg.local_hour(TEXT), tg.weekday(TEXT)),
    (tg.when(FORWARD, 1, 2), tg.when(FORWARD, 2, 1)),
]


@pytest.mark.parametrize(("a", "b"), SAME, ids=lambda e: e.describe())
def test_how_a_tree_is_written_does_not_change_what_it_is(a, b):
    assert a.fingerprint == b.fingerprint


@pytest.mark.parametrize(("a", "b"), DIFFERENT, ids=lambda e: e.describe())
def test_trees_that_mean_something_else_are_told_apart(a, b):
    assert a.fingerprint != b.fingerprint


def test_fingerprints_are_the_same_in_every_process():
    program = (
        "import tidegate as tg; from tidegate.events import MessageSent as M;"
        "print(((M.forward_depth > 3) & (M.message_type == 'text')).fingerprint)"
    )
    here = ((DEPTH > 3) & (KIND == "text")).fingerprint
    elsewhere = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert elsewhere.stdout.strip() == here
    assert len(here) == 32


def test_comparison_builds_a_tree_and_never_says_equal():
    same = DEPTH == DEPTH
    assert same.describe() == "MessageSent.forward_depth == MessageSent.forward_depth"
    with pytest.raises(ExpressionError):
        bool(same)
    assert len({DEPTH, DEPTH, KIND}) == 2


@pytest.mark.parametrize(
    "write",
    [
        lambda: DEPTH + "1",
        lambda: KIND + 1,
        KIND.__abs__,
        KIND.floor,
        lambda: KIND > "text",
        lambda: KIND == 3,
        lambda: KIND == "vidoe",
        lambda: DEPTH & FORWARD,
        lambda: ~DEPTH,
        lambda: KIND | FORWARD,
        lambda: DEPTH + float("nan"),
        lambda: DEPTH > None,
        lambda: DEPTH == [1],
        lambda: DEPTH.or_else("none"),
        lambda: MessageSent.account_id.or_else(MessageSent.device_id),
        lambda: MessageSent.account_id == MessageSent.ip,
        lambda: MessageSent.link_hashes == MessageSent.link_hashes,
        lambda: tg.size(DEPTH),
        lambda: tg.contains(MessageSent.link_hashes, MessageSent.account_id),
        lambda: tg.when(DEPTH, 1, 2),
        lambda: tg.when(FORWARD, 1, "a"),
        lambda: tg.local_hour(DEPTH),
        lambda: tg.great_circle_km((KIND, DEPTH), (DEPTH, DEPTH)),
        lambda: tg.now() + tg.now(),
        KIND.isin,
        lambda: KIND.isin(["text"]),
        lambda: tg.seconds(0),
        lambda: tg.hours(-1),
        lambda: tg.days(float("inf")),
    ],
)
def test_what_makes_no_sense_is_refused_when_it_is_written(write):
    with pytest.raises(ExpressionError) as refused:
        write()
    assert refused.value.hint


def test_a_choice_may_be_compared_with_what_it_can_be_and_a_choice_of_names_too():
    tier = tg.when(FORWARD, "new", "old")
    assert tier.options == ("new", "old")
    assert (tier == "old").kind is Kind.FLAG
    with pytest.raises(ExpressionError, match="is never `odl`"):
        _ = tier == "odl"
    with pytest.raises(ExpressionError, match="is never"):
        _ = tier == KIND
    assert (tier == TEXT).kind is Kind.FLAG  # a text may be anything


def test_fields_of_one_entity_may_be_compared_across_events():
    assert (AccountProfile.device_id == DeviceProfile.device_id).kind is Kind.FLAG


@pytest.mark.parametrize(
    ("text", "ms"),
    [("PT60S", 60_000), ("PT1M", 60_000), ("PT0.5S", 500), ("P7D", 604_800_000), ("P1DT2H", 93_600_000)],
)
def test_durations_are_read_as_iso_8601(text, ms):
    assert parse_duration(text).ms == ms


@pytest.mark.parametrize(
    "text", ["", "P", "PT", "5m", "60", "PT0S", "P1M", "P1W", "-PT5M", "PT5M ", "T5M", "pt5m"]
)
def test_what_is_no_duration_is_refused(text):
    with pytest.raises(ExpressionError, match="is no duration"):
        parse_duration(text)


@pytest.mark.parametrize("text", ["P100001D", "P99999999999999999999999D", "P" + "9" * 400 + "D"])
def test_what_is_longer_than_anybody_looks_back_is_refused(text):
    with pytest.raises(ExpressionError, match="is too long"):
        parse_duration(text)
    assert parse_duration("P100000D").ms == 100_000 * 86_400_000


def test_durations_compare_by_length_and_keep_the_unit_they_were_written_in():
    assert (tg.seconds(60).iso, tg.minutes(1).iso, tg.hours(1.5).iso, tg.days(30).iso) == (
        "PT60S",
        "PT1M",
        "PT1.5H",
        "P30D",
    )
    assert tg.seconds(59) < tg.minutes(1)
