"""Published limits of sending: how many messages a minute and a day, by tier; how far apart; to how many people."""

import tidegate as tg
from tidegate.events import MessageSent
from tidegate.expr import Expr
from tidegate.policies.messenger.account import day_zone
from tidegate.policies.messenger.acquaintance import MEMORY_DAYS, heard, is_cold, to_somebody
from tidegate.policies.messenger.doubt import in_doubt
from tidegate.policies.messenger.message_burst import MessageBurst
from tidegate.policies.messenger.tiers import business_sender, new_sender, stable_sender

_DAY = tg.days(1).ms
DAY_NOTE = "calendar day in the account's zone, UTC where none is known; the rules count rolling 24 h"


def _limit(default: float, unit: str, why: str, source: str, *, low: float, high: float) -> tg.Parameter:
    return tg.Parameter(default, low=low, high=high, unit=unit, why=why, source=source)


def people_of(condition: Expr) -> Expr:
    """Return how many people messages of today are to, of those of which a condition holds; each without a name may be to one more."""
    settled = condition.or_else(False)  # noqa: FBT003  an operand
    named = tg.events(MessageSent).where(settled).distinct(MessageSent.recipient_id)
    unnamed = tg.events(MessageSent).where(in_doubt(condition)).count()
    return named.per(MessageSent.account_id).today(day_zone) + unnamed.per(MessageSent.account_id).today(
        day_zone
    )


