"""Bodies as synapse-http-antispam 0.5.1 sends them, and the events they become."""

import json

import pytest

from tidegate.adapters.matrix.callbacks import Translator
from tidegate.adapters.matrix.content import keyed_hash, simhash
from tidegate.adapters.matrix.rooms import RoomBook
from tidegate.events import decode_event

KEY = b"k" * 32
NOW = 1_772_443_800_000


@pytest.fixture
def ask():
    translator = Translator(KEY, RoomBook())

    def events(callback, **body):
        found = translator.events(callback, json.dumps(body).encode(), NOW, "u1")
        for event in found:  # whatever we make must be an event by the contract
            decode_event(json.dumps(event).encode())
        return found

    return events


def message(sender="@a:x", room="!r:x", number=1, type_="m.room.message", **content):
    content = {"msgtype": "m.text", "body": "hello there, how are you?"} | content
    return {
        "type": type_,
        "sender": sender,
        "room_id": room,
        "event_id": f"$e{number}",
        "origin_server_ts": 5,
        "content": content,
        "unsigned": {},
    }


def test_a_message_in_a_room_is_a_message_to_a_group(ask):
    assert ask("check_event_for_spam", event=message()) == [
        {
            "event_id": "$e1",
            "ts": NOW,
            "type": "message_sent",
            "account_id": "@a:x",
            "group_id": "!r:x",
            "message_type": "text",
            "link_hashes": [],
            "content_fp": simhash("hello there, how are you?"),
        }
    ]


def test_nothing_of_the_text_is_in_the_event(ask):
    text = "the treasure lies under the old oak, see https://treasure.example/map"
    found = json.dumps(ask("check_event_for_spam", event=message(body=text, formatted_body=f"<b>{text}</b>")))
    assert not [word for word in ("treasure", "oak", "map", "https") if word in found]


def test_in_a_talk_of_two_the_other_is_the_recipient_and_receives(ask):
    ask("user_may_invite", inviter="@a:x", invitee="@b:x", room_id="!r:x")
    sent, arrived = ask("check_event_for_spam", event=message())
    assert (sent["recipient_id"], sent["group_id"]) == ("@b:x", None)
    assert arrived == {"event_id": "mx-check_event_for_spam-u1-1", "ts": NOW, "type": "message_received", "account_id": "@b:x", "from_id": "@a:x"}  # fmt: skip
    ask("user_may_join_room", user="@c:x", room="!r:x", is_invited=True)
    (sent,) = ask("check_event_for_spam", event=message(number=2))
    assert sent["group_id"] == "!r:x"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ({"msgtype": "m.image", "info": {"size": 2048}}, {"message_type": "image", "media_bytes": 2048}),
        ({"msgtype": "m.video"}, {"message_type": "video"}),
        ({"msgtype": "m.file", "info": {"size": -1}}, {"message_type": "other"}),
        ({"msgtype": "m.file", "info": {"size": True}}, {"message_type": "other"}),
        (
            {"body": "https://example.org/a"},
            {"message_type": "link", "link_hashes": [keyed_hash("example.org/a", KEY)]},
        ),
        ({"m.relates_to": {"m.in_reply_to": {"event_id": "$x"}}}, {"message_type": "text", "is_reply": True}),
        ({"body": ["no", "text"], "msgtype": {}}, {"message_type": "other"}),
    ],
)
def test_what_the_content_tells(ask, content, expected):
    (found,) = ask("check_event_for_spam", event=message(**content))
    assert {name: found.get(name) for name in expected} == expected
    assert ("media_bytes" in found) == ("media_bytes" in expected)


def test_of_an_encrypted_message_only_that_it_was_sent(ask):
    (found,) = ask("check_event_for_spam", event=message(type_="m.room.encrypted", ciphertext="AwgA"))
    assert set(found) == {"event_id", "ts", "type", "account_id", "group_id"}


