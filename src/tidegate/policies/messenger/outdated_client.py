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

    newest_build = (
        tg.events(ClientReport)
        .where(~(ClientReport.is_modified == 1).or_else(False) & (tg.age(ClientReport.build_date) >= 0))  # noqa: FBT003  an operand
        .highest(ClientReport.build_date)
        .overall()
        .ever()
    )

    outdated = tg.Rule(
        id="client.version-gap-over-60d",
        title="App more than 60 days older than the newest release",
        on=(ClientReport,),
        when=(newest_build - ClientReport.build_date) / DAY_MS > gap_days,
        measures=(tg.Measure(sanctions.SERVICE_STOP),),
        reason="the app is {observed} days behind the newest release; limit {limit}",
        source="client.version-gap-over-60d",
        note="ends with the update: no punishment; what is read and emergency calls stay open. The newest release is the latest build that"
        " anybody has reported: how old a build is says nothing while none newer is known",
        examples=("fires: a build 61 days older than the newest", "does not: an old build, none newer known"),
    )
