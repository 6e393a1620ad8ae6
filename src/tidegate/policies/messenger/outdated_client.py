"""Apps that lag far behind: what has long been repaired in newer ones is still open in them."""

import tidegate as tg
from tidegate.events import ClientReport
from tidegate.policies.messenger import sanctions

DAY_MS = tg.days(1).ms


class OutdatedClient(tg.RuleSet):
    """Apps that lag far behind: what has long been repaired in newer ones is still open in them.

    The newest release is the latest build date that any client not known to be modified has reported; dates in the future
    are forged and do not count.
    """

    area = "client"

    gap_days = tg.Parameter(
        60, low=14, high=365, unit="days", why="more than 60 days", source="client.version-gap-over-60d"
    )  # fmt: skip

    update_days = tg.Parameter(
        14, low=1, high=90, unit="days", why="asked for every 14 days; the fourteenth included", source="client.forced-update-14d"
    )  # fmt: skip

    newest_build = (
        tg.events(ClientReport)
        .where(~(ClientReport.is_modified == 1).or_else(False) & (tg.age(ClientReport.build_date) >= 0))  # noqa: FBT003  an operand
        .highest(ClientReport.build_date)
        .overall()
        .ever()
    )
    # a newer build that had been out for the span when somebody reported it: where releases follow each other quickly, the
    # newest one says too little about how long an older build has been superseded
    _established = (
        tg.events(ClientReport)
        .where(
            ~(ClientReport.is_modified == 1).or_else(False)  # noqa: FBT003  an operand
            & (tg.age(ClientReport.build_date) / DAY_MS > update_days)
        )
        .highest(ClientReport.build_date)
        .overall()
        .ever()
    )
    superseded_at = tg.when(
        (_established > ClientReport.build_date).or_else(False),  # noqa: FBT003  an operand
        _established,
        newest_build,
    )

    behind_days = (newest_build - ClientReport.build_date) / DAY_MS

    update_due = tg.Rule(
        id="client.forced-update-14d",
        title="Build superseded more than 14 days ago: the app asks for the update",
        on=(ClientReport,),
        when=tg.age(superseded_at) / DAY_MS > update_days,
        given=~ClientReport.build_date.is_null()
        & (superseded_at > ClientReport.build_date)
        & (ClientReport.is_modified != 1).or_else(True),  # noqa: FBT003  an operand
        window="P14D",
        reason="a newer build has been out for {observed} days; after {limit} the app asks for it",
        source="client.forced-update-14d",
        note="a prompt, nothing is restrained: that begins at `client.version-gap-over-60d`. Counted from the build date of a newer build"
        " that anybody has reported, of several the one that gives the holder most time where less is known; modified builds do not ask",
        examples=("fires: superseded 15 days ago", "does not: 14 days ago, or the newest build known"),
    )
    outdated = tg.Rule(
        id="client.version-gap-over-60d",
        title="App more than 60 days older than the newest release",
        on=(ClientReport,),
        when=behind_days > gap_days,
        given=~ClientReport.build_date.is_null(),
        measures=(tg.Measure(sanctions.SERVICE_STOP),),
        reason="the app is {observed} days behind the newest release; limit {limit}",
        source="client.version-gap-over-60d",
        note="ends with the update: no punishment; what is read and emergency calls stay open. The newest release is the latest build that"
        " anybody has reported: how old a build is says nothing while none newer is known",
        examples=("fires: a build 61 days older than the newest", "does not: an old build, none newer known"),
    )
