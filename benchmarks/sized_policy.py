"""A made-up policy of full size: 148 rules over 69 features, all of them judged at every message.

The shipped policy spreads its rules over many kinds of event; this one asks more of each message, and every way of
remembering is in it. Its limits lie above what the load's accounts do, so that rules fire (and the slow, explaining
path is taken) only for the share of marked messages that the load is asked for.
"""

from typing import Any

import tidegate as tg
from tidegate.events import AccountProfile, MessageSent
from tidegate.expr import Duration, Expr
from tidegate.features import Feature

SPANS = (
    tg.seconds(10), tg.minutes(1), tg.minutes(5), tg.minutes(10), tg.hours(1), tg.hours(24), tg.days(7),
)  # fmt: skip
BRIEF = tg.minutes(5)  # modifiers apply to limits up to here, as those of sending do
OUT_OF_REACH = 1_000_000

sent = tg.events(MessageSent)
profile = tg.events(AccountProfile)

KINDS = {
    "all": sent,
    "single": sent.where(~MessageSent.is_broadcast),
    "proactive": sent.where(~MessageSent.is_reply),
    "strangers": sent.where(~MessageSent.recipient_is_contact),
    "links": sent.where(tg.size(MessageSent.link_hashes) > 0),
    "promotion": sent.where(MessageSent.is_promotional & ~MessageSent.is_reply),
}

zone = profile.last(AccountProfile.tz).per(AccountProfile.account_id).ever()
given_tier = profile.last(AccountProfile.tier).per(AccountProfile.account_id).ever()
registered_at = profile.last(AccountProfile.registered_at).per(AccountProfile.account_id).ever()
tier = given_tier.or_else(tg.when(tg.age(registered_at) < tg.days(7), "new", "stable"))
hour = tg.local_hour(zone)

counts: dict[tuple[str, Duration], Feature] = {
    (kind, span): stream.count().per(MessageSent.account_id).over(span)
    for kind, stream in KINDS.items()
    for span in SPANS
}
heard = sent.count().per(MessageSent.account_id, MessageSent.recipient_id)
to_pair = {span: heard.over(span) for span in (tg.hours(1), tg.hours(24), tg.days(7))}
from_peer = heard.over(tg.days(7)).at(MessageSent.recipient_id, MessageSent.account_id)
pair_since = sent.first_seen().per(MessageSent.account_id, MessageSent.recipient_id).ever()
others: dict[str, Expr] = {
    **{
        f"recipients-{span.iso}": sent.distinct(MessageSent.recipient_id).per(MessageSent.account_id).over(span)
        for span in (tg.minutes(10), tg.hours(1), tg.hours(24), tg.days(7))
    },
    **{
        f"different-strangers-{span.iso}": KINDS["strangers"]
        .distinct(MessageSent.recipient_id)
        .per(MessageSent.account_id)
        .over(span)
        for span in (tg.hours(1), tg.hours(24))
    },
    "link-recipients": sent.distinct(MessageSent.recipient_id).per(MessageSent.link_hashes).over(tg.hours(24)),
    "link-sends": sent.count().per(MessageSent.link_hashes).over(tg.hours(24)),
    "links": sent.distinct(MessageSent.link_hashes).per(MessageSent.account_id).over(tg.hours(24)),
    "received-1h": sent.count().per(MessageSent.recipient_id).over(tg.hours(1)),
    "received-24h": sent.count().per(MessageSent.recipient_id).over(tg.hours(24)),
    "senders-24h": sent.distinct(MessageSent.account_id).per(MessageSent.recipient_id).over(tg.hours(24)),
    "bytes-1h": sent.sum(MessageSent.media_bytes, places=0).per(MessageSent.account_id).over(tg.hours(1)) / 1024,
    "bytes-24h": sent.sum(MessageSent.media_bytes, places=0).per(MessageSent.account_id).over(tg.hours(24)) / 1024,
    "today": sent.count().per(MessageSent.account_id).today(zone),
    "run": sent.run(MessageSent.is_reply == 0).per(MessageSent.account_id).ever(),
    "regular": sent.regular_length(tg.seconds(2), tg.seconds(10)).per(MessageSent.account_id).ever(),
    "pair-1h": to_pair[SPANS[4]],
    "pair-24h": to_pair[SPANS[5]],
    "pair-7d": to_pair[SPANS[6]],
    "peer-7d": from_peer,
    "pair-age": tg.age(pair_since),
    "same-recipient": tg.when(
        sent.previous(MessageSent.recipient_id).per(MessageSent.account_id).ever() == MessageSent.recipient_id, 1, 0
    ),
    "haste": 1 / (1 + tg.age(sent.previous_seen().per(MessageSent.account_id).ever())),
}  # fmt: skip


