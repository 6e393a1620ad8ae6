"""What the platform answers about a number: in other hands, with nobody behind it, or with a bad record."""

import tidegate as tg
from tidegate.events import (
    FeedbackFiled,
    IpProfile,
    LookupBanLinks,
    LookupInteractions,
    LookupLoginHistory,
    LookupProfile,
    LookupRegistration,
    LookupViolations,
)
from tidegate.expr import Expr
from tidegate.policies.messenger.priors import unstated

_DAY = tg.days(1).ms
SILENCE_DAYS = 90  # the span of the rows about silence
ALIKE = "as a screening judges whole lists (`tidegate screen`), here for the one number that is asked about"


def _assumed(default: float, unit: str, why: str, source: str, *, low: float, high: float) -> tg.Parameter:
    return tg.Parameter(default, low=low, high=high, unit=unit, why=why, source=source, assumed=True)


def _is(flag: Expr) -> Expr:
    """Return 1 where a flag is known to be true, else 0: what is not known is no sign."""
    return tg.when((flag == 1).or_else(False), 1, 0)  # noqa: FBT003  an operand


class ScreenedAccounts(tg.RuleSet):
    """What the platform answers about a number: in other hands, with nobody behind it, or with a bad record."""

    area = "screening"

    region_changes = _assumed(
        3, "changes", "`frequent` has no figure; two are a journey and the way back", "screen.stolen-cross-region", low=2, high=30
    )  # fmt: skip
    unfamiliar_logins = _assumed(
        1, "logins", "the row speaks of a login", "screen.stolen-unfamiliar-device", low=1, high=10
    )
    young_days = tg.Parameter(
        90, low=7, high=365, unit="days", why="three months, taken as 90 days", source="screen.fake-registered-under-3-months"
    )  # fmt: skip
    interactions_least = tg.Parameter(
        1, low=1, high=100, unit="interactions", why="none at all in 90 days", source="screen.fake-no-interaction-90d"
    )  # fmt: skip
    zombie_interactions = _assumed(
        1, "interactions", "none at all in 90 days", "screen.fake-type-zombie", low=1, high=100
    )
    parts_missing = tg.Parameter(
        1, low=1, high=2, unit="parts", why="a picture or a signature", source="screen.fake-incomplete-profile"
    )  # fmt: skip
    signs_least = _assumed(
        2, "of 3 signals", "one of them marks every newcomer", "screen.fake-composite", low=1, high=3
    )
    bot_signs = _assumed(
        2, "of 2 signs", "silent, and on a virtual number", "screen.fake-type-bot", low=1, high=2
    )
    incidents_least = tg.Parameter(
        1, low=1, high=100, unit="incidents", why="a record remains", source="screen.historical-violation"
    )  # fmt: skip
    links_least = tg.Parameter(
        1, low=1, high=100, unit="links", why="one device or address is enough", source="screen.associated-with-banned"
    )  # fmt: skip
    feedback_least = _assumed(
        1, "reports", "one is marked and checked at once", "sops.feedback-channel", low=1, high=10
    )
    is_so = tg.Parameter(
        1, low=0, high=1, unit="bool", why="the platform says so", source="screen.empty-account"
    )
    is_not_registered = tg.Parameter(
        1, low=0, high=1, unit="bool", why="the platform says so", source="screen.unregistered"
    )  # fmt: skip

    _trail = tg.events(LookupLoginHistory)
    changes_30d = (
        _trail.where(~LookupLoginHistory.region.is_null())  # none on record is no region to go to
        .changes(LookupLoginHistory.region)
        .per(LookupLoginHistory.number)
        .over(tg.days(30))
    )
    unfamiliar_30d = (
        _trail.where(LookupLoginHistory.known_device == 0)
        .count()
        .per(LookupLoginHistory.number)
        .over(tg.days(30))
    )

    _registration, _interactions = tg.events(LookupRegistration), tg.events(LookupInteractions)
    _number = LookupRegistration.number
    age_days = tg.age(_registration.last(LookupRegistration.registered_at).per(_number).ever()) / _DAY
    _last_days = tg.age(_interactions.last(LookupInteractions.last_interaction).per(_number).ever()) / _DAY
    interactions = (
        _interactions.last(LookupInteractions.interactions_90d)
        .per(_number)
        .ever()
        .or_else(tg.when(_last_days < SILENCE_DAYS, 1, 0))
    )
    _profile = tg.events(LookupProfile)
    _no_avatar = _profile.last(LookupProfile.has_avatar).per(_number).ever() == 0
    _no_signature = _profile.last(LookupProfile.has_signature).per(_number).ever() == 0
    both_missing = (_no_avatar & _no_signature).or_else(False)  # noqa: FBT003  an operand
    missing = tg.when(both_missing, 2, tg.when(_no_avatar | _no_signature, 1, 0))
    is_silent = interactions < interactions_least
    signs = _is(age_days < young_days) + _is(is_silent) + _is(missing >= parts_missing)
    _is_virtual = _registration.last(LookupRegistration.number_type).per(_number).ever() == "virtual"

    _shared = (
        tg.events(IpProfile).last(IpProfile.is_shared).per(IpProfile.ip).ever().at(LookupBanLinks.ip) == 1
    ).or_else(False)  # noqa: FBT003  an operand
    _by_shared_address = (LookupBanLinks.via == "ip") & _shared
    links = tg.when(LookupBanLinks.banned_id.is_null(), 0, tg.when(_by_shared_address, 0, 1))

    feedback_30d = tg.events(FeedbackFiled).count().per(FeedbackFiled.number).over(tg.days(30))

    cross_region = tg.Rule(
        id="screen.stolen-cross-region",
        title="Logins from changing regions in 30 days",
        on=(LookupLoginHistory,),
        when=changes_30d >= region_changes,
        given=~LookupLoginHistory.number.is_null(),
        window="P30D",
        labels=(tg.Label("theft-suspect", on="number"),),
        reason="{observed} changes of region between logins in 30 days; a suspect from {limit} on",
        source="screen.stolen-cross-region",
        note=f"changes between logins that follow each other; {ALIKE}",
        examples=("fires: logins from A, B, A, B", "does not: from A, B, A"),
    )
    unfamiliar_device = tg.Rule(
        id="screen.stolen-unfamiliar-device",
        title="A login on an unfamiliar device in 30 days",
        on=(LookupLoginHistory,),
        when=unfamiliar_30d >= unfamiliar_logins,
        given=~LookupLoginHistory.number.is_null(),
        window="P30D",
        labels=(tg.Label("theft-suspect", on="number"),),
        reason="{observed} logins on unfamiliar devices in 30 days; a suspect from {limit} on",
        source="screen.stolen-unfamiliar-device",
        note=f"a new phone looks the same: the holder is asked before anything else; {ALIKE}",
        examples=("fires: a login on a device that was not known", "does not: logins on known devices"),
    )
    young = tg.Rule(
        id="screen.fake-registered-under-3-months",
        title="Registered less than three months ago",
        on=(LookupRegistration,),
        when=age_days < young_days,
        given=~LookupRegistration.number.is_null(),
        window="P90D",
        prior=unstated("screen.fake-registered-under-3-months", group="new-account-definition month-length"),
        labels=(tg.Label("fake-suspect", on="number"),),
        reason="registered {observed} days ago; young below {limit}",
        source="screen.fake-registered-under-3-months",
        note=f"three months are 90 days; {ALIKE}",
        examples=("fires: registered 89 days ago", "does not: 90 days ago"),
    )
    silent = tg.Rule(
        id="screen.fake-no-interaction-90d",
        title="No interaction in 90 days",
        on=(LookupInteractions,),
        when=is_silent,
        given=~LookupInteractions.number.is_null(),
        window="P90D",
        prior=unstated("screen.fake-no-interaction-90d"),
        labels=(tg.Label("fake-suspect", on="number"),),
        reason="{observed} interactions in 90 days; fewer than {limit} are none",
        source="screen.fake-no-interaction-90d",
        note=f"the count that is told, else by the last interaction; {ALIKE}",
        examples=("fires: the last one 91 days ago", "does not: one 89 days ago"),
    )
    faceless = tg.Rule(
        id="screen.fake-incomplete-profile",
        title="No picture or no signature",
        on=(LookupProfile,),
        when=missing >= parts_missing,
        given=~LookupProfile.number.is_null(),
        prior=unstated("screen.fake-incomplete-profile"),
        labels=(tg.Label("fake-suspect", on="number"),),
        reason="{observed} of picture and signature are missing",
        source="screen.fake-incomplete-profile",
        note=f"many people set neither; {ALIKE}",
        examples=("fires: no picture", "does not: both are set"),
    )
    composite = tg.Rule(
        id="screen.fake-composite",
        title="Fake by age, interaction and profile together",
        on=(LookupRegistration, LookupInteractions, LookupProfile),
        when=signs >= signs_least,
        labels=(tg.Label("fake-suspect", on="number"),),
        reason="{observed} of 3 signs of a fake account; a suspect from {limit} on",
        source="screen.fake-composite",
        note=f"what is not known is no sign; {ALIKE}",
        examples=("fires: young and silent", "does not: young, and nothing else known"),
    )
    zombie = tg.Rule(
        id="screen.fake-type-zombie",
        title="Silent for 90 days",
        on=(LookupInteractions,),
        when=interactions < zombie_interactions,
        given=~LookupInteractions.number.is_null(),
        window="P90D",
        labels=(tg.Label("fake-zombie", on="number"),),
        reason="{observed} interactions in 90 days; fewer than {limit} are none",
        source="screen.fake-type-zombie",
        examples=("fires: none in 90 days", "does not: one"),
    )
    bot = tg.Rule(
        id="screen.fake-type-bot",
        title="Nobody behind a virtual number",
        on=(LookupRegistration, LookupInteractions),
        when=_is(is_silent) + _is(_is_virtual) >= bot_signs,
        labels=(tg.Label("fake-bot", on="number"),),
        reason="{observed} of 2 signs: silent for 90 days, on a virtual number",
        source="screen.fake-type-bot",
        note="whether neighbouring numbers were registered in bulk is seen where a whole list is screened",
        examples=("fires: a virtual number, no interaction in 90 days", "does not: a virtual number in use"),
    )
    violations = tg.Rule(
        id="screen.historical-violation",
        title="Warned or restricted in the past",
        on=(LookupViolations,),
        when=LookupViolations.incident_count >= incidents_least,
        labels=(tg.Label("non-compliant", on="number"),),
        reason="{observed} incidents on record; non-compliant from {limit} on",
        source="screen.historical-violation",
        note=ALIKE,
        examples=("fires: one incident", "does not: none"),
    )
    associated = tg.Rule(
        id="screen.associated-with-banned",
        title="Shares a device or an address with a banned account",
        on=(LookupBanLinks,),
        when=links >= links_least,
        labels=(tg.Label("association-risk", on="number"),),
        reason="{observed} links with banned accounts; associated from {limit} on",
        source="screen.associated-with-banned",
        note=f"an address that its profile calls shared is no link; {ALIKE}",
        examples=("fires: the device of a banned account", "does not: an address that many share"),
    )
    empty = tg.Rule(
        id="screen.empty-account",
        title="Cannot be reached, or suspended",
        on=(LookupRegistration,),
        when=tg.when((LookupRegistration.is_reachable == 0) | (LookupRegistration.is_suspended == 1), 1, 0)
        == is_so,
        labels=(tg.Label("empty", on="number"),),
        reason="the account cannot be reached, or is suspended ({observed})",
        source="screen.empty-account",
        note=ALIKE,
        examples=("fires: suspended", "does not: reachable and active"),
    )
    unregistered = tg.Rule(
        id="screen.unregistered",
        title="Not registered",
        on=(LookupRegistration,),
        when=tg.when(LookupRegistration.is_registered == 0, 1, 0) == is_not_registered,
        labels=(tg.Label("unregistered", on="number"),),
        reason="the number has no account ({observed})",
        source="screen.unregistered",
        note=f"not known is no evidence; {ALIKE}",
        examples=("fires: not registered", "does not: registered, or not known"),
    )
    feedback = tg.Rule(
        id="sops.feedback-channel",
        title="A customer reports something odd about an account",
        on=(FeedbackFiled,),
        when=feedback_30d >= feedback_least,
        given=~FeedbackFiled.number.is_null(),
        labels=(tg.Label("observation", on="number"),),
        reason="{observed} reports by customers in 30 days; watched from {limit} on",
        source="sops.feedback-channel",
        note="marked at once; `tidegate screen NUMBER` checks it anew",
        examples=("fires: one report", "does not: one about another number"),
    )
