"""Accounts on numbers that exist in software only, which nobody holds for long."""

import tidegate as tg
from tidegate.events import (
    AccountRegistered,
    CarrierCheck,
    ChallengeResult,
    LoginAttempt,
    LookupRegistration,
    NumberProfile,
    RegistrationAttempt,
)
from tidegate.expr import Literal
from tidegate.policies.messenger import account, sanctions
from tidegate.policies.messenger.number_blocks import NumberBlocks


class VirtualNumber(tg.RuleSet):
    """Accounts on numbers that exist in software only, which nobody holds for long."""

    area = "registration"

    _attempts = tg.events(RegistrationAttempt, AccountRegistered, LoginAttempt, LookupRegistration)
    _carrier = tg.events(CarrierCheck, NumberProfile)
    number_type = (
        ChallengeResult.number_type.or_else(
            _attempts.last(RegistrationAttempt.number_type).per(RegistrationAttempt.account_id).ever()
        )
        .or_else(
            _attempts.last(RegistrationAttempt.number_type)
            .per(RegistrationAttempt.number)
            .ever()
            .at(account.number)
        )
        .or_else(_carrier.last(CarrierCheck.carrier_kind).per(CarrierCheck.number).ever().at(account.number))
    )
    # of a block that num.virtual-block-deviation-over-08 calls virtual, whatever the type says
    of_virtual_block = (
        tg.events(RegistrationAttempt)
        .last(RegistrationAttempt.number_block_deviation > NumberBlocks.deviation)
        .per(RegistrationAttempt.number)
        .ever()
        .at(account.number)
    )
    # a label holds until a profile lists the number's labels without it
    _lists = tg.events(NumberProfile).where(NumberProfile.labels.is_known()).last_seen()
    _told = _lists.per(NumberProfile.number).ever().at(account.number)
    _listed = (
        _lists.per(NumberProfile.number, NumberProfile.labels)
        .ever()
        .at(account.number, Literal("virtual-number"))
    )
    is_virtual = (
        (number_type == "virtual")
        | of_virtual_block.or_else(False)  # noqa: FBT003  an operand
        | (_listed == _told).or_else(False)  # noqa: FBT003  an operand
    )

    second_sms = tg.Rule(
        id="reg.virtual-number-second-sms-80pct",
        title="Account on a virtual number fails the SMS check of its first day",
        on=(ChallengeResult,),
        when=tg.when(ChallengeResult.passed == 0, 1, 0) == 1,
        given=(ChallengeResult.challenge_type == "sms") & is_virtual & account.in_first_day,
        window="PT24H",
        prior=tg.Prior(0.80, group="virtual-number", source="reg.virtual-number-second-sms-80pct"),
        measures=(tg.Measure(sanctions.EARLY_DEACTIVATION),),
        reason="an account on a virtual number failed the SMS check of its first day (failed: {observed})",
        source="reg.virtual-number-second-sms-80pct",
        note="the first SMS is the code of the registration, so every SMS check of the account is a second one; the number is"
        " virtual as the check, the registration, a login, a lookup or the operator says, by its block, or by a profile's label",
        examples=(
            "fires: an SMS check that fails three hours after the registration",
            "does not: the same with a mobile number, or 24 hours after it",
        ),
    )