@pytest.mark.parametrize("type_", ["m.reaction", "m.room.redaction", "m.room.topic", "org.example.own"])
def test_what_is_no_message_is_not_judged(ask, type_):
    assert ask("check_event_for_spam", event=message(type_=type_)) == []


def test_an_edit_is_no_new_message(ask):
    assert ask("check_event_for_spam", event=message(**{"m.new_content": {"body": "better"}})) == []


def test_a_login_tells_address_and_device(ask):
    (found,) = ask(
        "check_login_for_spam",
        user_id="@a:x",
        device_id="DEV",
        initial_display_name=None,
        request_info=[["Element/1.0", "203.0.113.9"]],
        auth_provider_id=None,
    )
    assert found["type"] == "login_attempt"
    assert (found["ip"], found["device_id"], found["ok"]) == ("203.0.113.9", "DEV", True)
    assert found["extra"] == {"user_agent": "Element/1.0"}


def test_a_login_without_an_address_leaves_it_unknown(ask):
    (found,) = ask("check_login_for_spam", user_id="@a:x", device_id=None, request_info=[])
    assert set(found) == {"event_id", "ts", "type", "account_id", "ok"}


def test_joins_tell_whether_somebody_was_invited(ask):
    assert ask("user_may_join_room", user="@a:x", room="!r:x", is_invited=False)[0]["method"] == "link"
    assert ask("user_may_join_room", user="@b:x", room="!r:x", is_invited=True)[0]["method"] == "invite"


def test_taking_up_a_talk_of_two_is_no_joining_of_a_group(ask):
    ask("user_may_invite", inviter="@a:x", invitee="@b:x", room_id="!r:x")
    assert ask("user_may_join_room", user="@b:x", room="!r:x", is_invited=True) == []


def test_an_invitation_is_a_first_message_to_a_person(ask):
    (found,) = ask("user_may_invite", inviter="@a:x", invitee="@b:x", room_id="!r:x")
    assert (found["type"], found["recipient_id"], found["group_id"]) == ("message_sent", "@b:x", None)
    (federated,) = ask(
        "federated_user_may_invite",
        event=message(sender="@z:far", type_="m.room.member") | {"state_key": "@b:x"},
    )
    assert (federated["account_id"], federated["recipient_id"]) == ("@z:far", "@b:x")


def test_an_invited_address_is_hashed(ask):
    (found,) = ask(
        "user_may_send_3pid_invite", inviter="@a:x", medium="email", address="bob@example.org", room_id="!r:x"
    )
    assert found["recipient_id"] == f"email:{keyed_hash('bob@example.org', KEY)}"


def test_creating_a_room_is_creating_a_group(ask):
    assert ask("user_may_create_room", user_id="@a:x")[0]["type"] == "group_created"


@pytest.mark.parametrize(
    "callback", ["user_may_publish_room", "accept_make_join", "tomorrows_callback", "__class__"]
)
def test_other_callbacks_are_not_judged(ask, callback):
    assert ask(callback, user_id="@a:x", anything=[1]) == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"{",
        b'{"event": 5}',
        b'{"event": {"type": "m.room.message"}}',
        b"\xff",
        b"[" * 100_000,
    ],
)
def test_a_body_of_another_form_is_refused_in_words(body):
    with pytest.raises(ValueError, match="check_event_for_spam"):
        Translator(KEY, RoomBook()).events("check_event_for_spam", body, NOW, "u1")


def test_ids_too_long_or_not_printable_are_hashed(ask):
    long, odd = "@" + "a" * 200 + ":x", "@\n:x"
    (found,) = ask("check_event_for_spam", event=message(sender=long, room=odd))
    assert found["account_id"].startswith("mx-")
    assert len(found["account_id"]) <= 128
    assert found["group_id"].startswith("mx-")


def test_the_book_of_rooms_forgets_what_was_unused_longest():
    book = RoomBook(rooms_max=2)
    for room in ("!1", "!2", "!3"):
        book.invited(room, "@a", "@b")
    assert [book.other(room, "@a") for room in ("!1", "!2", "!3")] == [None, "@b", "@b"]
