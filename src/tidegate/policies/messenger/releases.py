"""What ends measures before their time: a check passed, an app updated, a label taken off. Everything else ends by the clock or by a person."""

import tidegate as tg
from tidegate.events import (
    AccountProfile,
    ChallengeResult,
    ClientReport,
    ClientUpdated,
    LoginAttempt,
    VerificationCodeAttempt,
    VerificationCodeRequested,
)
from tidegate.policies.messenger import sanctions
from tidegate.policies.messenger.banned_behaviour import BannedBehaviour
from tidegate.policies.messenger.outdated_client import OutdatedClient
from tidegate.policies.messenger.session_number import of_session

# how the code came that is typed in: by the requests of its session, else by those of the number
_requests = tg.events(VerificationCodeRequested).last(VerificationCodeRequested.channel)
_in_session = _requests.per(VerificationCodeRequested.session_id).over(tg.hours(24))
_of_number = _requests.per(VerificationCodeRequested.number).over(tg.hours(24))
_to_number = _of_number.or_else(_of_number.at(of_session))
_sent_by = tg.when(_in_session.is_null(), _to_number, _in_session).or_else(_to_number)

# who has the official app on another device has not updated the modified one; on none, or an unknown one, it may be the same
_modified_on = (
    tg.events(ClientReport)
    .where(ClientReport.is_modified == 1)
    .last(ClientReport.device_id)
    .per(ClientReport.account_id)
    .ever()
)
_on_another = (
    ~ClientReport.device_id.is_null() & ~_modified_on.is_null() & (ClientReport.device_id != _modified_on)
).or_else(False)  # noqa: FBT003  an operand

# their rows ask for a verification and name none: the one the measure names is only the first to be offered
_ANY_CHECK_DOES = (
    "reg.number-ip-over-1500km",
    "reg.table-geo-high-1500km",
    "login.countries-over-3",
    "login.devices-over-3-in-24h",
    "login.distance-over-800km-implausible",
    "login.success-after-5-failures",
)

_LAPSED = tuple(
    tg.Release(
        on=seen,
        when=BannedBehaviour.followed_has_lapsed,
        sanctions=(sanctions.ASSOCIATED_BAN.id,),
        causes=(BannedBehaviour.evading.id,),
        why="as long as the ban that it follows: where an appeal or a review has undone that, it ends at what is seen of the account next",
        source="sanction.associated-ban",
    )
    for seen in (AccountProfile, LoginAttempt)
)

RELEASES = (
    *_LAPSED,
    tg.Release(
        on=VerificationCodeAttempt,
        when=(VerificationCodeAttempt.correct == 1) & (_sent_by == "voice"),
        sanctions=(sanctions.STEP_UP_ID,),
        challenge=_sent_by,
        named=of_session,
        settles=True,
        why="who registers has no account to pass a check with: the code that was read out and typed in is the check by voice,"
        " for the number of its session where it names none",
        source="sanction.step-up-verification",
    ),
    tg.Release(
        on=ChallengeResult,
        when=ChallengeResult.passed == 1,
        sanctions=(sanctions.STEP_UP_ID,),
        causes=("login.prompt-verification-after-anomaly",),
        why="whoever passes a check clears what was abnormal so far: the next abnormal login is another one, and asked at once",
        source="login.prompt-verification-after-anomaly",
    ),
    tg.Release(
        on=ChallengeResult,
        when=ChallengeResult.passed == 1,
        sanctions=(sanctions.STEP_UP_ID,),
        challenge=ChallengeResult.challenge_type,
        settles=True,
        why="asked for until passed, and then not again for the same cause within the day; the check that was asked for, where"
        " the event says which it was",
        source="sanction.step-up-verification",
    ),
    tg.Release(
        on=ChallengeResult,
        when=ChallengeResult.passed == 1,
        sanctions=(sanctions.STEP_UP_ID,),
        causes=_ANY_CHECK_DOES,
        settles=True,
        why="any check that is passed shows who it is, where the source asks for none in particular",
        source="login.prompt-verification-after-anomaly",
    ),
    tg.Release(
        on=ChallengeResult,
        when=ChallengeResult.passed == 1,
        sanctions=(sanctions.TRAVEL_MODE_LOCK.id,),
        labels=("anomalous-login", "high-risk-login", "travel-mode"),
        settles=True,
        why="who passes a check is the holder: the flag is lifted at once; silence keeps it",
        source="login.prompt-verification-after-anomaly",
    ),
    tg.Release(
        on=ChallengeResult,
        when=ChallengeResult.passed == 1,
        sanctions=(sanctions.EARLY_DEACTIVATION.id,),
        why="the second check was passed later",
        source="sanction.early-deactivation",
    ),
    tg.Release(
        on=ClientUpdated,
        when=ClientUpdated.to_official == 1,
        sanctions=(sanctions.FORCED_UPDATE.id, sanctions.STATUS_DISABLE.id),
        why="the official version is installed",
        source="sanction.forced-logout-update",
    ),
    tg.Release(
        on=ClientUpdated,
        when=(ClientUpdated.to_official == 1).or_else(True),  # noqa: FBT003  an operand
        sanctions=(sanctions.SERVICE_STOP.id,),
        why="the update is installed; unless it is known to be a modified build",
        source="sanction.service-stop-outdated",
    ),
    tg.Release(
        on=ClientReport,
        when=OutdatedClient.behind_days <= OutdatedClient.gap_days,
        sanctions=(sanctions.SERVICE_STOP.id,),
        why="the app says itself that it has been updated",
        source="sanction.service-stop-outdated",
    ),
    tg.Release(
        on=ClientReport,
        when=ClientReport.is_modified == 0,
        sanctions=(sanctions.STATUS_DISABLE.id,),
        why="the official client has been verified",
        source="sanction.status-feature-disable",
    ),
    tg.Release(
        on=ClientReport,
        when=(ClientReport.is_modified == 0) & ~_on_another,
        sanctions=(sanctions.FORCED_UPDATE.id,),
        why="the official client runs where the modified one ran: it is installed",
        source="sanction.forced-logout-update",
    ),
    tg.Release(
        on=AccountProfile,
        when=~tg.contains(AccountProfile.labels, "low-quality-member"),
        sanctions=(sanctions.GROUP_JOIN_APPROVAL.id,),
        labels=("low-quality-member",),
        why="the label was taken off: a profile lists the account's labels without it (one that says nothing of labels leaves it)",
        source="sanction.group-join-success-minus-60pct",
    ),
)