def _figure(name: str, default: float, **by: float) -> tg.Parameter:
    tiers = (tier, by) if by else None
    return tg.Parameter(
        default, low=0, high=1e12, unit="any", why="out of reach of the load", name=f"sized.{name}", by=tiers
    )


def _factor(name: str, default: float) -> tg.Parameter:
    return tg.Parameter(
        default, low=0.25, high=2, unit="factor", why="as the shipped ones", name=f"sized.{name}"
    )


MODIFIERS = (
    tg.Modifier("night", "midnight to six", hour.between(0, 6), _factor("night", 0.7)),
    tg.Modifier("peak", "evening", hour.between(19, 22), _factor("peak", 0.7)),
    tg.Modifier("young", "first week", tg.age(registered_at) < tg.days(7), _factor("young", 0.5)),
    tg.Modifier(
        "cold", "nothing heard from the recipient",
        (MessageSent.recipient_is_contact == 0) & (from_peer == 0), _factor("cold", 0.5),
    ),
)  # fmt: skip
SUSPENSION = tg.Sanction(
    id="suspension", title="no sending for two hours", effect="deny", capability=("send",), lasting=tg.hours(2), level=2
)  # fmt: skip


def _rule(name: str, when: Expr, **more: Any) -> tg.Rule:
    return tg.Rule(
        id=f"sized.{name}",
        title=name,
        on=(MessageSent,),
        when=when,
        reason="{observed}; limit {limit}",
        **more,
    )


def _count_rules() -> list[tg.Rule]:
    """Two rules per count: one with the limit of the account's tier and modifiers where it is brief, one for all."""
    rules = []
    for (kind, span), count in counts.items():
        name = f"{kind}-{span.iso}"
        base = OUT_OF_REACH
        limit = _figure(f"{name}-tier", base, new=base / 2, stable=base, business=base * 2)
        modifiers = MODIFIERS if span.ms <= BRIEF.ms else ()
        rules.append(_rule(f"{name}-tier", count > limit, modifiers=modifiers, window=span.iso))
        rules.append(
            _rule(f"{name}-all", count > _figure(f"{name}-all", base * 4), prior=tg.Prior(0.6, group=kind))
        )
    return rules


def _share_rules() -> list[tg.Rule]:
    """Shares of one kind of message in all of them, where there are enough to speak of a share."""
    return [
        _rule(
            f"{kind}-share-{span.iso}", counts[kind, span] / counts["all", span] > _figure(f"{kind}-share-{span.iso}", 1),
            given=counts["all", span] >= 50,
        )
        for kind in ("single", "proactive", "strangers", "links", "promotion")
        for span in SPANS[4:]
    ]  # fmt: skip


def _other_rules() -> list[tg.Rule]:
    """Two rules for everything else: alone, and for new accounts with a lower limit."""
    is_new = tier == "new"
    rules = []
    for name, value in others.items():
        rules.append(_rule(f"{name}-all", value > _figure(f"{name}-all", 1e11)))
        rules.append(_rule(f"{name}-new", value > _figure(f"{name}-new", 5e10), given=is_new))
    return rules


MARKED = _rule(
    "marked", counts["promotion", SPANS[4]] >= _figure("marked", 1), prior=tg.Prior(0.9), measures=(tg.Measure(SUSPENSION),),
    labels=(tg.Label("marked", lasting=tg.hours(2)),),
)  # fmt: skip


class SizedPolicy(tg.RuleSet):
    """All rules of the made-up policy."""

    area = "messaging"


SizedPolicy.rules = (*_count_rules(), *_share_rules(), *_other_rules(), MARKED)

policy = tg.Policy(
    name="sized", version="1", rule_sets=(SizedPolicy,), attempts=(tg.Attempt(MessageSent, "send"),), active=tg.hours(2)
)  # fmt: skip


def features_of(any_policy: tg.Policy) -> int:
    """How many different features the rules of a policy read."""
    from tidegate.policy.figures import trees_of

    found = {
        node.fingerprint
        for rule in any_policy.rules
        for tree in trees_of(rule)
        for node in tree.walk()
        if isinstance(node, Feature)
    }
    return len(found)
