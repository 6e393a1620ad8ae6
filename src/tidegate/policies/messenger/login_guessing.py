"""Passwords and checks tried until one passes."""

import tidegate as tg
from tidegate.events import ChallengeResult, LoginAttempt
from tidegate.policies.messenger import sanctions

SEQUENCE = tg.hours(24)  # assumed: failures further apart are not one attempt to get in


class LoginGuessing(tg.RuleSet):
    """Passwords and checks tried until one passes."""

    area = "login"

    failures_before = tg.Parameter(
        5, low=2, high=50, unit="failures", why="five failures, and the sixth login gets in",
        source="login.success-after-5-failures",
    )  # fmt: skip
    failed_checks_limit = tg.Parameter(
        3, low=1, high=20, unit="failures", why="the fourth failed check locks", source="login.failed-verification-over-3"
    )  # fmt: skip

    # a run may reach back for days: of the failures in a row only those of the last 24 hours count; a result on record as none
    # has neither failed nor passed
    _logins = tg.events(LoginAttempt).where((~LoginAttempt.ok.is_null()).or_else(True))  # noqa: FBT003
    _checks = tg.events(ChallengeResult).where((~ChallengeResult.passed.is_null()).or_else(True))  # noqa: FBT003
    failed_run = tg.least(
        _logins.run_before(LoginAttempt.ok == 0).per(LoginAttempt.account_id).over(SEQUENCE),
        _logins.where(LoginAttempt.ok == 0).count().per(LoginAttempt.account_id).over(SEQUENCE),
    )
    failed_checks = tg.least(
        _checks.run(ChallengeResult.passed == 0).per(ChallengeResult.account_id).over(SEQUENCE),
        _checks.where(ChallengeResult.passed == 0).count().per(ChallengeResult.account_id).over(SEQUENCE),
    )

    guessed = tg.Rule(
        id="login.success-after-5-failures",
        title="A login gets in after five failures in a row",
        on=(LoginAttempt,),
        when=failed_run >= failures_before,
        given=LoginAttempt.ok,
        prior=tg.Prior(
            0.91, group="verification-failures probability-meaning", source="login.success-after-5-failures"
        ),
        labels=(tg.Label("high-risk-login"),),
        measures=(sanctions.step_up("two_factor", capability="login"),),
        reason="logged in after {observed} failures in a row; limit {limit}",
        source="login.success-after-5-failures",
        note="within 24 h; a success ends the run",
        examples=("fires: five failures, then a success", "does not: four failures, then a success"),
    )
    failed_checks_lock = tg.Rule(
        id="login.failed-verification-over-3",
        title="More than 3 failed checks in a row",
        on=(ChallengeResult,),
        when=failed_checks > failed_checks_limit,
        measures=(tg.Measure(sanctions.ACCOUNT_LOCK_24H),),
        reason="{observed} failed checks in a row; limit {limit}",
        source="login.failed-verification-over-3",
        note="within 24 h; a passed check ends the run. A lock, as every measure on all capabilities, holds for what has no capability of its own,"
        " too: profiles, contacts, positions, media; whoever is locked or banned may still leave groups, report and appeal",
        examples=("fires: the fourth failed check", "does not: three failed, one passed, one failed"),
    )
