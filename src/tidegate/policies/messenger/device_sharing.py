"""Devices that pass from account to account."""

import tidegate as tg
from tidegate.events import AccountRegistered, LoginAttempt, RegistrationAttempt
from tidegate.policies.messenger import queues, sanctions
from tidegate.policies.messenger.bulk_registration import accounts_on_device


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

    used_30d = (
        (
            tg.events(LoginAttempt).where((LoginAttempt.ok == 1).or_else(True))  # noqa: FBT003  an operand
            | tg.events(AccountRegistered)
        )
        .distinct(LoginAttempt.account_id)
        .per(LoginAttempt.device_id)
        .over(tg.days(30))
    )
    registered_90d = accounts_on_device(
        tg.events(RegistrationAttempt).where(RegistrationAttempt.outcome == "created"), tg.days(90)
    )

    linked = tg.Rule(
        id="device.over-3-accounts-30d",
        title="More than 3 accounts used on one device in 30 days",
        on=(LoginAttempt, AccountRegistered),
        when=used_30d > accounts_30d_limit,
        window="P30D",
        labels=(tg.Label("device-risk", on="device"),),
        cases=(queues.BEHAVIOUR,),
        reason="{observed} accounts used on the device in 30 days; limit {limit}",
        source="device.over-3-accounts-30d",
        note="logins that are known to have failed do not link; the review looks at all accounts, and at a new owner of the phone",
        examples=("fires: the fourth account in 30 days", "does not: three accounts, many logins"),
    )
    carrier = tg.Rule(
        id="device.over-3-accounts-90d-permanent",
        title="More than 3 accounts registered on one device in 90 days",
        on=(RegistrationAttempt,),
        when=registered_90d > accounts_90d_limit,
        window="P90D",
        measures=(tg.Measure(sanctions.DEVICE_RISK_CARRIER),),
        labels=(tg.Label("device-risk-carrier", on="device"),),
        reason="{observed} accounts registered on the device in 90 days; limit {limit}",
        source="device.over-3-accounts-90d-permanent",
        note="accounts created, by their numbers, not attempts; one whose number is not said is another one; the mark waits for a"
        " person to confirm it",
        examples=("fires: the fourth account in 90 days", "does not: accounts on days 0, 30, 60 and 91"),
    )
