"""Lists of the homeserver, read from where we left off."""

import asyncio
import json

import pytest

from tidegate.adapters.matrix.reports import Poller, registration, report
from tidegate.events import decode_event

NOW = 1_772_443_800_000


class Homeserver:
    def __init__(self):
        self.lists = {"event_reports": [], "user_reports": [], "users": []}

    async def reports(self, kind, start):
        return self.lists[kind][start : start + 2]

    async def users(self, start):
        return self.lists["users"][start : start + 2]


class Cursors(dict):
    def taken(self, name):
        return self.get(name, 0)

    def keep_taken(self, name, count):
        self[name] = count


@pytest.fixture
def poll():
    server, taken, cursors = Homeserver(), [], Cursors()

    async def take(events):
        taken.extend(events)

    def run():
        taken.clear()
        asyncio.run(Poller(server, cursors, take).poll(NOW))
        for event in taken:
            decode_event(json.dumps(event).encode())
        return list(taken)

    run.server, run.cursors = server, cursors
    return run


def test_every_row_is_told_once_over_pages(poll):
    poll.server.lists["event_reports"] = [
        {"id": n, "event_id": f"$m{n}", "sender": "@bad:x", "user_id": "@me:x", "reason": "spam"}
        for n in range(5)
    ]
    assert [event["report_id"] for event in poll()] == [f"mx-event-{n}" for n in range(5)]
    assert poll() == []
    poll.server.lists["user_reports"] = [
        {"id": 1, "target_user_id": "@bad:x", "user_id": "@me:x", "reason": None}
    ]
    (event,) = poll()
    assert (event["account_id"], event["reporter_id"], event["category"]) == ("@bad:x", "@me:x", "other")


def test_a_row_without_a_person_reported_is_passed_over_but_counted(poll):
    poll.server.lists["event_reports"] = [{"id": 1, "sender": None, "user_id": "@me:x"}]
    assert poll() == []
    assert poll.cursors.taken("event_reports") == 1


def test_the_words_of_a_report_are_not_kept():
    row = {"id": 1, "event_id": "$m", "sender": "@bad:x", "user_id": "@me:x", "reason": "he threatens my dog"}
    event = report(row, NOW)
    assert event["category"] == "harassment"
    assert "dog" not in json.dumps(event)


@pytest.mark.parametrize(
    ("created", "registered"),
    [(1_772_000_000, 1_772_000_000_000), (1_772_000_000_123, 1_772_000_000_123), (9_999_999_999_999, NOW)],
)
def test_a_registration_is_a_profile_with_its_moment(created, registered):
    assert registration({"name": "@a:x", "creation_ts": created}, NOW)["registered_at"] == registered
