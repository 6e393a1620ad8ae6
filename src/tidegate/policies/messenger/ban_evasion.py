"""New accounts of people whose device has already been marked."""

import tidegate as tg
from tidegate.events import AccountRegistered, DeviceProfile, RegistrationAttempt
from tidegate.expr import Literal
from tidegate.policies.messenger import queues, sanctions


class BanEvasion(tg.RuleSet):
    """New accounts of people whose device has already been marked."""

    area = "device"

    # the mark is one of our rules, or stands in the newest profile that lists labels of the device
    _lists = tg.events(DeviceProfile).where(DeviceProfile.labels.is_known()).last_seen()
    _told = _lists.per(DeviceProfile.device_id).ever().at(AccountRegistered.device_id)
    _listed = (
        _lists.per(DeviceProfile.device_id, DeviceProfile.labels)
        .ever()
        .at(AccountRegistered.device_id, Literal("device-risk"))
    )
    is_marked = tg.labelled("device-risk", AccountRegistered.device_id) | (_listed == _told).or_else(False)  # noqa: FBT003

    # the attempt that an account is made by is no earlier use of its number
    _made = tg.events(AccountRegistered)
    _made_before = _made.previous_seen().per(AccountRegistered.device_id, AccountRegistered.number).ever()
    _made_now = (
        tg.age(_made.last_seen().per(AccountRegistered.device_id, AccountRegistered.number).ever()) == 0
    )
    _tried_before = (
        tg.events(RegistrationAttempt)
        .previous_seen()
        .per(RegistrationAttempt.device_id, RegistrationAttempt.number)
        .ever()
    )
    is_new_number = (
        ~AccountRegistered.number.is_null() & _made_before.is_null() & (_made_now | _tried_before.is_null())
    )

    # an account that goes on under another number is no new one
    _merges = tg.events(AccountRegistered).where(~AccountRegistered.merged_into.is_null()) | tg.events(
        RegistrationAttempt
    ).where(RegistrationAttempt.outcome == "merged")
    _merged_at = _merges.last_seen().per(AccountRegistered.device_id, AccountRegistered.number).ever()
    is_merged = (tg.age(_merged_at) == 0).or_else(False)  # noqa: FBT003  an operand

    marked_device = tg.Rule(
        id="device.reban-after-number-change-78pct",
        title="New number on a marked device",
        on=(RegistrationAttempt, AccountRegistered),
        when=is_marked == 1,
        given=is_new_number & ~is_merged & ~AccountRegistered.device_id.is_null(),
        prior=tg.Prior(0.78, source="device.reban-after-number-change-78pct"),
        measures=(
            tg.Measure(sanctions.ASSOCIATED_BAN, follows="device"),
            tg.Measure(sanctions.ASSOCIATED_BAN, subject="number", follows="device"),
        ),
        cases=(queues.PERMANENT_DEACTIVATION,),
        reason="a new number on a device that carries the mark device-risk (found: {observed})",
        source="device.reban-after-number-change-78pct",
        note="as long as the ban that was opened on the device, else until a person decides: the phone may have a new owner;"
        " at the attempt the number is stopped, when the account is made the account; the mark is that of our rules or of a profile",
        examples=(
            "fires: a number new to the device, which is marked",
            "does not: the same number again, an account that goes on under another number, or an unmarked device",
        ),
    )
