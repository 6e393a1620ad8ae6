"""Accounts that wander from device to device."""

import tidegate as tg
from tidegate.events import LoginAttempt
from tidegate.policies.messenger import sanctions
from tidegate.policies.messenger.account import is_new

DEVICES = "login-devices"


class DeviceSwitching(tg.RuleSet):
    """Accounts that wander from device to device."""

    area = "login"

    devices_limit = tg.Parameter(
        3, low=1, high=50, unit="devices", why="phone, tablet, computer", source="login.devices-over-3-in-24h"
    )  # fmt: skip
    switches_limit = tg.Parameter(
        2, low=1, high=50, unit="changes", why="a new phone and back again", source="login.new-account-device-switch-over-2"
    )  # fmt: skip

    devices_24h = (
        tg.events(LoginAttempt)
        .distinct(LoginAttempt.device_id)
        .per(LoginAttempt.account_id)
        .over(tg.hours(24))
    )
    switches_7d = (
        tg.events(LoginAttempt)
        .where(LoginAttempt.ok)
        .changes(LoginAttempt.device_id)
        .per(LoginAttempt.account_id)
        .over(tg.days(7))
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
        note="attempts count, not only successes",
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
