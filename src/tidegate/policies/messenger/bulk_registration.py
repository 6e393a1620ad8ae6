"""Accounts registered in bulk: many from one address or on one device, or numbers tried until one works."""

import tidegate as tg
from tidegate.events import AccountRegistered, IpProfile, NumberProfile, RegistrationAttempt
from tidegate.expr import Expr
from tidegate.features import Stream
from tidegate.policies.messenger import queues, sanctions
from tidegate.policies.messenger.modifiers import REGISTRATION

_shared = tg.events(IpProfile).last(IpProfile.is_shared).per(IpProfile.ip).ever()
# carriers put thousands behind one address, cafés dozens: such limits are figures of their own, to be tuned
kind_of_address = tg.when(
    ((_shared == 1) | (RegistrationAttempt.network_type == "public_wifi")).or_else(False),  # noqa: FBT003  operands
    "shared",
    "own",
)


def accounts_on_device(attempts: Stream, window: tg.Duration) -> Expr:
    """Return how many accounts the attempts on a device are for: their numbers; one that names none is for another one.

    Rows about devices count attempts, and need no number.
    """
    named = attempts.where(RegistrationAttempt.number.is_known())
    nameless = attempts.where(~RegistrationAttempt.number.is_known())
    device = RegistrationAttempt.device_id
    numbers = named.distinct(RegistrationAttempt.number).per(device).over(window)
    return numbers + nameless.count().per(device).over(window)


# of what was tried with a number since an account was made with it, or since a profile told of it
MEMORY = tg.days(365)


