"""Clients that are not what they say they are."""

import tidegate as tg
from tidegate.events import Field, IntegrityCheck, MediaDownloaded, MessageSent, SessionState
from tidegate.expr import Duration, Expr
from tidegate.features import Stream
from tidegate.policies.messenger.instant import INSTANT

WATCH = tg.Label("modified-client-watch")
MIB = 1 << 20

ONLINE_FOR_A_DAY = tg.deadline(
    SessionState,
    tg.days(1),
    SessionState.account_id,
    SessionState.device_id,
    where=SessionState.state == "open",
    name="deadline.online-for-a-day",
)
_A_MOMENT_LATER = tg.seconds(
    86_400.001
)  # than a day: what is judged at the moment itself is not judged twice
NO_CHECK_FOR_A_DAY = tg.deadline(
    IntegrityCheck,
    _A_MOMENT_LATER,
    IntegrityCheck.account_id,
    IntegrityCheck.device_id,
    name="deadline.no-check-for-a-day",
)
DAY, YEAR = tg.hours(24), tg.days(365)


def _of_client(events: Stream, told: type[IntegrityCheck | SessionState], span: Duration = DAY) -> Expr:
    """Return how many there are in 24 hours of the account on the device, and of the account where they name no device."""
    on_device = events.count().per(told.account_id, told.device_id).over(span)
    nameless = events.where(~told.device_id.is_known()).count().per(told.account_id).over(span)
    return (on_device + nameless).or_else(events.count().per(told.account_id).over(span))


def _open_for_a_day(*client: Field) -> Expr:
    """Return whether the newest that is told of a client's sessions is that one opened, at least 24 hours ago."""
    told = tg.events(SessionState)
    newest = told.last(SessionState.state).per(*client).over(YEAR)
    since = told.last_seen().per(*client).over(YEAR)
    return ((newest == "open") & (tg.age(since) >= DAY.ms)).or_else(False)  # noqa: FBT003  an operand


class ModifiedClient(tg.RuleSet):
    """Clients that are not what they say they are: they skip checks, or do what the official app cannot."""

    area = "client"

    checks_least = tg.Parameter(
        3, low=1, high=24, unit="checks", why="the official app does at least three a day",
        source="client.integrity-checks-below-3-per-24h",
    )  # fmt: skip
    files_limit = tg.Parameter(
        5, low=1, high=100, unit="files", why="the official app asks for five at once", source="client.bulk-download-over-5"
    )  # fmt: skip
    upload_limit_mib = tg.Parameter(
        16, low=1, high=4096, unit="MiB", why="limit of the platform, a setting; MiB, so that no honest upload is hit",
        source="client.media-over-16mb-upload",
    )  # fmt: skip

    checks_24h = _of_client(tg.events(IntegrityCheck).where(IntegrityCheck.ok), IntegrityCheck)
    closed_24h = _of_client(tg.events(SessionState).where(SessionState.state == "close"), SessionState)
    # the deadline of an opening: there is one that is exactly a day old
    _opened = tg.events(SessionState).where(SessionState.state == "open")
    _opened_a_day_ago = _of_client(_opened, SessionState, _A_MOMENT_LATER) > _of_client(_opened, SessionState)
    _is_online = tg.when(
        IntegrityCheck.device_id.is_known(),
        _open_for_a_day(SessionState.account_id, SessionState.device_id),
        _open_for_a_day(SessionState.account_id),
    )
    # at a check, or a day after one that none followed: between them the figure only falls, and comes back with the next one
    _checked = _of_client(tg.events(IntegrityCheck), IntegrityCheck)
    _checks_now = _of_client(tg.events(IntegrityCheck), IntegrityCheck, INSTANT)
    _is_due = _opened_a_day_ago | (_is_online & ((_checks_now >= 1) | (_checked == 0)))

    few_checks = tg.Rule(
        id="client.integrity-checks-below-3-per-24h",
        title="Fewer than 3 integrity checks in 24 hours online",
        on=(ONLINE_FOR_A_DAY, IntegrityCheck, NO_CHECK_FOR_A_DAY),
        when=checks_24h < checks_least,
        given=(closed_24h == 0) & _is_due,
        window="PT24H",
        labels=(WATCH,),
        reason="{observed} successful integrity checks in 24 hours online; at least {limit} are due",
        source="client.integrity-checks-below-3-per-24h",
        note="judged 24 h after a session opened, where none was closed in between, then at every check, and 24 h after one that"
        " none followed, as long as no session opens or closes: of the device, where events name it, so that another client of"
        " the account neither checks for it nor hides it",
        examples=("fires: online for 24 h, two checks", "does not: two checks, but offline in between"),
    )
    bulk_download = tg.Rule(
        id="client.bulk-download-over-5",
        title="More than 5 media files in one request",
        on=(MediaDownloaded,),
        when=MediaDownloaded.file_count > files_limit,
        labels=(WATCH,),
        reason="{observed} files in one request; limit {limit}",
        source="client.bulk-download-over-5",
        examples=("fires: 6 files in one request", "does not: 5 files in one request"),
    )
    large_upload = tg.Rule(
        id="client.media-over-16mb-upload",
        title="Upload above the size limit",
        on=(MessageSent,),
        when=MessageSent.media_bytes / MIB > upload_limit_mib,
        labels=(WATCH,),
        reason="an upload of {observed} MiB; limit {limit}",
        source="client.media-over-16mb-upload",
        examples=("fires: 16.1 MiB", "does not: 16 MiB"),
    )
