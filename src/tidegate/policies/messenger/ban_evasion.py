"""New accounts of people whose device has already been marked."""

import tidegate as tg
from tidegate.events import AccountRegistered
from tidegate.policies.messenger import queues, sanctions


class BanEvasion(tg.RuleSet):
    """New accounts of people whose device has already been marked."""

    area = "device"

    number_before = (
        tg.events(AccountRegistered)
        .previous_seen()
        .per(AccountRegistered.device_id, AccountRegistered.number)
        .ever()
    )

    marked_device = tg.Rule(
        id="device.reban-after-number-change-78pct",
        title="New number on a marked device",
        on=(AccountRegistered,),
        when=tg.labelled("device-risk", AccountRegistered.device_id) == 1,
        given=number_before.is_null(),
        prior=tg.Prior(0.78, source="device.reban-after-number-change-78pct"),
        measures=(tg.Measure(sanctions.ASSOCIATED_BAN, follows="device"),),
        cases=(queues.PERMANENT_DEACTIVATION,),
        reason="a new number on a device that carries the mark device-risk (found: {observed})",
        source="device.reban-after-number-change-78pct",
        note="as long as the ban that was opened on the device, else 72 h, in which a person decides: the phone may have a new owner",
        examples=(
            "fires: a number new to the device, which is marked",
            "does not: the same number again, or an unmarked device",
        ),
    )
