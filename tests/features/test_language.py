"""How a feature is written, what identifies it, and which ones are refused."""

import itertools

import pytest

import tidegate as tg
from tidegate.errors import ExpressionError, PolicyError, TidegateError
from tidegate.events import (
    AccountProfile,
    BroadcastBatch,
    GroupJoined,
    LinkClicked,
    LoginAttempt,
    MessageReceived,
    MessageSent,
    ReportFiled,
)
from tidegate.expr import Kind

ACCOUNT = MessageSent.account_id
SENT = tg.events(MessageSent)
HOUR = tg.hours(1)

# name -> feature, with the kind of its value; no two are the same
FEATURES = {
    "count": (SENT.count().per(ACCOUNT).over(HOUR), Kind.NUMBER),
    "count of some": (SENT.where(MessageSent.is_forward).count().per(ACCOUNT).over(HOUR), Kind.NUMBER),
    "count of others": (SENT.where(~MessageSent.is_forward).count().per(ACCOUNT).over(HOUR), Kind.NUMBER),
    "count over a day": (SENT.count().per(ACCOUNT).over(tg.days(1)), Kind.NUMBER),
    "count today": (SENT.count().per(ACCOUNT).today(AccountProfile.tz), Kind.NUMBER),
    "count since": (SENT.count().per(ACCOUNT).since(tg.now() - HOUR, at_most=tg.days(1)), Kind.NUMBER),
    "count since, bounded": (SENT.count().per(ACCOUNT).since(tg.now() - HOUR, at_most=tg.days(2)), Kind.NUMBER),
    "count per device": (SENT.count().per(MessageSent.device_id).over(HOUR), Kind.NUMBER),
    "count per pair": (SENT.count().per(ACCOUNT, MessageSent.recipient_id).over(HOUR), Kind.NUMBER),
    "count per link": (SENT.count().per(MessageSent.link_hashes).over(HOUR), Kind.NUMBER),
    "count per pair with members": (SENT.count().per(ACCOUNT, MessageSent.link_hashes).over(HOUR), Kind.NUMBER),
    "count of two kinds": (tg.events(MessageSent, GroupJoined).count().per(ACCOUNT).over(HOUR), Kind.NUMBER),
    "read elsewhere": (SENT.count().per(ACCOUNT).over(HOUR).at(ReportFiled.reporter_id), Kind.NUMBER),
    "sum": (SENT.sum(MessageSent.media_bytes).per(ACCOUNT).over(HOUR), Kind.NUMBER),
    "sum of whole numbers": (SENT.sum(MessageSent.media_bytes, places=0).per(ACCOUNT).over(HOUR), Kind.NUMBER),
    "distinct": (SENT.distinct(MessageSent.recipient_id).per(ACCOUNT).over(HOUR), Kind.NUMBER),
    "distinct under two names": (
        tg.events(MessageSent, BroadcastBatch).distinct(MessageSent.recipient_id, BroadcastBatch.recipient_ids).per(ACCOUNT).over(HOUR),
        Kind.NUMBER,
    ),
    "distinct members": (SENT.distinct(MessageSent.link_hashes).per(ACCOUNT).over(HOUR), Kind.NUMBER),
    "last": (SENT.last(MessageSent.message_type).per(ACCOUNT).ever(), Kind.SYMBOL),
    "last within": (SENT.last(MessageSent.message_type).per(ACCOUNT).over(HOUR), Kind.SYMBOL),
    "previous": (SENT.previous(MessageSent.message_type).per(ACCOUNT).ever(), Kind.SYMBOL),
    "last seen": (SENT.last_seen().per(ACCOUNT).ever(), Kind.MOMENT),
    "previous seen": (SENT.previous_seen().per(ACCOUNT).ever(), Kind.MOMENT),
    "first seen": (SENT.first_seen().per(ACCOUNT).ever(), Kind.MOMENT),
    "run": (SENT.run(MessageSent.is_forward).per(ACCOUNT).ever(), Kind.NUMBER),
    "run before": (SENT.run_before(MessageSent.is_forward).per(ACCOUNT).ever(), Kind.NUMBER),
    "changes": (tg.events(LoginAttempt).changes(LoginAttempt.device_id).per(LoginAttempt.account_id).over(HOUR), Kind.NUMBER),
    "regular": (SENT.regular_for(tg.seconds(5), tg.seconds(7)).per(ACCOUNT).ever(), Kind.NUMBER),
    "regular, length": (SENT.regular_length(tg.seconds(5), tg.seconds(7)).per(ACCOUNT).ever(), Kind.NUMBER),
    "regular, wider": (SENT.regular_for(tg.seconds(5), tg.seconds(9)).per(ACCOUNT).ever(), Kind.NUMBER),
    "capped sum": (SENT.sum(MessageSent.media_bytes, at_most=3, each=MessageSent.recipient_id).per(ACCOUNT).over(HOUR), Kind.NUMBER),
    "capped sum, higher": (SENT.sum(MessageSent.media_bytes, at_most=4, each=MessageSent.recipient_id).per(ACCOUNT).over(HOUR), Kind.NUMBER),
    "top": (SENT.top(MessageSent.recipient_id, 4, least=20).per(ACCOUNT).over(HOUR), Kind.NUMBER),
    "top, fewer": (SENT.top(MessageSent.recipient_id, 3, least=20).per(ACCOUNT).over(HOUR), Kind.NUMBER),
    "recent": (SENT.recent(MessageSent.recipient_id, 4, least=2).per(ACCOUNT).over(HOUR), Kind.LIST),
    "recent, more": (SENT.recent(MessageSent.recipient_id, 5, least=2).per(ACCOUNT).over(HOUR), Kind.LIST),
    "median": (SENT.median(MessageSent.media_bytes).per(ACCOUNT).over(HOUR), Kind.NUMBER),
    "highest": (SENT.highest(MessageSent.media_bytes).per(ACCOUNT).ever(), Kind.NUMBER),
    "highest moment": (SENT.highest(tg.now()).overall().ever(), Kind.MOMENT),
    "steady": (SENT.steady_for(0.1).per(ACCOUNT).ever(), Kind.NUMBER),
    "steady, length": (SENT.steady_length(0.1).per(ACCOUNT).ever(), Kind.NUMBER),
    "steady, wider": (SENT.steady_for(0.2).per(ACCOUNT).ever(), Kind.NUMBER),
    "seen": (SENT.seen().per(ACCOUNT).over(HOUR), Kind.NUMBER),
    "count overall": (SENT.count().overall().over(HOUR), Kind.NUMBER),
    "similarity": (SENT.similarity(MessageSent.recipient_id, to=MessageSent.recipient_id).per(ACCOUNT).ever(), Kind.NUMBER),
}  # fmt: skip


