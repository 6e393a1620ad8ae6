"""Marked devices that nobody logs in on any more: where their fingerprints are kept, and nothing else."""

import tidegate as tg
from tidegate.events import DeviceProfile, LoginAttempt

# every label that a rule sets on devices
MARKS = (
    "device-risk", "device-risk-carrier", "high-risk-device", "suspicious-terminal", "association-risk", "fingerprint-anomaly",
)  # fmt: skip
DORMANT = tg.hours(72)
_HOUR = tg.hours(1).ms

UNSEEN_FOR_72H = tg.deadline(
    LoginAttempt,
    DORMANT,
    LoginAttempt.device_id,
    LoginAttempt.account_id,  # whose login it was: the decision is about that account's device
    where=LoginAttempt.device_id.is_known() & ((LoginAttempt.ok != 0) | ~LoginAttempt.ok.is_known()),
    name="deadline.unseen-for-72h",
)


class DormantDevices(tg.RuleSet):
    """Marked devices that nobody logs in on any more: where their fingerprints are kept, and nothing else."""

    area = "client"

    dormant_hours = tg.Parameter(
        72, low=72, high=720, unit="h", why="exactly 72 hours included; judged 72 h after a login, or when the device is back",
        source="client.hibernation-72h",
    )  # fmt: skip

    _profile = tg.events(DeviceProfile)
    _listed = _profile.last(tg.size(DeviceProfile.labels)).per(DeviceProfile.device_id).ever()
    _tier = _profile.last(DeviceProfile.watch_tier).per(DeviceProfile.device_id).ever()
    is_marked = (_listed > 0).or_else(False)  # noqa: FBT003  an operand
    for _mark in MARKS:
        is_marked = is_marked | tg.labelled(_mark, LoginAttempt.device_id)
    is_watched = (_tier == "active").or_else(True)  # noqa: FBT003  an operand

    _logins = tg.events(LoginAttempt).where((LoginAttempt.ok != 0).or_else(True))  # noqa: FBT003  an operand
    _last_login = _logins.previous_seen().per(LoginAttempt.device_id).ever()
    hours_unseen = tg.age(_last_login) / _HOUR

    dormant = tg.Rule(
        id="client.hibernation-72h",
        title="Marked device without a login for 72 hours: its fingerprint goes to the cold watch list",
        on=(UNSEEN_FOR_72H, LoginAttempt),
        when=hours_unseen >= dormant_hours,
        given=~LoginAttempt.device_id.is_null() & ~_last_login.is_null() & is_marked & is_watched,
        window="PT72H",
        reason="no login on the marked device for {observed} hours; from {limit} on its fingerprint is kept on the cold list",
        source="client.hibernation-72h",
        note="only where the fingerprint is kept: labels, scores and measures stay as they are. Judged 72 hours after a login, and at"
        " the login that ends the rest, which brings the fingerprint back",
        examples=("fires: 72 hours without a login", "does not: 71 hours, or a device without a mark"),
    )
