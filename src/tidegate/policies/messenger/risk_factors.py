"""Circumstances in which other signs of abuse weigh more: none of them is a sign of abuse by itself."""

import tidegate as tg
from tidegate.events import (
    AccountProfile,
    BackupRestored,
    BroadcastBatch,
    CallStarted,
    CarrierCheck,
    ChallengeResult,
    ClientHeartbeat,
    ClientQueue,
    ClientReport,
    ClientUpdated,
    ConnectTiming,
    ContactAdded,
    ContactsExported,
    DeviceReport,
    GroupCreated,
    GroupJoined,
    LoginAttempt,
    MessageSent,
    NetworkSwitch,
    PaymentAttempted,
    ProfileChanged,
    RegistrationAttempt,
    ReportFiled,
    SessionState,
    SimChanged,
)
from tidegate.expr import Expr
from tidegate.policies.messenger import account
from tidegate.policies.messenger.carried_links import links
from tidegate.policies.messenger.contact_harvesting import ContactHarvesting
from tidegate.policies.messenger.device_switching import DeviceSwitching
from tidegate.policies.messenger.instant import INSTANT
from tidegate.policies.messenger.usual_hours import is_unusual_login

_DAY = tg.days(1).ms

# where signs are found or something is attempted: a mark weighs the same at all of them
_WEIGHED = (
    MessageSent, BroadcastBatch, LoginAttempt, SessionState, NetworkSwitch, ProfileChanged, ReportFiled, GroupJoined, GroupCreated,
    CallStarted, ContactAdded, ContactsExported, PaymentAttempted, RegistrationAttempt, ChallengeResult, AccountProfile, ClientReport,
    ClientUpdated, ClientHeartbeat, ClientQueue, ConnectTiming, DeviceReport, BackupRestored,
)  # fmt: skip


def _factor(name: str, default: float, why: str, source: str) -> tg.Parameter:
    return tg.Parameter(
        default, low=1, high=10, unit="factor", why=why, source=source, name=f"risk_factors.{name}"
    )


def _newest(*moments: Expr) -> Expr:
    """The newest of some moments, the first of which is always known; one that is not known is left out."""
    first, *others = moments
    return tg.greatest(first, *(moment.or_else(first) for moment in others))


