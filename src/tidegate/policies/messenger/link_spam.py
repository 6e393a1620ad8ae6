"""Links sent to everybody, too fast, or that many have reported."""

import tidegate as tg
from tidegate.events import LinkProfile, MessageSent, ReportFiled
from tidegate.policies.messenger import sanctions
from tidegate.policies.messenger.acquaintance import to_group, to_somebody, to_unnamed
from tidegate.policies.messenger.carried_links import has_link
from tidegate.policies.messenger.doubt import in_doubt
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
        tg.events(MessageSent).where(has_link).count().per(MessageSent.account_id).over(tg.minutes(1))
    )
    _of_link, _per_link = tg.events(MessageSent), (MessageSent.account_id, MessageSent.link_hashes)
    people_24h = (
        _of_link.where(~to_group).distinct(MessageSent.recipient_id).per(*_per_link).over(tg.hours(24))
    )
    # none, or up to as many as the messages of which nobody knows to whom they went; or the people of whose nobody knows what they had
    unnamed_24h = _of_link.where(to_unnamed).count().per(*_per_link).over(tg.hours(24))
    _has_link = tg.size(MessageSent.link_hashes) > 0
    _is_untold, _is_to_one = in_doubt(_has_link), to_somebody.or_else(False)  # noqa: FBT003  an operand
    _untold_to_one = _of_link.where(_is_to_one & _is_untold).count()
    _untold_people = _of_link.where(_is_to_one & ~_has_link.is_known()).distinct(MessageSent.recipient_id)
    untold_24h = tg.least(
        _untold_to_one.per(MessageSent.account_id).over(tg.hours(24)),
        _untold_people.per(MessageSent.account_id).over(tg.hours(24)),
    ) + _of_link.where(to_unnamed & _is_untold).count().per(MessageSent.account_id).over(tg.hours(24))
    _perhaps_24h = people_24h + unnamed_24h  # the judged message, where it names nobody, is in both
    _is_named = to_group | ~to_unnamed.or_else(True)  # noqa: FBT003  an operand
    spread_24h = tg.when(_is_named, _perhaps_24h, tg.greatest(people_24h, _perhaps_24h - 1))
    # whatever links the message has: no more people than all whose messages had links, or of whose nobody knows what they had
    _perhaps_link = _of_link.where(_has_link.or_else(True))  # noqa: FBT003  an operand
    with_links_24h = (
        _perhaps_link.where(_is_to_one)
        .distinct(MessageSent.recipient_id)
        .per(MessageSent.account_id)
        .over(tg.hours(24))
    )
    unnamed_with_links_24h = (
        _perhaps_link.where(to_unnamed).count().per(MessageSent.account_id).over(tg.hours(24))
    )
    most_24h = tg.when(_has_link.is_known(), spread_24h + untold_24h, with_links_24h + unnamed_with_links_24h)
    reached_24h = tg.when(_has_link.is_known() | (most_24h <= users_limit), most_24h, spread_24h)
    _reports = tg.events(ReportFiled)
    _nameless = ReportFiled.reporter_id.is_null().or_else(True)  # noqa: FBT003  an operand
    reporters_30d = (
        _reports.where(~_nameless)
        .distinct(ReportFiled.reporter_id)
        .per(ReportFiled.link_hash)
        .over(tg.days(30))
    )
    nameless_30d = _reports.where(_nameless).count().per(ReportFiled.link_hash).over(tg.days(30))
    on_record = (  # each by its own time, however old the profile is
        tg.events(LinkProfile)
        .moments(LinkProfile.reports)
        .per(LinkProfile.link_hash)
        .over(tg.days(30))
        .at(ReportFiled.link_hash)
    )
    reports_30d = tg.greatest(reporters_30d + nameless_30d, on_record.or_else(0))

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
        when=reached_24h > users_limit,
        given=_has_link,
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
        when=reports_30d > reports_limit,
        given=~ReportFiled.link_hash.is_null(),
        window="P30D",
        prior=tg.Prior(0.99, source="link.reports-over-50-30d"),
        measures=(tg.Measure(sanctions.FUNCTION_RESTRICTION),),
        reason="{observed} reports of the link in 30 days, of each person one; limit {limit}",
        source="link.reports-over-50-30d",
        note="different reporters, against campaigns that report a rival's link, and each report that names nobody; or as many as a"
        " profile of the link lists of the last 30 days; the last 30 days, where the row also speaks of all history; the account that is reported with"
        " it is restricted",
        examples=("fires: the 51st reporter of a link", "does not: 80 reports by 50 people"),
    )
