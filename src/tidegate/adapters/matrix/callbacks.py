"""What a homeserver asks, as events: bodies of synapse-http-antispam 0.5 in, events as the contract writes them out.

Bodies come from our homeserver, but what they carry was written by its users: any field may hold anything. A body that
is not of its callback's form raises ValueError.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import msgspec

from tidegate.adapters.matrix.content import keyed_hash, traces
from tidegate.adapters.matrix.rooms import RoomBook

Event: TypeAlias = dict[str, Any]

_KINDS = {"m.text": "text", "m.notice": "text", "m.emote": "text", "m.image": "image", "m.video": "video"}
_MESSAGES = ("m.room.message", "m.room.encrypted", "m.sticker")
_CALLS = ("m.call.invite", "org.matrix.msc4075.call.notify")
_ID_MAX = 128  # characters of an id of ours; a Matrix id may have 255


class MatrixEvent(msgspec.Struct):
    """A Matrix event as clients see it."""

    type: str
    sender: str
    room_id: str
    event_id: str | None = None
    state_key: str | None = None  # of state events: whom or what it is about
    content: dict[str, Any] = {}


class _EventBody(msgspec.Struct):
    event: MatrixEvent


class _LoginBody(msgspec.Struct):
    user_id: str
    device_id: str | None = None
    request_info: list[tuple[str | None, str | None]] = []


class _JoinBody(msgspec.Struct):
    user: str
    room: str
    is_invited: bool = False


class _InviteBody(msgspec.Struct):
    inviter: str
    invitee: str
    room_id: str


class _AddressBody(msgspec.Struct):
    inviter: str
    medium: str
    address: str
    room_id: str


class _CreateBody(msgspec.Struct):
    user_id: str


@dataclass
class Translator:
    """Turns callbacks into events. `key` is for hashes of links and addresses, `rooms` what is known of rooms."""

    key: bytes
    rooms: RoomBook

    def events(self, callback: str, body: bytes, now_ms: int, unique: str) -> list[Event]:
        """Return the event the callback asks about, if it is one we judge, and what else it tells.

        The first is the one to decide on. `unique` tells apart what has no id of its own. Raise ValueError for a body
        that is not of the callback's form.
        """
        translate = _TRANSLATIONS.get(callback)
        if translate is None:
            return []
        try:
            found = translate(self, body)
        except (msgspec.MsgspecError, RecursionError) as error:
            raise ValueError(f"`{callback}`: {error}") from None
        for number, event in enumerate(found):
            given = event.pop("event_id", None)
            event["event_id"] = given or f"mx-{callback}-{unique}" + (f"-{number}" if number else "")
            event["ts"] = now_ms
        return found

    # one callback each ------------------------------------------------------------------------------------------
    def _event(self, body: bytes) -> list[Event]:
        event = _event_body(body).event
        person, room = short(event.sender), short(event.room_id)
        if event.type in _CALLS:
            return [
                _with(
                    type="call_started",
                    account_id=person,
                    kind="voice",
                    callee_id=self.rooms.other(room, person),
                )
            ]
        if event.type not in _MESSAGES or "m.new_content" in event.content:  # an edit is no new message
            return []
        self.rooms.joined(room, person)
        other = self.rooms.other(room, person)
        message = self._message(event) | _with(
            account_id=person, event_id=event.event_id and short(event.event_id)
        )
        if other is None:
            return [message | {"group_id": room}]
        arrived = _with(type="message_received", account_id=other, from_id=person)
        return [message | {"recipient_id": other, "group_id": None}, arrived]

    def _message(self, event: MatrixEvent) -> Event:
        """Return what the content says; of an encrypted one nothing is known but that it was sent."""
        if event.type == "m.room.encrypted":
            return {"type": "message_sent"}
        content = event.content
        text = content.get("body")
        found = traces(text if isinstance(text, str) else "", self.key)
        kind = _KINDS.get(str(content.get("msgtype")), "other")
        info = content.get("info")
        size = info.get("size") if isinstance(info, dict) else None
        return _with(
            type="message_sent",
            message_type="link" if kind == "text" and found.link_hashes else kind,
            link_hashes=found.link_hashes,
            content_fp=found.fingerprint,
            media_bytes=size if type(size) is int and 0 <= size < 1 << 53 else None,
            is_reply=True if _answers(content) else None,
        )

    def _login(self, body: bytes) -> list[Event]:
        login = _login_body(body)
        agent, ip = login.request_info[-1] if login.request_info else (None, None)
        extra = {"user_agent": agent[:200]} if agent else None
        device = short(login.device_id) if login.device_id else None
        return [
            _with(
                type="login_attempt",
                account_id=short(login.user_id),
                ok=True,
                device_id=device,
                ip=ip,
                extra=extra,
            )
        ]

    def _join(self, body: bytes) -> list[Event]:
        join = _join_body(body)
        person, room = short(join.user), short(join.room)
        self.rooms.joined(room, person)
        if self.rooms.other(room, person):
            return []  # somebody takes up a talk of two: no group
        method = "invite" if join.is_invited else "link"
        return [_with(type="group_joined", account_id=person, group_id=room, method=method)]

    def _invite(self, body: bytes) -> list[Event]:
        """An invitation is a first message to a person: it shows them a room's name, and rings their client."""
        invite = _invite_body(body)
        inviter, invitee, room = short(invite.inviter), short(invite.invitee), short(invite.room_id)
        self.rooms.invited(room, inviter, invitee)
        return [_invitation(inviter, invitee)]

    def _address(self, body: bytes) -> list[Event]:
        """The same by e-mail or phone number: the address is hashed, nothing else of it is kept."""
        invite = _address_body(body)
        invitee = f"{short(invite.medium)[:16]}:{keyed_hash(invite.address, self.key)}"
        return [_invitation(short(invite.inviter), invitee)]

    def _federated_invite(self, body: bytes) -> list[Event]:
        event = _event_body(body).event
        if event.state_key is None:
            return []
        inviter, invitee, room = short(event.sender), short(event.state_key), short(event.room_id)
        self.rooms.invited(room, inviter, invitee)
        return [_invitation(inviter, invitee)]

    def _create(self, body: bytes) -> list[Event]:
        return [_with(type="group_created", account_id=short(_create_body(body).user_id))]