class RiskFactors(tg.RuleSet):
    """Circumstances in which other signs of abuse weigh more: none of them is a sign of abuse by itself."""

    area = "scoring"

    one = tg.Parameter(
        1, low=1, high=10, unit="cases", why="one is enough", source="link.risk-4p3x", assumed=True
    )
    switches_limit = tg.Parameter(
        2, low=1, high=50, unit="switches", why="`frequent` has no figure: that of new accounts is borrowed",
        source="login.frequent-switch-risk-plus-60pct", assumed=True,
    )  # fmt: skip
    network_limit = tg.Parameter(
        2, low=1, high=50, unit="switches", why="from home to the street and back", source="reg.network-switch-over-2-in-10min"
    )  # fmt: skip
    sim_days_label = tg.Parameter(
        30, low=1, high=90, unit="days", why="a month, its last day included", source="login.sim-changed-30d-high-risk"
    )  # fmt: skip
    sim_days = tg.Parameter(
        7, low=1, high=90, unit="days", why="a week, its last day included", source="login.sim-changed-7d-verification-failures"
    )  # fmt: skip
    update_days = tg.Parameter(
        90, low=14, high=365, unit="days", why="an official app cannot connect after 60 days", source="client.not-updated-over-90d"
    )  # fmt: skip
    night_from = tg.Parameter(
        2, low=0, high=23, unit="h", why="the hours when fewest people log in", source="login.unusual-hour-with-high-risk-op"
    )  # fmt: skip
    night_to = tg.Parameter(
        5, low=0, high=24, unit="h", why="half-open: 05:00 is morning", source="login.unusual-hour-with-high-risk-op"
    )  # fmt: skip

    # when the SIM was changed: as told of the account, of its number, or found by the operator
    _changed = tg.events(SimChanged).last_seen()
    sim_of_account = _changed.per(SimChanged.account_id).ever()
    sim_of_number = _changed.per(SimChanged.number).ever().at(account.number)
    sim_of_operator = (
        tg.events(CarrierCheck)
        .last(CarrierCheck.last_sim_change)
        .per(CarrierCheck.number)
        .ever()
        .at(account.number)
    )
    sim_age_days = (
        tg.age(
            tg.when(
                sim_of_account.is_null(),
                _newest(sim_of_number, sim_of_operator),
                _newest(sim_of_account, sim_of_number, sim_of_operator),
            )
        )
        / _DAY
    )

    updated = tg.events(ClientUpdated).last_seen().per(ClientUpdated.account_id).ever()
    built = tg.events(ClientReport).last(ClientReport.build_date).per(ClientReport.account_id).ever()
    update_age_days = tg.age(tg.when(updated.is_null(), built, _newest(updated, built))) / _DAY

    # a profile of hours says what is unusual, or the account's own logins; without both, the early morning is
    _hour = LoginAttempt.local_hour.or_else(tg.local_hour(account.zone))
    unusual_login = (
        tg.events(LoginAttempt)
        .where((LoginAttempt.ok == 1).or_else(True))  # noqa: FBT003  an operand
        .last(is_unusual_login(_hour, (_hour >= night_from) & (_hour < night_to)))
        .per(LoginAttempt.account_id)
        .over(tg.hours(24))
    )
    # whether the judged event is such an operation: contacts carried off are one in bulk
    operations = (
        (
            tg.events(PaymentAttempted)
            | tg.events(ContactsExported).where(ContactsExported.count > ContactHarvesting.bulk)
        )
        .count()
        .per(ContactsExported.account_id)
        .over(INSTANT)
    )
    session_switches = tg.events(NetworkSwitch).count().per(NetworkSwitch.session_id).over(tg.minutes(10))
    session_registers = (
        tg.events(RegistrationAttempt).last_seen().per(RegistrationAttempt.session_id).over(tg.minutes(10))
    )

    device_switching = tg.Rule(
        id="login.frequent-switch-risk-plus-60pct",
        title="More than 2 changes of device in a week: signs at logins weigh 1.6 times",
        on=(LoginAttempt,),
        when=DeviceSwitching.used_7d > switches_limit,
        given=~account.is_new.or_else(False),  # noqa: FBT003  an operand
        window="P7D",
        risk=tg.Risk(
            factor=_factor(
                "device_switching", 1.6, "60 % more, even if every check was passed",
                "login.frequent-switch-risk-plus-60pct",
            ),
            of="login",
        ),
        reason="{observed} changes of device in a week; limit {limit}",
        source="login.frequent-switch-risk-plus-60pct",
        note="not in the first week of an account, which has a rule of its own; logins known to have failed do not count; whether"
        " checks were passed makes no difference",
        examples=("fires: devices A, B, A, B in a week", "does not: the same in the first week of the account"),
    )  # fmt: skip
    night_operation = tg.Rule(
        id="login.unusual-hour-with-high-risk-op",
        title="Login at an unusual hour, then contacts carried off or a payment: signs at logins weigh 3.3 times",
        on=(ContactsExported, PaymentAttempted),
        when=unusual_login == 1,
        given=operations >= 1,
        risk=tg.Risk(
            factor=_factor("night_operation", 3.3, "3.3 times", "login.unusual-hour-with-high-risk-op"),
            of="login",
        ),
        reason="the session began at an hour that is unusual for the account ({observed})",
        source="login.unusual-hour-with-high-risk-op",
        note="contacts in bulk are those of `contact.bulk-export`: more than 50 at once; the last login within 24 h that did not"
        " fail: outside the hours of the account's profile, or, where it has none, from 2 to 5 h, unless its logins of 30 days"
        " show that this is its habit; an hour that is missing among 100 of them is unusual, too (login.hour-profile)",
        examples=(
            "fires: login at 02:00, 51 contacts exported",
            "does not: login at 05:00; at 03:00, and no such operation or 50 contacts exported",
        ),
    )
    sim_month = tg.Rule(
        id="login.sim-changed-30d-high-risk",
        title="SIM changed in the last 30 days: every login is marked",
        on=(LoginAttempt,),
        when=sim_age_days <= sim_days_label,
        window="P30D",
        labels=(tg.Label("high-risk-login"),),
        reason="the SIM was changed {observed} days ago; logins are marked up to {limit} days",
        source="login.sim-changed-30d-high-risk",
        area="login",
        examples=("fires: SIM changed 30 days ago", "does not: SIM changed 31 days ago"),
    )
    sim_week = tg.Rule(
        id="login.sim-changed-7d-verification-failures",
        title="SIM changed in the last 7 days: signs at logins weigh 3.2 times",
        on=(LoginAttempt,),
        when=sim_age_days <= sim_days,
        window="P7D",
        risk=tg.Risk(
            factor=_factor(
                "sim_changed", 3.2, "checks fail 220 % more often", "login.sim-changed-7d-verification-failures"
            ),
            of="login",
            state=True,
        ),
        reason="the SIM was changed {observed} days ago; logins weigh more up to {limit} days",
        source="login.sim-changed-7d-verification-failures",
        examples=("fires: SIM changed 7 days ago", "does not: SIM changed 8 days ago"),
    )  # fmt: skip
    not_updated = tg.Rule(
        id="client.not-updated-over-90d",
        title="App not updated for over 90 days: signs weigh 4.8 times",
        on=(ClientReport, ClientUpdated, LoginAttempt),
        when=update_age_days > update_days,
        given=~(updated.is_null() & built.is_null()),
        risk=tg.Risk(
            factor=_factor("not_updated", 4.8, "4.8 times", "client.not-updated-over-90d"), state=True
        ),
        reason="the app was last updated {observed} days ago; limit {limit}",
        source="client.not-updated-over-90d",
        note="since the last update, or since the build that runs was made, whichever is later; neither on record says nothing",
        examples=("fires: 91 days", "does not: 90 days"),
    )
    auto_update_off = tg.Rule(
        id="client.auto-update-off-2p3x",
        title="Automatic updates switched off: signs weigh 2.3 times",
        on=(ClientReport,),
        when=tg.when(ClientReport.auto_update == 0, 1, 0) == 1,
        risk=tg.Risk(
            factor=_factor("auto_update_off", 2.3, "2.3 times", "client.auto-update-off-2p3x"), state=True
        ),
        reason="automatic updates are switched off (found: {observed})",
        source="client.auto-update-off-2p3x",
        note="many people save data that way: it says nothing without other signs",
        examples=("fires: switched off", "does not: switched on, or not known"),
    )
    dynamic_address = tg.Rule(
        id="net.dynamic-ip-plus-40pct",
        title="Address from a dynamic pool",
        on=(NetworkSwitch,),
        when=NetworkSwitch.is_dynamic_ip == 1,
        risk=tg.Risk(
            factor=_factor(
                "dynamic_address", 1.0, "most people have one: 1 by default, the source's 1.4 in the set `strict`",
                "net.dynamic-ip-plus-40pct",
            ),
            state=True,
        ),
        reason="the address comes from a dynamic pool ({observed})",
        source="net.dynamic-ip-plus-40pct",
        examples=("fires: an address from a dynamic pool", "does not: a fixed address"),
    )  # fmt: skip
    wandering_registration = tg.Rule(
        id="reg.network-switch-over-2-in-10min",
        title="More than 2 network switches while registering: signs at registration weigh 1.4 times",
        on=(RegistrationAttempt, NetworkSwitch),
        when=session_switches > network_limit,
        given=~NetworkSwitch.session_id.is_null() & ~session_registers.is_null(),
        window="PT10M",
        risk=tg.Risk(
            factor=_factor(
                "wandering_registration", 1.4, "40 % more, read as relative", "reg.network-switch-over-2-in-10min"
            ),
            of="registration",
        ),
        labels=(tg.Label("unstable-network", on="number"),),
        reason="{observed} network switches in 10 minutes of registering; limit {limit}",
        source="reg.network-switch-over-2-in-10min",
        area="registration",
        examples=("fires: the third switch of the session", "does not: two switches, or three outside a registration"),
    )  # fmt: skip
    with_link = tg.Rule(
        id="link.risk-4p3x",
        title="Message with a link: signs weigh 4.3 times at it",
        on=(MessageSent,),
        when=links >= one,
        risk=tg.Risk(
            factor=_factor("with_link", 4.3, "4.3 times, once per message", "link.risk-4p3x"), passing=True
        ),
        reason="{observed} links in the message",
        source="link.risk-4p3x",
        note="for the message itself; not together with the coefficient of links in weighted volumes",
        examples=("fires: one link", "does not: no link"),
    )
    first_mark = tg.Rule(
        id="score.first-risk-mark-6x",
        title="Account with a first risk mark: the odds of every sign are six times as high",
        on=_WEIGHED,
        when=tg.labelled("first-risk-mark", MessageSent.account_id) >= one,
        given=~tg.labelled("first-risk-mark", MessageSent.account_id, within=tg.hours(24)),
        risk=tg.Risk(
            factor=_factor("first_mark", 6, "banned six times as often", "score.first-risk-mark-6x"),
            odds=True,
            passing=True,
        ),
        reason="the account carries first-risk-mark ({observed})",
        source="score.first-risk-mark-6x",
        note="prior odds, not a probability; two marks count as one; from a day after the last mark on, when the sign that set it is"
        " no longer active: it speaks of later signs, not of its own",
        examples=("fires: marked on its first day", "does not: not marked"),
    )
