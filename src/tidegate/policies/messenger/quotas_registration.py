"""Published limits of registering: accounts per address and device, distance, rest of a number, voice calls."""

import tidegate as tg
from tidegate.events import NumberProfile, RegistrationAttempt, VerificationCodeRequested
from tidegate.policies.messenger.bulk_registration import BulkRegistration
from tidegate.policies.messenger.far_registration import FarRegistration, has_places
from tidegate.policies.messenger.number_recycling import NumberRecycling

ACCOUNTS_NOTE = (
    "numbers tried, or attempts where the number is not known; retries of one number are one account"
)


class QuotasRegistration(tg.RuleSet):
    """Published limits of registering: accounts per address and device, distance, rest of a number, voice calls."""

    area = "registration"

    per_ip = tg.Parameter(
        3, low=1, high=50, unit="accounts", why="the table calls up to three safe; 2 in the set `strict`",
        source="reg.table-ip-safe-3-per-24h",
    )  # fmt: skip
    per_device = tg.Parameter(
        2, low=1, high=20, unit="accounts", why="two people share a phone", source="reg.table-device-safe-2-per-7d"
    )  # fmt: skip
    near_km = tg.Parameter(
        500, low=50, high=5000, unit="km", why="within the region", source="reg.table-geo-safe-500km"
    )  # fmt: skip
    rest_days = tg.Parameter(
        90, low=7, high=365, unit="days", why="then the number has left its former owner", source="reg.table-number-idle-90d"
    )  # fmt: skip
    voice_calls = tg.Parameter(
        2, low=1, high=20, unit="calls", why="a third call wakes somebody up", source="verify.voice-max-2-per-24h"
    )  # fmt: skip

    _named = RegistrationAttempt.number.is_known()
    _attempts = tg.events(RegistrationAttempt).count()
    on_ip = tg.when(_named, BulkRegistration.accounts_24h, BulkRegistration.requests_24h)
    on_device = tg.when(
        _named, BulkRegistration.on_device_7d, _attempts.per(RegistrationAttempt.device_id).over(tg.days(7))
    )
    _called = (VerificationCodeRequested.channel == "voice") & ~VerificationCodeRequested.number.is_null()
    _calls = (
        tg.events(VerificationCodeRequested)
        .where(VerificationCodeRequested.channel == "voice")
        .count()
        .per(VerificationCodeRequested.number)
    )
    # those that a profile of the number lists, and those asked for since it was told
    _profiles = tg.events(NumberProfile)
    _listed_24h = _profiles.moments(NumberProfile.voice_calls).per(NumberProfile.number).over(tg.hours(24))
    _told_at = (
        _profiles.where(NumberProfile.voice_calls.is_known()).last_seen().per(NumberProfile.number).ever()
    )
    _since_told = _calls.since(_told_at + 1, at_most=tg.hours(24))
    called_24h = tg.greatest(_calls.over(tg.hours(24)), _listed_24h.or_else(0) + _since_told)

    ip = tg.Quota(
        id="reg.table-ip-safe-3-per-24h", title="Up to 3 accounts from one address in 24 hours", capability=("register",),
        on=(RegistrationAttempt,), within=on_ip <= per_ip, given=~RegistrationAttempt.ip.is_null(), subject="ip", kind="count",
        unit="accounts", window="PT24H",
        reason="{observed} accounts from one address in 24 hours; up to {limit} are safe",
        source="reg.table-ip-safe-3-per-24h", note=ACCOUNTS_NOTE,
        examples=("exceeds: the fourth number", "within: three numbers, many retries"),
    )  # fmt: skip
    device = tg.Quota(
        id="reg.table-device-safe-2-per-7d", title="Up to 2 accounts on one device in 7 days", capability=("register",),
        on=(RegistrationAttempt,), within=on_device <= per_device, given=~RegistrationAttempt.device_id.is_null(),
        subject="device", kind="count", unit="accounts", window="P7D",
        reason="{observed} accounts on one device in 7 days; up to {limit} are safe",
        source="reg.table-device-safe-2-per-7d", note=ACCOUNTS_NOTE,
        examples=("exceeds: the third number within 7 days", "within: two numbers"),
    )  # fmt: skip
    distance = tg.Quota(
        id="reg.table-geo-safe-500km", title="Up to 500 km between number and address", capability=("register",),
        on=(RegistrationAttempt,), within=FarRegistration.apart_km <= near_km, given=has_places, subject="number", kind="size",
        unit="km",
        reason="{observed} km between the number's region and the address; up to {limit} are safe",
        source="reg.table-geo-safe-500km", note="from 1500 km on a check is asked for; in between the distance alone neither asks nor scores, another country does",
        examples=("exceeds: 501 km", "within: exactly 500 km"),
    )  # fmt: skip
    rest = tg.Quota(
        id="reg.table-number-idle-90d", title="Numbers at rest for 90 days or more", capability=("register",),
        on=(RegistrationAttempt,), within=NumberRecycling.idle_days >= rest_days,
        given=~RegistrationAttempt.number.is_null(), subject="number", kind="gap", unit="days",
        window="P90D", reason="the number was registered {observed} days ago; from {limit} days on it is safe",
        source="reg.table-number-idle-90d", note="a number never registered has been at rest for ever",
        examples=("exceeds: registered 89 days ago", "within: registered exactly 90 days ago"),
    )  # fmt: skip
    voice = tg.Quota(
        id="verify.voice-max-2-per-24h", title="Up to 2 voice calls with codes in 24 hours", capability=("register",),
        on=(VerificationCodeRequested,), within=called_24h <= voice_calls, given=_called,
        subject="number", kind="count", unit="calls", window="PT24H",
        reason="{observed} voice calls in 24 hours; the number receives up to {limit}", source="verify.voice-max-2-per-24h",
        note="those asked for, or those that a profile of the number lists and those asked for since; the platform refuses further calls, not"
        " the registration: other channels stay open",
        examples=("exceeds: the third call in 24 hours", "within: two calls and any number of text messages"),
    )  # fmt: skip
