"""Devices that pass from account to account."""

import tidegate as tg
from tidegate.events import AccountRegistered, LoginAttempt, RegistrationAttempt
from tidegate.policies.messenger import queues, sanctions


class DeviceSharing(tg.RuleSet):
    """Devices that pass from account to account."""

    area = "device"

    accounts_30d_limit = tg.Parameter(
        3, low=1, high=50, unit="accounts", why="a family shares a tablet; second-hand phones explain a few",
        source="device.over-3-accounts-30d",
    )  # fmt: skip
    accounts_90d_limit = tg.Parameter(
        3, low=1, high=50, unit="accounts", why="more than three registrations in three months",
        source="device.over-3-accounts-90d-permanent",
    )  # fmt: skip

    # merged into another account, it is none of its own
    _registered = tg.events(AccountRegistered).where(AccountRegistered.merged_into.is_null().or_else(True))  # noqa: FBT003
    used_30d = (
        (
            tg.events(LoginAttempt).where((LoginAttempt.ok == 1).or_else(True))  # noqa: FBT003  an operand
            | _registered
        )
        .distinct(LoginAttempt.account_id)
        .per(LoginAttempt.device_id)
        .over(tg.days(30))
    )
    # an account made is told by the attempt that ends in it, by its registration, or by both: its number is the same
    _created = tg.events(RegistrationAttempt).where(RegistrationAttempt.outcome == "created")
    _numbers = (_created | _registered).where(RegistrationAttempt.number.is_known())
    _nameless = (
        _created.where(~RegistrationAttempt.number.is_known())
        .count()
        .per(RegistrationAttempt.device_id)
        .over(tg.days(90))
    )
    _nameless_registered = (
        _registered.where(~AccountRegistered.number.is_known())
        .distinct(AccountRegistered.account_id)
        .per(AccountRegistered.device_id)
        .over(tg.days(90))
    )
    registered_90d = _numbers.distinct(RegistrationAttempt.number).per(RegistrationAttempt.device_id).over(
        tg.days(90)
    ) + tg.greatest(_nameless, _nameless_registered)

    linked = tg.Rule(
        id="device.over-3-accounts-30d",
        title="More than 3 accounts used on one device in 30 days",
        on=(LoginAttempt, AccountRegistered),
        when=used_30d > accounts_30d_limit,
        given=~LoginAttempt.device_id.is_null(),
        window="P30D",
        labels=(tg.Label("device-risk", on="device"),),
        cases=(queues.BEHAVIOUR,),
        reason="{observed} accounts used on the device in 30 days; limit {limit}",
        source="device.over-3-accounts-30d",
        note="logins that are known to have failed do not link, nor do accounts that were merged into another; the review looks at all accounts, and at a new owner of the phone",
        examples=("fires: the fourth account in 30 days", "does not: three accounts, many logins"),
    )
    carrier = tg.Rule(
        id="device.over-3-accounts-90d-permanent",
        title="More than 3 accounts registered on one device in 90 days",
        on=(RegistrationAttempt, AccountRegistered),
        when=registered_90d > accounts_90d_limit,
        given=~RegistrationAttempt.device_id.is_null(),
        window="P90D",
        measures=(tg.Measure(sanctions.DEVICE_RISK_CARRIER),),
        labels=(tg.Label("device-risk-carrier", on="device"),),
        reason="{observed} accounts registered on the device in 90 days; limit {limit}",
        source="device.over-3-accounts-90d-permanent",
        note="accounts made, by their numbers, not attempts: told by the attempt, by the registration, or by both; one whose number"
        " is not said is another one; the mark waits for a person to confirm it",
        examples=("fires: the fourth account in 90 days", "does not: accounts on days 0, 30, 60 and 91"),
    )
