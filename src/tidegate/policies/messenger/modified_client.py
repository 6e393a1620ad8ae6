"""Clients that are not what they say they are."""

import tidegate as tg
from tidegate.events import IntegrityCheck, MediaDownloaded, MessageSent, SessionState
from tidegate.expr import Expr
from tidegate.features import Stream

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


def _of_client(events: Stream, told: type[IntegrityCheck | SessionState]) -> Expr:
    """Return how many there are in 24 hours of the account on the device, and of the account where they name no device."""
    day = tg.hours(24)
    on_device = events.count().per(told.account_id, told.device_id).over(day)
    nameless = events.where(~told.device_id.is_known()).count().per(told.account_id).over(day)
    return (on_device + nameless).or_else(events.count().per(told.account_id).over(day))


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

    few_checks = tg.Rule(
        id="client.integrity-checks-below-3-per-24h",
        title="Fewer than 3 integrity checks in 24 hours online",
        on=(ONLINE_FOR_A_DAY,),
        when=checks_24h < checks_least,
        given=closed_24h == 0,
        window="PT24H",
        labels=(WATCH,),
        reason="{observed} successful integrity checks in 24 hours online; at least {limit} are due",
        source="client.integrity-checks-below-3-per-24h",
        note="judged 24 h after a session opened, where none was closed in between: of the device, where events name it, so that"
        " another client of the account neither checks for it nor hides it",
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
