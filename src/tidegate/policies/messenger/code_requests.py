"""Verification codes asked for, or guessed, again and again."""

import tidegate as tg
from tidegate.events import RegistrationAttempt, VerificationCodeAttempt, VerificationCodeRequested
from tidegate.policies.messenger import sanctions
from tidegate.policies.messenger.session_number import of_session

SESSION = tg.hours(
    24
)  # no registration session lasts longer; the row counts within a session, without a time


WAIT = tg.minutes(30).ms  # as long as `sanction.registration-session-wait-30m`


class CodeRequests(tg.RuleSet):
    """Verification codes asked for, or guessed, again and again."""

    area = "verification"

    requests_limit = tg.Parameter(
        3, low=1, high=20, unit="requests", why="three are normal, the fourth is slowed down",
        source="verify.code-requests-over-3-per-hour",
    )  # fmt: skip
    wrong_limit = tg.Parameter(
        3, low=1, high=20, unit="entries", why="the fourth wrong entry ends the session", source="verify.wrong-code-over-3"
    )  # fmt: skip

    requests_1h = (
        tg.events(VerificationCodeRequested).count().per(VerificationCodeRequested.number).over(tg.hours(1))
    )
    # whose the session is, where the wrong code does not say
    _said = VerificationCodeAttempt.number
    _number = tg.when(_said.is_null(), of_session, _said).or_else(of_session)
    _codes = tg.events(VerificationCodeAttempt)
    _code_at = _codes.last_seen().per(VerificationCodeAttempt.session_id).over(SESSION)
    _wrong = _codes.where(VerificationCodeAttempt.correct == 0)
    _wrong_at = _wrong.last_seen().per(VerificationCodeAttempt.session_id).over(SESSION)
    _is_code = tg.age(_code_at) == 0
    # what does not say its number is not stopped by a measure on the number; nor is anything where wrong codes named nobody's
    _says_no_number = _said.is_null().or_else(True)  # noqa: FBT003  an operand
    _wrong_of_nobody = (
        _wrong.last(_number.is_known()).per(VerificationCodeAttempt.session_id).over(SESSION) == 0
    )
    wrong_in_session = (
        tg.events(VerificationCodeAttempt)
        .where(VerificationCodeAttempt.correct == 0)
        .count()
        .per(VerificationCodeAttempt.session_id)
        .over(SESSION)
    )

    too_many = tg.Rule(
        id="verify.code-requests-over-3-per-hour",
        title="More than 3 codes for a number in an hour",
        on=(VerificationCodeRequested,),
        when=requests_1h > requests_limit,
        given=~VerificationCodeRequested.number.is_null(),
        window="PT1H",
        measures=(tg.Measure(sanctions.CODE_SEND_RESTRICT),),
        reason="{observed} codes asked for in an hour; limit {limit}",
        source="verify.code-requests-over-3-per-hour",
        note="the fourth and all later ones are slowed down",
        examples=(
            "fires: the fourth request within an hour",
            "does not: a fourth request an hour after the first",
        ),
    )
    guessed = tg.Rule(
        id="verify.wrong-code-over-3",
        title="More than 3 wrong codes in a registration session",
        on=(VerificationCodeAttempt, RegistrationAttempt, VerificationCodeRequested),
        when=wrong_in_session > wrong_limit,
        given=~VerificationCodeAttempt.session_id.is_null()
        & (_is_code | ((_says_no_number | _wrong_of_nobody) & (tg.age(_wrong_at) < WAIT))),
        measures=(
            tg.Measure(
                sanctions.SESSION_WAIT_30M,
                named=_number,
                given=_is_code | ~_says_no_number | ~_number.is_known(),
                ends=_wrong_at + WAIT,
            ),
            tg.Measure(
                sanctions.SESSION_WAIT_30M,
                given=~_is_code & _says_no_number & _number.is_known(),
                ends=_wrong_at + WAIT,
            ),
        ),
        reason="{observed} wrong codes in the session; limit {limit}",
        source="verify.wrong-code-over-3",
        note="the wait is that of the number of the session, or of the first attempt in it that says one, until 30 minutes after the"
        " last wrong code; attempts of the session that do not say their number are refused as long",
        examples=("fires: the fourth wrong code", "does not: three wrong codes, then the right one"),
    )