@pytest.mark.parametrize("name", FEATURES)
def test_a_feature_is_a_value_of_its_kind(name):
    feature, kind = FEATURES[name]
    assert feature.kind is kind
    assert feature.fingerprint == feature.fingerprint
    assert "message_sent" in feature.describe() or "login_attempt" in feature.describe()


def test_the_words_of_a_feature_tell_a_calendar_day_from_the_last_24_hours_and_one_start_from_another():
    sent = SENT.distinct(MessageSent.recipient_id).per(ACCOUNT)
    day = tg.days(1)
    windows = [sent.over(day), sent.today("Europe/Berlin"), sent.today("UTC")]
    starts = [tg.midnight("UTC"), tg.now() - HOUR, tg.now() - tg.hours(2)]
    windows += [sent.since(start, at_most=bound) for start in starts for bound in (day, tg.days(2))]
    assert len({window.describe() for window in windows}) == len(windows)
    assert sent.today("UTC").describe().endswith('since local midnight in "UTC"')


def test_no_two_different_features_share_a_fingerprint():
    for (a, (first, _)), (b, (second, _)) in itertools.combinations(FEATURES.items(), 2):
        assert first.fingerprint != second.fingerprint, (a, b)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (SENT.count().per(ACCOUNT).over(tg.seconds(60)), SENT.count().per(ACCOUNT).over(tg.minutes(1))),
        (
            tg.events(MessageSent, GroupJoined).count().per(ACCOUNT).over(HOUR),
            (tg.events(GroupJoined) | tg.events(MessageSent)).count().per(GroupJoined.account_id).over(HOUR),
        ),
        (
            SENT.where(MessageSent.is_forward)
            .where(MessageSent.is_broadcast)
            .count()
            .per(ACCOUNT)
            .over(HOUR),
            SENT.where(MessageSent.is_forward & MessageSent.is_broadcast).count().per(ACCOUNT).over(HOUR),
        ),
    ],
    ids=["unit of the window", "order of the kinds", "conditions one by one"],
)
def test_features_that_are_written_differently_and_mean_the_same_are_one(a, b):
    assert a.fingerprint == b.fingerprint