class QuotasSending(tg.RuleSet):
    """Published limits of sending: how many messages a minute and a day, by tier; how far apart; to how many people."""

    area = "messaging"

    new_minute = _limit(
        5, "messages", "published for new accounts", "msg.quota-new-per-minute", low=1, high=60
    )
    stable_minute = _limit(
        12, "messages", "published for stable accounts", "msg.quota-stable-per-minute", low=1, high=60
    )
    business_minute = _limit(
        20, "messages", "published for business", "msg.quota-business-per-minute", low=1, high=120
    )
    new_day = _limit(50, "messages", "published for new accounts", "msg.quota-new-per-day", low=5, high=1000)
    stable_day = _limit(
        200, "messages", "published for stable accounts", "msg.quota-stable-per-day", low=20, high=2000
    )
    business_day = _limit(
        500, "messages", "published for business", "msg.quota-business-per-day", low=50, high=10000
    )
    advised_day = _limit(
        150, "messages", "advised for everybody; 150 itself included", "msg.quota-day-150", low=10, high=2000
    )
    media_minute = _limit(8, "messages", "pictures and videos", "msg.quota-media-8-per-min", low=1, high=60)
    cold_day = _limit(5, "contacts", "who writes to more strangers is selling something", "msg.quota-cold-5-per-day",
                      low=1, high=100)  # fmt: skip
    warm_days = _limit(
        3, "days", "the warmest class of contacts", "msg.prefer-3-day-contacts", low=1, high=30
    )

    sent = tg.events(MessageSent)
    sent_1m, media_1m = MessageBurst.sent, MessageBurst.media_sent
    today = sent.count().per(MessageSent.account_id).today(day_zone)
    before = (
        sent.previous_seen().per(MessageSent.account_id, MessageSent.recipient_id).over(tg.days(MEMORY_DAYS))
    )
    cold_today = people_of(is_cold)

    per_minute_new = tg.Quota(
        id="msg.quota-new-per-minute", title="New account: up to 5 messages a minute", capability=("send",),
        on=(MessageSent,), within=sent_1m <= new_minute, kind="count", unit="messages", window="PT1M",
        applies=new_sender, reason="{observed} messages in a minute; new accounts may send {limit}",
        source="msg.quota-new-per-minute", note="new and young accounts",
        examples=("exceeds: the sixth message within a minute", "within: five messages in a minute"),
    )  # fmt: skip
    per_minute_stable = tg.Quota(
        id="msg.quota-stable-per-minute", title="Stable account: up to 12 messages a minute", capability=("send",),
        on=(MessageSent,), within=sent_1m <= stable_minute, kind="count", unit="messages", window="PT1M",
        applies=stable_sender, reason="{observed} messages in a minute; stable accounts may send {limit}",
        source="msg.quota-stable-per-minute", note="three months or more, or of an age that is not known. While permissions are downgraded, decisions"
        " mark the published limits of the tier below too, beside those of the account's own; what is left is told by the tier below",
        examples=("exceeds: the 13th message within a minute", "within: 12 messages in a minute"),
    )  # fmt: skip
    per_minute_business = tg.Quota(
        id="msg.quota-business-per-minute", title="Business account: up to 20 messages a minute", capability=("send",),
        on=(MessageSent,), within=sent_1m <= business_minute, kind="count", unit="messages", window="PT1M",
        applies=business_sender, reason="{observed} messages in a minute; business accounts may send {limit}",
        source="msg.quota-business-per-minute", note="official business accounts",
        examples=("exceeds: the 21st message within a minute", "within: 20 messages in a minute"),
    )  # fmt: skip
    per_day_new = tg.Quota(
        id="msg.quota-new-per-day", title="New account: up to 50 messages a day", capability=("send",),
        on=(MessageSent,), within=today <= new_day, kind="count", unit="messages", window="P1D",
        applies=new_sender, reason="{observed} messages today; new accounts may send {limit}",
        source="msg.quota-new-per-day", note=DAY_NOTE,
        examples=("exceeds: the 51st message since midnight", "within: 40 before midnight and 40 after it"),
    )  # fmt: skip
    per_day_stable = tg.Quota(
        id="msg.quota-stable-per-day", title="Stable account: up to 200 messages a day", capability=("send",),
        on=(MessageSent,), within=today <= stable_day, kind="count", unit="messages", window="P1D",
        applies=stable_sender, reason="{observed} messages today; stable accounts may send {limit}",
        source="msg.quota-stable-per-day", note=DAY_NOTE,
        examples=("exceeds: the 201st message since midnight", "within: 200 messages on each of two days"),
    )  # fmt: skip
    per_day_business = tg.Quota(
        id="msg.quota-business-per-day", title="Business account: up to 500 messages a day", capability=("send",),
        on=(MessageSent,), within=today <= business_day, kind="count", unit="messages", window="P1D",
        applies=business_sender, reason="{observed} messages today; business accounts may send {limit}",
        source="msg.quota-business-per-day", note=DAY_NOTE,
        examples=("exceeds: the 501st message since midnight", "within: 500 messages in a day"),
    )  # fmt: skip
    per_day_advised = tg.Quota(
        id="msg.quota-day-150", title="Advised: up to 150 messages a day", capability=("send",),
        on=(MessageSent,), within=today <= advised_day, kind="count", unit="messages", window="P1D",
        reason="{observed} messages today; up to {limit} are advised", source="msg.quota-day-150",
        note=f"advice for every account, whatever its tier may send; {DAY_NOTE}",
        examples=("exceeds: the 151st message since midnight", "within: 150 messages in a day"),
    )  # fmt: skip
    media_per_minute = tg.Quota(
        id="msg.quota-media-8-per-min", title="Up to 8 pictures and videos a minute", capability=("send",),
        on=(MessageSent,), within=media_1m <= media_minute, kind="count", unit="messages", window="PT1M",
        reason="{observed} pictures and videos in a minute; up to {limit} may be sent", source="msg.quota-media-8-per-min",
        examples=("exceeds: the ninth picture within a minute", "within: eight pictures and ten texts"),
    )  # fmt: skip
    cold_per_day = tg.Quota(
        id="msg.quota-cold-5-per-day", title="Up to 5 strangers written to a day", capability=("send",),
        on=(MessageSent,), within=cold_today <= cold_day, kind="count", unit="contacts", window="P1D",
        reason="{observed} strangers written to today; up to {limit} are advised", source="msg.quota-cold-5-per-day",
        note="cold: no contact, as the event or the address book of the last 30 days says, nothing heard from for 7 days, and no reply;"
        " each once a day. Advisory: rules"
        f" restrain by the hour. {DAY_NOTE}",
        examples=("exceeds: the sixth stranger today", "within: five strangers, and any number who wrote first"),
    )  # fmt: skip
    warm_contacts = tg.Quota(
        id="msg.prefer-3-day-contacts", title="Contacts with an exchange in the last 3 days are preferred", capability=("send",),
        on=(MessageSent,), kind="fact", unit="days", window="P3D", given=to_somebody,
        within=tg.least(tg.age(tg.greatest(before, heard)) / _DAY, MEMORY_DAYS) <= warm_days,
        reason=f"{{observed}} days since the last exchange with this contact ({MEMORY_DAYS}: none on record); up to {{limit}} are"
        " advised",
        source="msg.prefer-3-day-contacts",
        note=f"messages either way; {MEMORY_DAYS} days mean that there was none within that time, or ever",
        examples=("exceeds: the last message four days ago", "within: exactly three days ago"),
    )  # fmt: skip
