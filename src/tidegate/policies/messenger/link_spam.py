"""Links sent to everybody, too fast, or that many have reported."""

import tidegate as tg
from tidegate.events import MessageSent, ReportFiled
from tidegate.policies.messenger import sanctions
from tidegate.policies.messenger.priors import unstated


class LinkSpam(tg.RuleSet):
    """Links sent to everybody, too fast, or that many have reported."""

    area = "links"

    per_minute = tg.Parameter(
        7, low=1, high=60, unit="messages", why="risk threshold, read as reached", source="link.risk-7-per-min", assumed=True
    )  # fmt: skip
    users_limit = tg.Parameter(
        50, low=5, high=1000, unit="users", why="whatever the content", source="link.same-link-over-50-users-24h"
    )  # fmt: skip
    reports_limit = tg.Parameter(
        50, low=5, high=1000, unit="reporters", why="a link with a history", source="link.reports-over-50-30d"
    )  # fmt: skip

    with_link_1m = (
        tg.events(MessageSent)
        .where(tg.size(MessageSent.link_hashes) > 0)
        .count()
        .per(MessageSent.account_id)
        .over(tg.minutes(1))
    )
    people_24h = (
        tg.events(MessageSent)
        .distinct(MessageSent.recipient_id)
        .per(MessageSent.account_id, MessageSent.link_hashes)
        .over(tg.hours(24))
    )
    reporters_30d = (
        tg.events(ReportFiled).distinct(ReportFiled.reporter_id).per(ReportFiled.link_hash).over(tg.days(30))
    )

    fast = tg.Rule(
        id="link.risk-7-per-min",
        title="Seven messages with links in a minute",
        on=(MessageSent,),
        when=with_link_1m >= per_minute,
        window="PT1M",
        prior=unstated("link.risk-7-per-min", group="link-volume"),
        reason="{observed} messages with links in a minute; the risk starts at {limit}",
        source="link.risk-7-per-min",
        note="a message counts once, whatever the number of its links; the row states no figure: 0.10; sending factors move limits of"
        " sending, not of links",
        examples=(
            "fires: the seventh message with a link in 60 s",
            "does not: six of them and twenty without",
        ),
    )
    everywhere = tg.Rule(
        id="link.same-link-over-50-users-24h",
        title="One link to more than 50 people in 24 hours",
        on=(MessageSent,),
        when=people_24h > users_limit,
        window="PT24H",
        measures=(tg.Measure(sanctions.LINK_COOLDOWN),),
        reason="one link went to {observed} people in 24 hours; limit {limit}",
        source="link.same-link-over-50-users-24h",
        note="of several links in a message the most spread one decides; each recipient of a broadcast counts, members of a group do"
        " not",
        examples=("fires: one link to 51 people", "does not: 60 sends of one link to 50 people"),
    )
    reported = tg.Rule(
        id="link.reports-over-50-30d",
        title="A reported message has a link that more than 50 people reported",
        on=(ReportFiled,),
        when=reporters_30d > reports_limit,
        given=~ReportFiled.link_hash.is_null(),
        window="P30D",
        prior=tg.Prior(0.99, source="link.reports-over-50-30d"),
        measures=(tg.Measure(sanctions.FUNCTION_RESTRICTION),),
        reason="{observed} people reported the link in 30 days; limit {limit}",
        source="link.reports-over-50-30d",
        note="different reporters, against campaigns that report a rival's link; the last 30 days, where the row also speaks of all"
        " history; the account that is reported with it is restricted",
        examples=("fires: the 51st reporter of a link", "does not: 80 reports by 50 people"),
    )
