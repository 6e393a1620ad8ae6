"""Webhooks: signed, in order per account, at least once; retried later and later, dead in the end, replayed on demand."""

import asyncio

import pytest
import sqlalchemy as sa
from tests.ledger.worlds import MINUTE, T0, event
from tests.service.enforcement.test_announcer import OPENS, message, opened
from tests.service.waiting import until

from tidegate.ledger.tables_enforcement import webhooks
from tidegate.service.access.rotation import rotate
from tidegate.service.enforcement.dispatcher import Dispatcher
from tidegate.service.enforcement.enforcement import Enforcement
from tidegate.service.enforcement.sender import Outcome, Sender
from tidegate.service.enforcement.webhook_book import ROTATION_MS

WAIT = 5000  # the first retry, without chance


async def once(bench):
    """Make the attempts that are due, and none that become due by them."""
    sender = Sender(bench.addresses, "/test", bench.now)
    dispatcher = bench.dispatcher(sender)
    dispatcher.start_due()
    await dispatcher.settle()
    await sender.close()


@pytest.fixture
def hook(bench, receiver):
    """A webhook for everything, and its secret."""
    return bench.book.create(receiver.url, (), actor="test")


def test_a_delivery_is_signed_and_in_its_envelope(bench, receiver, hook):
    bench.take(message(T0, **OPENS))
    bench.deliver()
    ((path, headers, _),) = receiver.got
    assert path == "/hook"
    assert headers["Content-Type"] == "application/cloudevents+json"
    assert headers["Host"] == f"127.0.0.1:{receiver.port}"
    assert headers["webhook-id"] == receiver.events()[0]["id"]
    assert receiver.genuine(hook[1], bench.ms // 1000) == [True]
    assert receiver.genuine(hook[1], bench.ms // 1000 + 301) == [False]
    assert bench.book.counts(hook[0].id) == {"waiting": 0, "sent": 1, "dead": 0}


def test_it_is_told_only_of_the_kinds_it_wants(bench, receiver):
    bench.book.create(receiver.url, ("lifted",), actor="test")
    bench.take(message(T0, **OPENS))
    bench.take(event("sanction_lifted", T0 + MINUTE, sanction_id=opened(bench).measure_id))
    bench.deliver()
    assert receiver.told() == [("a", "lifted")]


def test_it_is_not_told_of_what_was_before_it(bench, receiver):
    bench.take(message(T0, **OPENS))
    bench.book.create(receiver.url, (), actor="test")
    bench.deliver()
    assert receiver.got == []


def test_a_failure_is_tried_again_later_and_keeps_the_later_ones_of_its_account_waiting(
    bench, receiver, hook
):
    failing = ["a"]  # once; those of other accounts go out at the same time, in any order
    receiver.say = lambda e: (500 if e["subject"] in failing and failing.pop() else 204, {})
    bench.take(message(T0, "a", **OPENS))
    bench.take(event("sanction_lifted", T0 + MINUTE, sanction_id=opened(bench).measure_id))
    bench.take(message(T0 + MINUTE, "b", **OPENS))
    bench.deliver()
    assert sorted(receiver.told()) == [("a", "opened"), ("b", "opened")]
    first = receiver.told().index(("a", "opened"))
    bench.ms += WAIT - 1
    bench.deliver()
    assert len(receiver.got) == 2
    bench.ms += 1
    bench.deliver()
    assert receiver.told()[2:] == [("a", "opened"), ("a", "lifted")]
    ids = [h["webhook-id"] for _, h, _ in receiver.got]
    assert ids[first] == ids[2]
    assert receiver.genuine(hook[1], bench.ms // 1000)[2:] == [True, True]


def test_where_there_is_no_account_what_follows_of_the_measure_waits(bench, receiver, hook):
    failing = [1]
    receiver.say = lambda e: (500 if e["type"].endswith("opened") and failing and failing.pop() else 204, {})
    bench.take(message(T0, None, device_id="d1"))
    bench.take(event("sanction_lifted", T0 + MINUTE, None, sanction_id=opened(bench).measure_id))
    assert bench.told() == [(None, "opened"), (None, "lifted")]
    bench.deliver()
    assert [e["type"].rpartition(".")[2] for e in receiver.events()] == ["opened"]
    bench.ms += WAIT
    bench.deliver()
    assert [e["type"].rpartition(".")[2] for e in receiver.events()] == ["opened", "opened", "lifted"]


def test_what_keeps_failing_dies_is_visible_and_can_be_replayed(bench, receiver, hook):
    receiver.answers = [500, 404, 302, 500]
    bench.take(message(T0, **OPENS))
    for _ in range(4):
        bench.deliver()
        bench.ms += 60_000
    webhook_id = hook[0].id
    (dead,) = bench.book.deliveries(webhook_id, "dead")
    assert (dead["attempts"], dead["status"], dead["error"], dead["account_id"]) == (
        4,
        500,
        "answered 500",
        "a",
    )
    bench.ms += 10 * MINUTE
    bench.deliver()
    assert len(receiver.got) == 4
    assert bench.book.replay(webhook_id, None, actor="ann") == 1
    bench.deliver()
    assert len(receiver.got) == 5
    assert bench.book.counts(webhook_id) == {"waiting": 0, "sent": 1, "dead": 0}
    assert bench.custody.audit.entries()[-1].action == "webhook.replay"


def test_a_redirect_is_not_followed(bench, receiver, hook):
    receiver.say = lambda _: (302, {"location": receiver.url})
    bench.take(message(T0, **OPENS))
    bench.deliver()
    assert len(receiver.got) == 1


def test_a_receiver_may_ask_for_time(bench, receiver, hook):
    receiver.say = lambda _: (503, {"retry-after": "60"})
    bench.take(message(T0, **OPENS))
    bench.deliver()
    receiver.say = None
    bench.ms += 59_999
    bench.deliver()
    assert len(receiver.got) == 1
    bench.ms += 1
    bench.deliver()
    assert bench.book.counts(hook[0].id)["sent"] == 1


def test_gone_ends_a_webhook(bench, receiver, hook):
    receiver.answers = [410]
    bench.take(message(T0, **OPENS))
    bench.take(message(T0, "b", **OPENS))
    bench.deliver()
    assert not bench.book.get(hook[0].id).enabled
    bench.take(message(T0, "c", **OPENS))
    assert bench.book.counts(hook[0].id)["waiting"] <= 1


def test_a_receiver_that_is_down_is_left_alone_and_others_are_not_kept_waiting(bench, receiver, hook):
    bench.book.create("http://127.0.0.1:9/", (), actor="test")
    attempts = []

    class Counting:
        async def send(self, url, keys, announcement):
            attempts.append(url)
            return Outcome(delivered=url != "http://127.0.0.1:9/", error="refused")

    dispatcher = Dispatcher(
        bench.ledger.database, bench.book, Counting(), bench.now, lambda: 0.5, bench.backoff
    )
    bench.take(*(message(T0, f"a{n}", **OPENS) for n in range(60)))
    bench.deliver(dispatcher)
    assert attempts.count(receiver.url) == 60
    assert attempts.count("http://127.0.0.1:9/") < 25
    bench.deliver(dispatcher)
    assert attempts.count("http://127.0.0.1:9/") < 25
    before = len(attempts)
    bench.ms += 5 * MINUTE
    bench.deliver(dispatcher)
    assert len(attempts) == before + 1


def test_what_was_sent_but_not_noted_goes_out_again(bench, receiver, hook, monkeypatch):
    """As after a kill -9 between the receiver's answer and our note of it."""
    bench.take(message(T0, **OPENS))

    monkeypatch.setattr(Dispatcher, "_note", lambda *_: None)
    asyncio.run(once(bench))
    monkeypatch.undo()
    bench.deliver()
    assert receiver.told() == [("a", "opened")] * 2
    assert len({h["webhook-id"] for _, h, _ in receiver.got}) == 1


def test_a_new_secret_and_the_one_before_both_sign_for_a_day(bench, receiver, hook):
    new = bench.book.renew_secret(hook[0].id, actor="ann")
    bench.take(message(T0, **OPENS))
    bench.deliver()
    assert receiver.genuine(hook[1], bench.ms // 1000) == receiver.genuine(new, bench.ms // 1000) == [True]
    bench.ms += ROTATION_MS
    bench.take(message(T0, "b", **OPENS))
    bench.deliver()
    assert receiver.genuine(new, bench.ms // 1000)[-1]
    assert not receiver.genuine(hook[1], bench.ms // 1000)[-1]


def test_secrets_are_sealed_and_survive_a_rotation(bench, hook):
    with bench.ledger.database.reading() as connection:
        row = connection.execute(sa.select(webhooks)).one()
    assert hook[1].encode() not in bytes(row.secret)
    assert rotate(bench.custody, actor="test").webhooks == 1
    assert bench.book.signing_keys(hook[0].id) == [hook[1]]
    with bench.ledger.database.reading() as connection:
        assert connection.execute(sa.select(webhooks.c.key_id)).scalar() == 2


def test_a_webhook_that_is_removed_leaves_nothing(bench, receiver, hook):
    bench.take(message(T0, **OPENS))
    bench.book.remove(hook[0].id, actor="ann", reason="moved")
    bench.deliver()
    assert receiver.got == []
    with pytest.raises(LookupError):
        bench.book.get(hook[0].id)
    assert [e.action for e in bench.custody.audit.entries()][-2:] == ["webhook.create", "webhook.remove"]


def test_the_thread_delivers_by_itself(bench, receiver):
    enforcement = Enforcement(bench.custody, allow="127.0.0.0/8", source="/live")
    enforcement.webhooks.create(receiver.url, (), actor="test")

    async def live():
        await enforcement.start()
        bench.take(*(message(T0, f"a{n}", **OPENS) for n in range(50)), step=False)
        enforcement.wake()
        await until(lambda: len(receiver.got) >= 50)
        await enforcement.stop()

    asyncio.run(live())
    assert sorted(receiver.told()) == sorted((f"a{n}", "opened") for n in range(50))
    assert {e["source"] for e in receiver.events()} == {"/live"}
