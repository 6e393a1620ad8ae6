"""Registrations for which a code by voice is due: the number is of elsewhere, or the device is not what it reports."""

import tidegate as tg
from tidegate.events import DeviceReport, RegistrationAttempt, VerificationCodeRequested
from tidegate.expr import Expr
from tidegate.policies.messenger import sanctions
from tidegate.policies.messenger.far_registration import other_country

SESSION = tg.minutes(30)  # a registration session lives 10 to 30 minutes

_attempts = tg.events(RegistrationAttempt)
_requests = tg.events(VerificationCodeRequested)


def _holds(flag: Expr, cause: str) -> Expr:
    """Return whether it holds: at the event, else at the attempt of its session; or a code was asked for because of it."""
    newest, asked = _attempts.last(flag), _requests.last(VerificationCodeRequested.cause == cause)
    at_attempt = (
        newest.per(RegistrationAttempt.number)
        .over(SESSION)
        .or_else(newest.per(RegistrationAttempt.session_id).over(SESSION))
    )
    in_request = (
        asked.per(VerificationCodeRequested.number)
        .over(SESSION)
        .or_else(asked.per(VerificationCodeRequested.session_id).over(SESSION))
    )
    return in_request.or_else(False) | flag.or_else(at_attempt).or_else(in_request)  # noqa: FBT003  an operand


class VoiceCodes(tg.RuleSet):
    """Registrations for which a code by voice is due: the number is of elsewhere, or the device is not what it reports."""

    area = "verification"

    wrong_limit = tg.Parameter(
        0.2, low=0.05, high=0.9, unit="share", why="the row names no limit: that of the device row",
        source="device.param-error-over-20pct", assumed=True,
    )  # fmt: skip
    conditions_least = tg.Parameter(
        1, low=1, high=2, unit="conditions", why="either opens the gate", source="verify.voice-gate"
    )  # fmt: skip

    wrong_share = (
        tg.events(DeviceReport)
        .last(DeviceReport.params_wrong / DeviceReport.params_total)
        .per(DeviceReport.device_id)
        .ever()
    )
    is_elsewhere = _holds(other_country, "region_mismatch")
    # of no device on record nothing is wrong
    is_anomalous = _holds(
        ~RegistrationAttempt.device_id.is_null() & (wrong_share > wrong_limit), "fingerprint_anomaly"
    )
    # one that holds is enough, whether the other one is known or not
    both = (is_elsewhere & is_anomalous).or_else(False)  # noqa: FBT003  an operand
    met = tg.when(both, 2, tg.when(is_elsewhere | is_anomalous, 1, 0))

    anomaly = tg.Rule(
        id="reg.fingerprint-anomaly",
        title="Registration on a device whose parameters are inconsistent",
        area="registration",
        on=(RegistrationAttempt,),
        when=wrong_share > wrong_limit,
        given=~RegistrationAttempt.device_id.is_null(),
        labels=(tg.Label("fingerprint-anomaly", on="device"),),
        reason="a share of {observed} of the device's parameters is wrong; limit {limit}",
        source="reg.fingerprint-anomaly",
        note="the parameters of reg.device-fingerprint-12, as the device reported them last; the limit is that of the device row, since this one names none",
        examples=("fires: 3 of 12 parameters wrong", "does not: 2 of 12"),
    )
    gate = tg.Rule(
        id="verify.voice-gate",
        title="A code by voice: the number is of another country, or the device's parameters are inconsistent",
        on=(RegistrationAttempt, VerificationCodeRequested),
        when=met >= conditions_least,
        measures=(sanctions.step_up("voice", capability="register", subject="number"),),
        reason="{observed} of the two conditions for a code by voice hold; at least {limit}",
        source="verify.voice-gate",
        note="at an attempt, or at a request for a code: by its cause, or by the attempt of the last 30 minutes; the check is a code"
        " by voice. Who cannot use SMS is served by the operator, whatever this rule says",
        examples=("fires: a number of TW, an address in US", "does not: same country, parameters in order"),
    )
