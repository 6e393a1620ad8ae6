"""Circumstances that move limits: night, evening, networks, devices, operators, cold contacts, weekends.

Sending factors apply to rows that count messages over at most five minutes, the registration factor to the three rows about
one address, group factors to rows about joins. Factors multiply; limits of sending keep their fractions, those of registration
are cut to whole numbers. A factor whose circumstance is not known is not applied.
"""

import tidegate as tg
from tidegate.events import (
    CarrierCheck,
    DeviceReport,
    GroupJoined,
    LoginAttempt,
    MessageSent,
    NetworkSwitch,
    NumberProfile,
    RegistrationAttempt,
)
from tidegate.expr import Expr
from tidegate.policies.messenger import account
from tidegate.policies.messenger.acquaintance import is_cold
from tidegate.policies.messenger.group_joins import of_own_accord

ENOUGH_RAM_MB = 1_000_000  # of a phone whose word does not count: no limit is relaxed for it

# CLDR 44, supplemental week data: where the weekend is not Saturday and Sunday
FRIDAY_SATURDAY = ("BH", "DZ", "EG", "IL", "IQ", "JO", "KW", "LY", "OM", "QA", "SA", "SD", "SY", "YE")
THURSDAY_FRIDAY = ("AF",)
FRIDAY_ONLY = ("IR",)
SUNDAY_ONLY = ("IN", "UG")


def _factor(name: str, default: float, why: str, source: str) -> tg.Parameter:
    return tg.Parameter(
        default, low=0.25, high=2, unit="factor", why=why, source=source, name=f"modifiers.{name}"
    )


def _hour(name: str, default: float, why: str, source: str) -> tg.Parameter:
    return tg.Parameter(default, low=0, high=24, unit="h", why=why, source=source, name=f"modifiers.{name}")


# the hour: what the event says wins over the clock of the account's zone
_sending_hour = MessageSent.local_hour.or_else(tg.local_hour(account.zone))
_joining_hour = GroupJoined.local_hour.or_else(tg.local_hour(account.zone))
_registering_hour = RegistrationAttempt.local_hour.or_else(tg.local_hour(RegistrationAttempt.tz))

_NIGHT, _PEAK = "msg.night-0-6-threshold-minus-30pct", "msg.peak-19-22-threshold-minus-30pct"
night_from = _hour("night_from", 0, "from midnight, in the account's zone", _NIGHT)
night_to = _hour("night_to", 6, "half-open: 06:00 is day", _NIGHT)
peak_from = _hour("peak_from", 19, "from 19:00, in the account's zone", _PEAK)
peak_to = _hour("peak_to", 22, "half-open: 22:00 is no peak", _PEAK)

NIGHT = tg.Modifier(
    "msg.night-0-6-threshold-minus-30pct",
    "midnight to six: limits 30 % lower",
    _sending_hour.between(night_from, night_to),
    _factor(
        "night", 0.7, "12 messages a minute by day become 8.4 by night", "msg.night-0-6-threshold-minus-30pct"
    ),
    source="msg.night-0-6-threshold-minus-30pct",
)
PEAK = tg.Modifier(
    "msg.peak-19-22-threshold-minus-30pct",
    "evening peak from 19 to 22 h: limits 30 % lower",
    _sending_hour.between(peak_from, peak_to),
    _factor(
        "peak",
        0.7,
        "this factor decides; the 1.7 that the source states beside it is a weight of scores, and none is put on the hour",
        "msg.peak-19-22-threshold-minus-30pct",
    ),
    source="msg.peak-19-22-threshold-minus-30pct",
)
switches_10m = tg.events(NetworkSwitch).count().per(NetworkSwitch.account_id).over(tg.minutes(10))
network_switches = tg.Parameter(
    3, low=1, high=50, unit="switches", why="more than three", source="net.switch-over-3-in-10min",
    name="modifiers.network_switches",
)  # fmt: skip
UNSTABLE_NETWORK = tg.Modifier(
    "net.switch-over-3-in-10min",
    "more than 3 network switches in 10 minutes: limits 40 % lower",
    switches_10m > network_switches,
    _factor("unstable_network", 0.6, "40 % lower", "net.switch-over-3-in-10min"),
    source="net.switch-over-3-in-10min",
)

low_end_ram_mb = tg.Parameter(
    2048, low=256, high=16_384, unit="MiB", why="less than 2 GB, read as GiB", source="device.low-end-threshold-plus-20pct",
    name="modifiers.low_end_ram_mb",
)  # fmt: skip
sound_share = tg.Parameter(
    0.2, low=0, high=1, unit="ratio", why="of its parameters wrong; more make a report unsound, as in the row on wrong parameters",
    source="device.param-error-over-20pct", name="modifiers.sound_share",
)  # fmt: skip

_reports = tg.events(DeviceReport)
# a device that is none on record is not named, either
_names_device = (~DeviceReport.device_id.is_null()).or_else(False)  # noqa: FBT003  an operand
_reports_of_no_device = _reports.where(~_names_device)
# memory can be faked: what a report with too many wrong parameters says does not relax limits
_is_sound = (DeviceReport.params_wrong / DeviceReport.params_total <= sound_share).or_else(True)  # noqa: FBT003  an operand
_ram_mb = tg.when(_is_sound, DeviceReport.ram_mb, ENOUGH_RAM_MB)

_login_device = (
    tg.events(LoginAttempt)
    .where((LoginAttempt.ok == 1).or_else(True))  # noqa: FBT003  an operand
    .last(LoginAttempt.device_id)
    .per(LoginAttempt.account_id)
    .ever()
)