def short(matrix_id: str) -> str:
    """Return an id as ours may be: Matrix ids that are longer, or hold what is not printable, are hashed."""
    if len(matrix_id) <= _ID_MAX and matrix_id.isprintable() and matrix_id:
        return matrix_id
    return "mx-" + hashlib.sha256(matrix_id.encode("utf-8", "replace")).hexdigest()


def _invitation(inviter: str, invitee: str) -> Event:
    return {
        "type": "message_sent",
        "account_id": inviter,
        "recipient_id": invitee,
        "group_id": None,
        "message_type": "other",
        "extra": {"matrix": "invite"},
    }


def _answers(content: dict[str, Any]) -> bool:
    """Whether a message says that it answers another."""
    relation = content.get("m.relates_to")
    return isinstance(relation, dict) and isinstance(relation.get("m.in_reply_to"), dict)


def _with(**fields: Any) -> Event:  # noqa: ANN401  what events hold
    """Return an event of the fields that are known."""
    return {name: value for name, value in fields.items() if value is not None}


_event_body = msgspec.json.Decoder(_EventBody).decode
_login_body = msgspec.json.Decoder(_LoginBody).decode
_join_body = msgspec.json.Decoder(_JoinBody).decode
_invite_body = msgspec.json.Decoder(_InviteBody).decode
_address_body = msgspec.json.Decoder(_AddressBody).decode
_create_body = msgspec.json.Decoder(_CreateBody).decode

_TRANSLATIONS: dict[str, Callable[[Translator, bytes], list[Event]]] = {
    "check_event_for_spam": Translator._event,  # noqa: SLF001  a table of its own methods
    "check_login_for_spam": Translator._login,  # noqa: SLF001
    "user_may_join_room": Translator._join,  # noqa: SLF001
    "user_may_invite": Translator._invite,  # noqa: SLF001
    "user_may_send_3pid_invite": Translator._address,  # noqa: SLF001
    "user_may_create_room": Translator._create,  # noqa: SLF001
    "federated_user_may_invite": Translator._federated_invite,  # noqa: SLF001
}
