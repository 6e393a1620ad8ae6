"""Content that the sender's side or a link list marks as fraud: class names and link marks, never text."""

import tidegate as tg
from tidegate.events import LinkProfile, MessageSent
from tidegate.expr import Expr
from tidegate.policies.messenger import queues
from tidegate.policies.messenger.account import market
from tidegate.policies.messenger.doubt import or_not_known
from tidegate.policies.messenger.instant import INSTANT

SOUTH_EAST_ASIA = ("BN", "ID", "KH", "LA", "MM", "MY", "PH", "SG", "TH", "TL", "VN")
EVERYDAY = ("discount", "transfer")  # classes that fraud uses and so do shops and families


def _is_there(word: str) -> Expr:
    """Return 1 where the judged message, or one of the same moment, has this class beside others; else 0."""
    classes = MessageSent.keyword_classes
    having = tg.events(MessageSent).where((tg.size(classes) > 1) & tg.contains(classes, word))
    return tg.least(having.count().per(MessageSent.account_id).over(INSTANT), 1)


class FraudContent(tg.RuleSet):
    """Content that the sender's side or a link list marks as fraud: class names and link marks, never text."""

    area = "content"

    matches_limit = tg.Parameter(
        1, low=1, high=50, unit="matches", why="one is enough", source="content.sensitive-fraud-links", assumed=True
    )  # fmt: skip
    keywords_limit = tg.Parameter(
        5, low=1, high=200, unit="messages", why="more than five a day", source="content.sea-fraud-keywords-over-5-day"
    )  # fmt: skip

    _classes = MessageSent.keyword_classes
    _malicious = (
        tg.events(LinkProfile)
        .last(LinkProfile.malicious)
        .per(LinkProfile.link_hash)
        .ever()
        .at(MessageSent.link_hashes)
    )
    _told_of = (  # of how many of the message's links it is known whether they are listed
        tg.events(LinkProfile)
        .where(LinkProfile.malicious.is_known())
        .seen()
        .per(LinkProfile.link_hash)
        .ever()
        .at(MessageSent.link_hashes)
    )
    _is_listed = (tg.size(MessageSent.link_hashes) > 0) & (_malicious == 1)
    _none_of_those_told = ~_is_listed & (_told_of < tg.size(MessageSent.link_hashes))
    listed_link = _is_listed | (or_not_known(_none_of_those_told, 0) == 1)
    _everyday = tg.contains(_classes, EVERYDAY[0]) + tg.contains(_classes, EVERYDAY[1])
    _named = tg.size(_classes)
    # a class counts once, however many of its words a message has. Not by the id of the message, which would be kept for good:
    # what another message of the moment adds, which has everyday words alone, is taken off again
    _different = (
        tg.events(MessageSent).where(_named > 1).distinct(_classes).per(MessageSent.account_id).over(INSTANT)
    )
    _different_everyday = _is_there(EVERYDAY[0]) + _is_there(EVERYDAY[1])
    _sorts = tg.when(
        _named > 1,
        tg.least(_named - _everyday, _different - _different_everyday).or_else(_named - _everyday),
        _named - _everyday,
    )
    sensitive_classes = tg.when(_classes.is_null(), 0, _sorts)
    found = listed_link.or_else(False) + sensitive_classes.or_else(0)  # noqa: FBT003  an operand
    matches = tg.when(found >= 1, found, listed_link + sensitive_classes)  # what is known may settle it

    keywords_24h = (
        tg.events(MessageSent)
        .where(tg.size(MessageSent.keyword_classes) > 0)
        .count()
        .per(MessageSent.account_id)
        .over(tg.days(1))
    )

    sensitive = tg.Rule(
        id="content.sensitive-fraud-links",
        title="A link listed as fraud, or content of a sensitive class",
        on=(MessageSent,),
        when=matches >= matches_limit,
        labels=(tg.Label("potentially-risky-content"),),
        reason="{observed} matches with listed links and sensitive classes; the risk starts at {limit}",
        source="content.sensitive-fraud-links",
        note="listed links of a message count once; every class the sender's side supplies is sensitive but `discount` and"
        " `transfer`, of which shops and families write too; where links or classes are not supplied, the other side decides",
        examples=("fires: a link listed as fraud", "does not: a link that is on no list, no classes"),
    )
    keywords = tg.Rule(
        id="content.sea-fraud-keywords-over-5-day",
        title="South-East Asia: more than 5 messages with fraud keywords in a day",
        on=(MessageSent,),
        when=keywords_24h > keywords_limit,
        given=market.isin(*SOUTH_EAST_ASIA),
        window="P1D",
        cases=(queues.FRAUD_KEYWORD,),
        reason="{observed} messages with fraud keywords in 24 hours; limit {limit} in this market",
        source="content.sea-fraud-keywords-over-5-day",
        note="rolling 24 h, as enforcement counts; every message with a class counts once, whatever the class is called: the list of"
        " words per language, and so which classes there are, is the operator's; undecided where no classes are supplied; market as the"
        " profile says, else of the number",
        examples=("fires: the sixth message in Vietnam", "does not: six messages in Germany"),
    )
