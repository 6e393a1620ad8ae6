"""Who an account is: how old, where, identified or not, and which tier its limits follow.

What a profile says wins over what was seen. Tiers are per capability; between new and stable an account is `young` and has
the limits of a new one; where its age is not known, its tier is not, and limits fall back to those of `stable`.
"""

import tidegate as tg
from tidegate.events import BY_CODE, AccountProfile, AccountRegistered, MessageSent
from tidegate.expr import Duration, Expr
from tidegate.features.stream import Keyed

FIRST_DAY = tg.hours(
    24
)  # rows say "first 24 hours" and "first day": one thing, from registration, end excluded
_DAY = tg.days(1).ms

new_days = tg.Parameter(
    7,
    low=1,
    high=30,
    unit="days",
    name="account.new_days",
    why="an account counts as new up to and including its seventh day, unless a row names another span",
    source="msg.quota-new-per-minute",
)
stable_days_send = tg.Parameter(
    90,
    low=30,
    high=365,
    unit="days",
    name="account.stable_days_send",
    why="three months, as the sending table says; counted as 90 days",
    source="msg.quota-stable-per-minute",
)
stable_days_groups = tg.Parameter(
    30,
    low=7,
    high=365,
    unit="days",
    name="account.stable_days_groups",
    why="one month, as the group table says; counted as 30 days",
    source="group.quota-stable-per-hour",
)

_profile = tg.events(AccountProfile)
_registered = tg.events(AccountRegistered)
# whatever event names an account and a number says whose the number is, but for those about the pools and the people of an
# organisation: there the account is the customer's, the number somebody else's
_OF_CUSTOMERS = frozenset(("job_id", "org_id", "member_id"))
_with_number = tg.events(*(kind for kind in BY_CODE if _OF_CUSTOMERS.isdisjoint(kind.fields())))

registered_at = (
    _profile.last(AccountProfile.registered_at)
    .per(AccountProfile.account_id)
    .ever()
    .or_else(_registered.last(tg.now()).per(AccountRegistered.account_id).ever())
)
zone = _profile.last(AccountProfile.tz).per(AccountProfile.account_id).ever()
# an event with no number on record takes none away
_numbered = (~AccountRegistered.number.is_null()).or_else(False)  # noqa: FBT003  an operand
_placed = (~AccountRegistered.number_country.is_null()).or_else(False)  # noqa: FBT003  an operand
number = (
    _registered.where(_numbered)
    .last(AccountRegistered.number)
    .per(AccountRegistered.account_id)
    .ever()
    .or_else(
        _with_number.where(_numbered).last(AccountRegistered.number).per(AccountRegistered.account_id).ever()
    )
)
market = (
    _profile.last(AccountProfile.market)
    .per(AccountProfile.account_id)
    .ever()
    .or_else(
        _with_number.where(_placed)
        .last(AccountRegistered.number_country)
        .per(AccountRegistered.account_id)
        .ever()
    )
)

age = tg.age(registered_at)  # ms; endless where a profile says that there is no registration on record
is_new = age <= new_days * _DAY
in_first_day = age < FIRST_DAY.ms


def since_registration(counted: Keyed, span: Duration) -> Expr:
    """Return what was counted since the account was registered, or in the last `span` where nobody knows when that was.

    Who registers anew is a new account: what was done before is not of its first days.
    """
    return counted.since(registered_at.or_else(tg.now() - span), at_most=span)


_given_tier = _profile.last(AccountProfile.tier).per(AccountProfile.account_id).ever()
_official = _profile.last(AccountProfile.official_business).per(AccountProfile.account_id).ever()
_verified = _profile.last(AccountProfile.verified_business).per(AccountProfile.account_id).ever()
_identified = _profile.last(AccountProfile.is_identified).per(AccountProfile.account_id).ever()

is_business = ((_official == 1) | (_given_tier == "business")).or_else(False)  # noqa: FBT003  an operand
is_unidentified = _identified != 1  # null, none on record, is not identified; a missing field is not known


def _by_age(stable_days: tg.Parameter) -> Expr:
    return tg.when(is_new, "new", tg.when(age < stable_days * _DAY, "young", "stable"))


# whose limits follow those of another tier, also when they are revised
ALIKE = {"young": "new", "default": "stable"}

# an official business account is one whatever tier a profile named before; a tier that is null is none on record
_send_by_age, _group_by_age = _by_age(stable_days_send), _by_age(stable_days_groups)
send_tier = tg.when(
    is_business,
    "business",
    tg.when(_given_tier.is_null(), _send_by_age, _given_tier).or_else(_send_by_age),
)
DOWNGRADE = "sanction.permission-downgrade"


def _one_down(tier: Expr) -> Expr:
    """Return the tier below, never below that of a new account; one that is not known has the limits of stable ones before."""
    known = tier.or_else("stable")
    return tg.when(known == "business", "stable", tg.when(known == "stable", "new", known))


# the tiers whose limits hold: one step down while permissions are downgraded. In the first minute of the downgrade that of sending
# would judge messages that were sent before.
send_tier_in_force = tg.when(
    tg.in_force(MessageSent.account_id, DOWNGRADE, capability="send")
    & (tg.sanctioned(MessageSent.account_id, DOWNGRADE, within=tg.minutes(1)) == 0),
    _one_down(send_tier),
    send_tier,
)
group_tier = (
    tg.when(  # a tier that a profile names is that of sending: it stands in where the age is not known
        (_verified == 1).or_else(False),  # noqa: FBT003
        "business",
        _group_by_age.or_else(tg.when(_given_tier.is_null(), _group_by_age, _given_tier)),
    )
)
# what is told of an account that is lowered: published limits, which are advice, from the moment of the downgrade on
send_tier_told = tg.when(
    tg.in_force(MessageSent.account_id, DOWNGRADE, capability="send"), _one_down(send_tier), send_tier
)
group_tier_in_force = tg.when(
    tg.in_force(MessageSent.account_id, DOWNGRADE, capability="group_join"), _one_down(group_tier), group_tier
)

# whose calendar day published limits count by; a zone that is null is none on record
day_zone = tg.when(zone.is_null(), "UTC", zone).or_else("UTC")
in_first_week = is_new