def _of_device(told: Expr) -> Expr:
    """Return what is told of the device in use: that of the event, else the one the account reported, or logged in on, last.

    Of a device that the event names another one says nothing; a report that names none may be about it.
    """
    newest, of_none = _reports.last(told), _reports_of_no_device.last(told)
    of_it = newest.per(DeviceReport.device_id).ever()
    of_any = newest.per(DeviceReport.account_id).ever().or_else(of_it.at(_login_device))
    return of_it.or_else(tg.when(_names_device, of_none.per(DeviceReport.account_id).ever(), of_any))


ROOTED = tg.Modifier(
    "device.root-threshold-minus-50pct",
    "rooted or jailbroken device: limits halved",
    _of_device(DeviceReport.is_rooted) == 1,
    _factor("rooted", 0.5, "the same behaviour carries twice the risk", "device.root-threshold-minus-50pct"),
    source="device.root-threshold-minus-50pct",
)
LOW_END = tg.Modifier(
    "device.low-end-threshold-plus-20pct",
    "low-end device: limits 20 % higher",
    _of_device(_ram_mb) < low_end_ram_mb,
    _factor("low_end", 1.2, "it works slowly and sends in bursts", "device.low-end-threshold-plus-20pct"),
    source="device.low-end-threshold-plus-20pct",
)

# the operator of the account's number, as its own data or a profile said last, or as the last login says
_carrier = (
    tg.events(CarrierCheck, NumberProfile)
    .last(CarrierCheck.carrier_kind)
    .per(CarrierCheck.number)
    .ever()
    .at(account.number)
)
_number_type = tg.events(LoginAttempt).last(LoginAttempt.number_type).per(LoginAttempt.account_id).ever()

VIRTUAL_OPERATOR = tg.Modifier(
    "login.mvno-threshold-minus-20pct",
    "number of a virtual network operator: limits 20 % lower",
    (_carrier == "mvno") | (_number_type == "mvno"),
    _factor(
        "virtual_operator",
        0.8,
        "20 % lower; its customers are ordinary people: look at fairness before going lower",
        "login.mvno-threshold-minus-20pct",
    ),
    source="login.mvno-threshold-minus-20pct",
)

COLD_CONTACT = tg.Modifier(
    "msg.cold-contact-threshold-minus-50pct",
    "message to a cold contact: limit halved",
    # said by the event itself: without a word on contacts, silence alone halves nobody's limit
    ~MessageSent.recipient_is_contact & is_cold,
    _factor("cold_contact", 0.5, "4 instead of 8 a minute", "msg.cold-contact-threshold-minus-50pct"),
    source="msg.cold-contact-threshold-minus-50pct",
)

SENDING = (NIGHT, PEAK, UNSTABLE_NETWORK, ROOTED, LOW_END, VIRTUAL_OPERATOR)

registration_night_from = _hour(
    "registration_night_from",
    0,
    "from midnight, in the zone of the address",
    "reg.night-0-6-threshold-minus-25pct",
)
registration_night_to = _hour(
    "registration_night_to", 6, "half-open: 06:00 is day", "reg.night-0-6-threshold-minus-25pct"
)

REGISTRATION_NIGHT = tg.Modifier(
    "reg.night-0-6-threshold-minus-25pct",
    "midnight to six in the zone of the address: limits 25 % lower",
    _registering_hour.between(registration_night_from, registration_night_to),
    _factor(
        "registration_night",
        0.75,
        "3 accounts by day become 2.25, cut to 2",
        "reg.night-0-6-threshold-minus-25pct",
    ),
    source="reg.night-0-6-threshold-minus-25pct",
)
REGISTRATION = (REGISTRATION_NIGHT,)

_day = tg.weekday(account.zone)
_THURSDAY, _FRIDAY, _SATURDAY, _SUNDAY = range(3, 7)
_market = account.market
_friday_counts = _market.isin(*FRIDAY_SATURDAY, *THURSDAY_FRIDAY, *FRIDAY_ONLY)
_saturday_off = _market.isin(*THURSDAY_FRIDAY, *FRIDAY_ONLY, *SUNDAY_ONLY)

group_peak_from = _hour(
    "group_peak_from", 20, "from 20:00, in the account's zone", "group.peak-20-23-threshold-minus-40pct"
)
group_peak_to = _hour(
    "group_peak_to", 23, "half-open: 23:00 is no peak", "group.peak-20-23-threshold-minus-40pct"
)
_in_the_evening = _joining_hour.between(group_peak_from, group_peak_to)
_joins_of_the_evening = (  # 20 to 23 h are three hours: of another evening there is none in them
    of_own_accord.where(_in_the_evening).count().per(GroupJoined.account_id).over(tg.hours(3))
)

GROUP_PEAK = tg.Modifier(
    "group.peak-20-23-threshold-minus-40pct",
    "evening from 20 to 23 h, from its second join on: limits 40 % lower",
    _in_the_evening & (_joins_of_the_evening > 1),
    _factor(
        "group_peak",
        0.6,
        "joins one after the other in the evening",
        "group.peak-20-23-threshold-minus-40pct",
    ),
    source="group.peak-20-23-threshold-minus-40pct",
)
WEEKEND = tg.Modifier(
    "group.weekend-tolerance-plus-25pct",
    "weekend of the account's market: limits 25 % higher",
    ~_market.is_null()  # where none is on record, nobody knows whose weekend it is
    & (
        ((_day == _THURSDAY) & _market.isin(*THURSDAY_FRIDAY))
        | ((_day == _FRIDAY) & _friday_counts)
        | ((_day == _SATURDAY) & ~_saturday_off)
        | ((_day == _SUNDAY) & ~_friday_counts)
    ),
    _factor(
        "weekend", 1.25, "people join more groups when they have time", "group.weekend-tolerance-plus-25pct"
    ),
    source="group.weekend-tolerance-plus-25pct",
)
JOINING = (GROUP_PEAK, WEEKEND)