def test_the_same_kind_of_event_in_two_joined_streams_counts_under_either_condition():
    forwards, broadcasts = SENT.where(MessageSent.is_forward), SENT.where(MessageSent.is_broadcast)
    either = SENT.where(MessageSent.is_forward | MessageSent.is_broadcast)
    assert (forwards | broadcasts).count().per(ACCOUNT).over(HOUR).fingerprint == either.count().per(
        ACCOUNT
    ).over(HOUR).fingerprint
    assert (forwards | SENT).condition == {MessageSent: None}


def test_fields_are_taken_by_name_from_every_kind_of_event():
    feature = (
        tg.events(MessageSent, BroadcastBatch)
        .where(MessageSent.batch_id.is_known())
        .count()
        .per(ACCOUNT)
        .over(HOUR)
    )
    named = {event: fields[0].owner for event, fields in feature.key.fields.items()}
    assert named == {MessageSent: MessageSent, BroadcastBatch: BroadcastBatch}
    conditions = {event: condition.describe() for event, condition in feature.condition.items()}
    assert conditions[BroadcastBatch] == "BroadcastBatch.batch_id is known"


def test_a_feature_inside_a_condition_keeps_its_own_events():
    tier = tg.events(AccountProfile).last(AccountProfile.tier).per(AccountProfile.account_id).ever()
    feature = tg.events(MessageSent, GroupJoined).where(tier == "new").count().per(ACCOUNT).over(HOUR)
    assert {c.left.fingerprint for c in feature.condition.values()} == {tier.fingerprint}


def test_a_feature_knows_the_words_it_can_be():
    assert FEATURES["last"][0].options == MessageSent.message_type.options
    with pytest.raises(ExpressionError, match="is never `vidoe`"):
        _ = FEATURES["last"][0] == "vidoe"