class BulkRegistration(tg.RuleSet):
    """Accounts registered in bulk: many from one address or on one device, or numbers tried until one works."""

    area = "registration"

    accounts_per_ip = tg.Parameter(
        2, low=1, high=50, unit="accounts", why="a household registers two; the third adds to the score and opens a review",
        source="reg.ip-over-2-accounts-24h",
        by=(kind_of_address, {"shared": 20}),
    )  # fmt: skip
    requests_per_ip = tg.Parameter(
        5, low=1, high=100, unit="requests", why="every further request goes to a review", source="reg.ip-over-5-requests-24h",
        by=(kind_of_address, {"shared": 50}),
    )  # fmt: skip
    dense_ip = tg.Parameter(
        5, low=1, high=100, unit="attempts", why="the table calls five or more dense", source="reg.table-ip-high-5-per-24h",
        by=(kind_of_address, {"shared": 50}),
    )  # fmt: skip
    accounts_per_device = tg.Parameter(
        3, low=1, high=20, unit="accounts", why="three in a week pass, the fourth starts the cool-down",
        source="reg.device-max-3-per-7d",
    )  # fmt: skip
    third_on_device = tg.Parameter(
        3, low=1, high=20, unit="accounts", why="the table calls three or more in a week high risk; two are safe",
        source="reg.table-device-high-3-per-7d",
    )  # fmt: skip
    accounts_30d_limit = tg.Parameter(
        3, low=1, high=20, unit="accounts", why="more than three in a month belong together",
        source="reg.device-over-3-accounts-30d-association",
    )  # fmt: skip
    failures_in_a_row = tg.Parameter(
        5, low=2, high=20, unit="attempts", why="five failures mark a number", source="reg.five-consecutive-failures-number-marked"
    )  # fmt: skip

    attempts = tg.events(RegistrationAttempt)
    accounts_24h = (
        attempts.distinct(RegistrationAttempt.number).per(RegistrationAttempt.ip).over(tg.hours(24))
    )
    requests_24h = attempts.count().per(RegistrationAttempt.ip).over(tg.hours(24))
    on_device_7d = accounts_on_device(attempts, tg.days(7))
    # an attempt of which it is known that no account came of it registered none
    made_none = RegistrationAttempt.outcome.isin("failed", "blocked", "merged")
    tried_30d = (  # "even with different numbers": attempts that name none may be tries of one
        attempts.where((~made_none).or_else(True))  # noqa: FBT003  an operand
        .distinct(RegistrationAttempt.number)
        .per(RegistrationAttempt.device_id)
        .over(tg.days(30))
    )
    # accounts are told of by attempts, by registrations, or by both: whichever tell of more
    made_30d = (
        tg.events(AccountRegistered)
        .where(AccountRegistered.merged_into.is_null().or_else(True))  # noqa: FBT003  an operand
        .distinct(AccountRegistered.account_id)
        .per(AccountRegistered.device_id)
        .over(tg.days(30))
    )

    # one of which nobody says how it ended may have been the success that ends the run
    _ended = attempts.where((RegistrationAttempt.outcome != "queued").or_else(True))  # noqa: FBT003  an operand
    _failed = RegistrationAttempt.outcome.isin("failed", "blocked")
    _in_a_row = _ended.run(_failed).per(RegistrationAttempt.number).ever()
    # so does an account of the number, whether or not an attempt tells of it
    _made_at = (
        tg.events(AccountRegistered)
        .last_seen()
        .per(AccountRegistered.number)
        .ever()
        .at(RegistrationAttempt.number)
    )
    # however long ago it was made, what failed before it is over
    _failed_after = (
        _ended.where(_failed).count().per(RegistrationAttempt.number).since(_made_at + 1, at_most=MEMORY)
    )
    _run = tg.when(_made_at.is_null(), _in_a_row, tg.least(_in_a_row, _failed_after))
    # what a profile counted so far goes on with the attempts after it, as long as all of them fail
    _profile = tg.events(NumberProfile).where(NumberProfile.failed_registrations.is_known())
    _counted = _profile.last(NumberProfile.failed_registrations).per(NumberProfile.number).ever()
    _counted_at = _profile.last_seen().per(NumberProfile.number).ever()
    # an attempt of the very ms in which the profile was told is in its count, unless it came after the profile: that one may
    # end the series, and counts where it is the judged one
    _since = _ended.count().per(RegistrationAttempt.number).since(_counted_at + 1, at_most=MEMORY)
    _at_once = (
        _ended.where(_counted_at == tg.now())
        .count()
        .per(RegistrationAttempt.number)
        .since(_counted_at, at_most=MEMORY)
    )
    _is_remembered = tg.age(_counted_at) < MEMORY.ms  # whether any of them succeeded
    _all_failed = _run >= _since + _at_once
    _goes_on = _counted.is_known() & _is_remembered & _all_failed & ~(_made_at > _counted_at)
    _this_one = tg.when(_counted_at == tg.now(), tg.least(_at_once, 1), 0)
    failures = tg.when(_goes_on, _counted + _since + _this_one, _run)

    # where none is on record, there is nothing that others could share
    _has_address = ~RegistrationAttempt.ip.is_null()
    _has_device = ~RegistrationAttempt.device_id.is_null()

    ip_accounts = tg.Rule(
        id="reg.ip-over-2-accounts-24h",
        title="More than 2 accounts tried from one address in 24 h",
        on=(RegistrationAttempt,),
        when=accounts_24h > accounts_per_ip,
        given=_has_address,
        window="PT24H",
        modifiers=REGISTRATION,
        rounding="floor",
        prior=tg.Prior(0.65, group="ip-registrations", source="reg.ip-over-2-accounts-24h"),
        measures=(tg.Measure(sanctions.REGISTRATION_REVIEW),),
        cases=(queues.REGISTRATION,),
        reason="{observed} numbers from one address in 24 hours; limit {limit}",
        source="reg.ip-over-2-accounts-24h",
        note="numbers, not retries; the third opens a review although the table calls three safe. An address that its profile, or"
        " the attempt's public network, calls shared has limits of its own, ten times as high: our choice, shown as the limit",
        examples=("fires: three numbers from one address", "does not: three attempts of two numbers"),
    )
    ip_requests = tg.Rule(
        id="reg.ip-over-5-requests-24h",
        title="More than 5 registration requests from one address in 24 h",
        on=(RegistrationAttempt,),
        when=requests_24h > requests_per_ip,
        given=_has_address,
        window="PT24H",
        modifiers=REGISTRATION,
        rounding="floor",
        measures=(tg.Measure(sanctions.REGISTRATION_REVIEW),),
        cases=(queues.REGISTRATION,),
        reason="{observed} requests from one address in 24 hours; limit {limit}",
        source="reg.ip-over-5-requests-24h",
        note="requests count, retries included; the fifth labels the address, the sixth is reviewed",
        examples=("fires: the sixth request", "does not: the fifth request"),
    )
    ip_dense = tg.Rule(
        id="reg.table-ip-high-5-per-24h",
        title="Five or more registrations from one address in 24 h",
        on=(RegistrationAttempt,),
        when=requests_24h >= dense_ip,
        given=_has_address,
        window="PT24H",
        modifiers=REGISTRATION,
        rounding="floor",
        measures=(tg.Measure(sanctions.REGISTRATION_REVIEW),),
        labels=(tg.Label("ip-high-risk", on="ip"),),
        reason="{observed} registrations from one address in 24 hours; high risk from {limit}",
        source="reg.table-ip-high-5-per-24h",
        note="a delay of 6 h, read as a review with a service time of 6 h",
        examples=("fires: the fifth request; at night the third", "does not: the fourth request by day"),
    )
    device = tg.Rule(
        id="reg.device-max-3-per-7d",
        title="More than 3 accounts on one device in 7 days",
        on=(RegistrationAttempt,),
        when=on_device_7d > accounts_per_device,
        given=_has_device,
        window="P7D",
        measures=(tg.Measure(sanctions.DEVICE_REGISTRATION_COOLDOWN),),
        reason="{observed} numbers on one device in 7 days; limit {limit}",
        source="reg.device-max-3-per-7d",
        note="Android and iOS count together, and by number: a retry is no further account, an attempt that names no number"
        " is; the third goes through, the fourth is refused",
        examples=(
            "fires: the fourth number on a device within 7 days",
            "does not: a fourth try of three numbers",
        ),
    )
    device_third = tg.Rule(
        id="reg.table-device-high-3-per-7d",
        title="Third account on one device in 7 days",
        on=(RegistrationAttempt,),
        when=on_device_7d >= third_on_device,
        given=_has_device,
        window="P7D",
        measures=(tg.Measure(sanctions.DEVICE_REGISTRATION_COOLDOWN, from_next=True),),
        reason="{observed} numbers on one device in 7 days; the cool-down starts with {limit}",
        source="reg.table-device-high-3-per-7d",
        note="the third goes through and starts the cool-down of 168 h, so that the fourth is refused: both statements hold;"
        " by number, as in the row on more than three",
        examples=(
            "fires: the third number on a device within 7 days",
            "does not: a third try of two numbers",
        ),
    )
    device_month = tg.Rule(
        id="reg.device-over-3-accounts-30d-association",
        title="More than 3 accounts registered on one device in 30 days",
        on=(RegistrationAttempt, AccountRegistered),
        when=tg.greatest(tried_30d, made_30d) > accounts_30d_limit,
        given=_has_device,
        window="P30D",
        labels=(tg.Label("association-risk", on="device"),),
        cases=(queues.BEHAVIOUR,),
        reason="{observed} accounts registered on the device in 30 days; limit {limit}",
        source="reg.device-over-3-accounts-30d-association",
        note="the label stands on the device, by which its accounts are found; the review is of all of them. Attempts that are"
        " known to have ended without a new account do not count; where registrations tell of more accounts, they do",
        examples=(
            "fires: accounts of four numbers on one device within 30 days",
            "does not: three, and an attempt with a fourth number that failed",
        ),
    )
    failed_in_a_row = tg.Rule(
        id="reg.five-consecutive-failures-number-marked",
        title="Five failed registrations of a number in a row",
        on=(RegistrationAttempt,),
        when=failures >= failures_in_a_row,
        given=~RegistrationAttempt.number.is_null(),
        measures=(tg.Measure(sanctions.NUMBER_HIGH_RISK),),
        labels=(tg.Label("number-high-risk", on="number"),),
        cases=(queues.REGISTRATION,),
        reason="{observed} failed registrations of the number in a row; limit {limit}",
        source="reg.five-consecutive-failures-number-marked",
        note="failed: ended without an account, which ends the series; an attempt that still waits in a queue neither fails nor succeeds; a session that wrong"
        " codes ended counts once its attempt is told to have failed; a count that a profile of the number gives is carried on",
        examples=("fires: five failures in a row", "does not: four failures, a success, a failure"),
    )
