"""Accounts that wander from device to device."""

import tidegate as tg
from tidegate.events import LoginAttempt, SessionState
from tidegate.expr import Expr
from tidegate.policies.messenger import sanctions
from tidegate.policies.messenger.account import is_new

DEVICES = "login-devices"
LONGEST = tg.days(30)  # a session that is never closed is over then


def _turn(was_open: Expr, may_be_open: Expr | None = None) -> Expr:
    """Return 1 where the event opens what was not open, -1 where it closes what was, or may have been, else 0."""
    ends = was_open if may_be_open is None else was_open | may_be_open
    return tg.when(SessionState.state == "open", tg.when(was_open, 0, 1), tg.when(ends, -1, 0))


class DeviceSwitching(tg.RuleSet):
    """Accounts that wander from device to device."""

    area = "login"

    devices_limit = tg.Parameter(
        3, low=1, high=50, unit="devices", why="phone, tablet, computer", source="login.devices-over-3-in-24h"
    )  # fmt: skip
    switches_limit = tg.Parameter(
        2, low=1, high=50, unit="changes", why="a new phone and back again", source="login.new-account-device-switch-over-2"
    )  # fmt: skip

    at_once_least = tg.Parameter(
        2, low=2, high=10, unit="devices", why="two primary devices at once", source="login.concurrent-two-devices"
    )  # fmt: skip

    devices_24h = (
        tg.events(LoginAttempt)
        .distinct(LoginAttempt.device_id)
        .per(LoginAttempt.account_id)
        .over(tg.hours(24))
    )
    # a login of which no device is on record is on none: to it and back again is no change
    _on_device = ~LoginAttempt.device_id.is_null()
    switches_7d = (
        tg.events(LoginAttempt)
        .where(LoginAttempt.ok & _on_device)
        .changes(LoginAttempt.device_id)
        .per(LoginAttempt.account_id)
        .over(tg.days(7))
    )

    # for what only weighs other signs, a login of which nobody says that it failed is one
    used_7d = (
        tg.events(LoginAttempt)
        .where((LoginAttempt.ok == 1).or_else(True) & _on_device)  # noqa: FBT003  an operand
        .changes(LoginAttempt.device_id)
        .per(LoginAttempt.account_id)
        .over(tg.days(7))
    )

    # a device is in use while a session is open on it; where events do not name theirs, from the first that opens one to the
    # first that closes one. A close that does not name the device ends the session where it was opened.
    _sessions = tg.events(SessionState)
    _device = SessionState.device_id.or_else(
        _sessions.last(SessionState.device_id).per(SessionState.session_id).over(LONGEST)
    )
    _opens_before = _sessions.run_before(SessionState.state == "open")
    # a close that is the first to be told of its session ends it, too: its opening may be late, and would else never be ended
    _is_first = (
        _sessions.previous_seen().per(SessionState.session_id).over(LONGEST).is_null()
        & ~SessionState.session_id.is_null()
    )
    _step = _turn(_opens_before.per(SessionState.session_id).over(LONGEST) > 0, _is_first)
    _named = _sessions.where(SessionState.session_id.is_known())
    # a session that began before the 30 days and ended within them has an end to be counted and no beginning: those that an event
    # told of, less those that ended, are no fewer than are open
    _on_it = _named.distinct(SessionState.session_id).per(SessionState.account_id, _device).over(LONGEST)
    _ended_on_it = (
        _sessions.where(SessionState.session_id.is_known() & (SessionState.state != "open").or_else(True))  # noqa: FBT003  an operand
        .distinct(SessionState.session_id)
        .per(SessionState.account_id, _device)
        .over(LONGEST)
    )
    _open_on_it = tg.greatest(
        _named.sum(_step, places=0).per(SessionState.account_id, _device).over(LONGEST),
        _on_it - _ended_on_it,
    )
    _change = tg.when(
        (_step == 1) & (_open_on_it == 1), 1, tg.when((_step == -1) & (_open_on_it == 0), -1, 0)
    )
    _change_unnamed = _turn(
        _opens_before.per(SessionState.account_id, SessionState.device_id).over(LONGEST) > 0
    )
    _taken_up = _change.or_else(_change_unnamed)
    # counted each way: of an event that does not say which, nobody knows whether it is one more device or one less; what opens is
    # no device less, what closes none more, and what is on no device is neither
    _opens = (SessionState.state == "open") & ~SessionState.device_id.is_null()
    _closes = (SessionState.state == "close") & ~_device.is_null()
    _more = _sessions.where(_opens & (_taken_up == 1)).count().per(SessionState.account_id).over(LONGEST)
    _fewer = _sessions.where(_closes & (_taken_up == -1)).count().per(SessionState.account_id).over(LONGEST)
    # a time of use is named by the session that began it. One that began before the 30 days and ended within them has an end to be
    # counted and no beginning: so the times that an event told of, less those that ended, are no fewer than are left
    _session = SessionState.session_id
    _begun_by = tg.when(
        (_change == 1) | _is_first,
        _session,
        _sessions.where(_change == 1).previous(_session).per(SessionState.account_id, _device).over(LONGEST),
    )
    _told = (
        _sessions.where(((_change == 1) | (_change == -1)).or_else(False))  # noqa: FBT003  an operand
        .distinct(_begun_by)
        .per(SessionState.account_id)
        .over(LONGEST)
    )
    _ended = (
        _sessions.where((_change == -1).or_else(True))  # noqa: FBT003  an operand
        .distinct(_begun_by)
        .per(SessionState.account_id)
        .over(LONGEST)
    )
    # an event that comes late sees its past alone, and may begin anew what another one has begun: what does not hang on the order
    # of arrival is how many sessions were told of and have not ended, and on how many devices any was opened: no more are in use
    _of_account = _named.distinct(_session).per(SessionState.account_id).over(LONGEST)
    _ended_of_account = (
        _sessions.where(_session.is_known() & (SessionState.state == "close").or_else(False))  # noqa: FBT003  an operand
        .distinct(_session)
        .per(SessionState.account_id)
        .over(LONGEST)
    )
    _nameless = (
        _sessions.where(~_session.is_known() | _session.is_null())
        .count()
        .per(SessionState.account_id)
        .over(LONGEST)
    )
    # one that went on after its end has not ended
    _closed_before = (
        _sessions.run_before(SessionState.state == "close").per(SessionState.session_id).over(LONGEST) > 0
    )
    _opened_again = (
        _sessions.where(((SessionState.state == "open") & _closed_before).or_else(True))  # noqa: FBT003  an operand
        .distinct(_session)
        .per(SessionState.account_id)
        .over(LONGEST)
    )
    _opened_on = (
        _sessions.where(SessionState.state != "close")
        .distinct(SessionState.device_id)
        .per(SessionState.account_id)
        .over(LONGEST)
    )
    in_use = tg.least(
        tg.greatest(_more - _fewer, _told - _ended),
        _of_account - _ended_of_account + _opened_again + _nameless,
        _opened_on,
    )

    many_devices = tg.Rule(
        id="login.devices-over-3-in-24h",
        title="Logins tried on more than 3 devices in 24 hours",
        on=(LoginAttempt,),
        when=devices_24h > devices_limit,
        window="PT24H",
        measures=(
            sanctions.step_up("two_factor", capability="login"),
            tg.Measure(sanctions.LOGIN_COOLDOWN_48H),
        ),
        reason="logins tried on {observed} devices in 24 hours; limit {limit}",
        source="login.devices-over-3-in-24h",
        note="attempts count, not only successes; the owner's own devices are not locked out: those that a profile lists, and"
        " those he has logged in on for a week",
        examples=("fires: a fourth device in 24 h", "does not: ten attempts on three devices"),
    )
    new_account = tg.Rule(
        id="login.new-account-device-switch-over-2",
        title="New account changes its device more than twice",
        on=(LoginAttempt,),
        when=switches_7d > switches_limit,
        given=is_new,
        window="P7D",
        prior=tg.Prior(0.85, group=DEVICES, scores=False, source="login.new-account-device-switch-over-2"),
        measures=(sanctions.step_up("sms", capability="login"),),
        reason="{observed} changes of device in the first week; limit {limit}",
        source="login.new-account-device-switch-over-2",
        note="changes between successful logins: A, B, A are two; 0.85 is the share of checks: shown, not scored",
        examples=("fires: devices A, B, A, B", "does not: devices A, B, A"),
    )
    at_once = tg.Rule(
        id="login.concurrent-two-devices",
        title="Account in use on two devices at once",
        on=(SessionState,),
        when=in_use >= at_once_least,
        given=(~SessionState.device_id.is_null()).or_else(True),  # noqa: FBT003  an operand; on no device is on none more
        prior=tg.Prior(0.42, group=DEVICES, source="login.concurrent-two-devices"),
        reason="in use on {observed} devices at once; from {limit} on it counts",
        source="login.concurrent-two-devices",
        note="a device is in use while a session is open on it, and a session that is never closed is over after 30 days; where events"
        " do not say which session, closing one ends the use of its device. Sessions are told apart by their names: one that"
        " goes by the name of another of these 30 days may make a device less."
        " Companions linked in the official way are not to be reported as sessions of their own",
        examples=(
            "fires: a session opens on a second device while one is open on the first",
            "does not: one is closed before the other opens",
        ),
    )