@pytest.mark.parametrize(
    "write",
    [
        tg.events,
        lambda: tg.events(ACCOUNT),
        lambda: tg.events("message_sent"),
        lambda: SENT.where(MessageSent.forward_depth),
        lambda: SENT.where(LinkClicked.sender_id.is_known()),
        lambda: SENT.where(SENT),
        lambda: SENT | ACCOUNT,
        lambda: SENT.sum(ACCOUNT),
        lambda: SENT.sum(MessageSent.media_bytes, places=9),
        lambda: SENT.sum(MessageSent.media_bytes, at_most=3),
        lambda: SENT.sum(MessageSent.media_bytes, at_most=MessageSent.forward_depth, each=ACCOUNT),
        lambda: SENT.sum(MessageSent.media_bytes, at_most=3, each=MessageSent.link_hashes),
        lambda: SENT.median(ACCOUNT),
        lambda: SENT.median(MessageSent.media_bytes).per(ACCOUNT).ever(),
        lambda: SENT.median(MessageSent.media_bytes).per(MessageSent.link_hashes),
        lambda: SENT.highest(MessageSent.link_hashes),
        lambda: SENT.highest(MessageSent.media_bytes).per(ACCOUNT).over(HOUR),
        lambda: SENT.steady_for(MessageSent.forward_depth),
        lambda: SENT.steady_for(0.1).per(ACCOUNT).over(HOUR),
        lambda: SENT.alike(MessageSent.link_hashes, to=ACCOUNT),
        lambda: tg.halves(MessageSent.media_bytes),
        lambda: tg.likeness((ACCOUNT, ACCOUNT), (ACCOUNT, ACCOUNT)),
        lambda: tg.last_of(ACCOUNT),
        lambda: SENT.distinct(MessageSent.media_bytes),
        lambda: tg.events(MessageSent, BroadcastBatch).distinct(
            MessageSent.recipient_id, BroadcastBatch.recipient_count
        ),
        lambda: tg.events(MessageSent, BroadcastBatch).distinct(
            MessageSent.recipient_id, BroadcastBatch.batch_id
        ),
        lambda: SENT.last(MessageSent.link_hashes),
        lambda: SENT.run(MessageSent.forward_depth),
        lambda: SENT.regular_for(tg.seconds(7), tg.seconds(5)),
        lambda: SENT.regular_for(5, 7),
        lambda: SENT.count().per(),
        lambda: SENT.count().per(MessageSent.forward_depth),
        lambda: SENT.count().per("account_id"),
        lambda: SENT.count().per(MessageSent.link_hashes, ACCOUNT),
        lambda: SENT.changes(MessageSent.device_id).per(MessageSent.link_hashes),
        lambda: SENT.count().per(ReportFiled.reporter_id),
        lambda: SENT.count().per(ACCOUNT).over(60),
        lambda: SENT.count().per(ACCOUNT).over("PT60S"),
        lambda: SENT.count().per(ACCOUNT).ever(),
        lambda: SENT.distinct(MessageSent.recipient_id).per(ACCOUNT).ever(),
        lambda: SENT.last_seen().per(ACCOUNT).today(AccountProfile.tz),
        lambda: SENT.similarity(MessageSent.recipient_id, to=ACCOUNT).per(ACCOUNT).over(HOUR),
        lambda: SENT.similarity(MessageSent.recipient_id, to=()),
        lambda: SENT.similarity(MessageSent.recipient_id, to=(ACCOUNT,) * 8),
        lambda: SENT.count().per(ACCOUNT).since(3, at_most=HOUR),
        lambda: SENT.count().per(ACCOUNT).since(tg.now(), at_most=3),
        lambda: SENT.count().per(ACCOUNT).over(HOUR).at(),
        lambda: SENT.count().per(ACCOUNT).over(HOUR).at(MessageSent.device_id),
        lambda: SENT.count() > 3,
        lambda: SENT.count().per(ACCOUNT) + 1,
        lambda: SENT == 3,
        lambda: ~SENT.count().per(ACCOUNT),
        lambda: tg.labelled("x", MessageSent.batch_id),
        lambda: tg.labelled(ACCOUNT, "x"),
        lambda: tg.labelled("x", ACCOUNT, within=3),
        lambda: tg.sanctioned(MessageSent.link_hashes, within=HOUR),
        lambda: tg.deadline(MessageSent, HOUR),
        lambda: tg.deadline(MessageSent, 3, ACCOUNT),
        lambda: tg.deadline(MessageSent, HOUR, MessageReceived.account_id),
        lambda: tg.deadline(MessageSent, HOUR, ACCOUNT, where=SENT.count().per(ACCOUNT).over(HOUR) > 3),
        lambda: tg.deadline(MessageSent, HOUR, ACCOUNT, where=MessageSent.forward_depth + 1 > 3),
    ],
)
def test_what_cannot_be_remembered_is_refused_when_it_is_written(write):
    with pytest.raises(TidegateError) as refused:
        write()
    assert refused.value.hint


def test_a_deadline_is_known_by_what_it_waits_for():
    plain = tg.deadline(MessageSent, HOUR, ACCOUNT)
    assert plain.type_name == "deadline.message_sent.PT1H"
    others = [
        tg.deadline(MessageSent, tg.hours(2), ACCOUNT),
        tg.deadline(MessageSent, HOUR, ACCOUNT, where=MessageSent.is_forward),
        tg.deadline(MessageSent, HOUR, MessageSent.recipient_id),
    ]
    assert len({plain.fingerprint(), *(d.fingerprint() for d in others)}) == 4
    assert tg.deadline(MessageSent, tg.minutes(60), ACCOUNT).fingerprint() == plain.fingerprint()


def test_python_s_own_questions_to_an_unfinished_feature_get_python_s_answers():
    unfinished = SENT.count()
    assert not hasattr(unfinished, "__len__")
    with pytest.raises(PolicyError, match="has no key yet"):
        unfinished.over(HOUR)
    with pytest.raises(PolicyError, match=r"has no `\.perr\(\.\.\.\)`"):
        unfinished.perr(ACCOUNT)
