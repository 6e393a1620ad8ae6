"""How much risk is in what an account sends: messages weighted by what they carry."""

import tidegate as tg
from tidegate.events import MessageSent
from tidegate.expr import Expr
from tidegate.features import Feature

THOUSANDTHS = 1000


def _weight(name: str, default: float, why: str, source: str) -> tg.Parameter:
    return tg.Parameter(
        default, low=0, high=2, unit="weighted units", why=why, source=source, name=f"WeightedVolume.{name}"
    )  # 0 to 2: msg.weight-range says 0.1 to 1.5, and the chain weighs 2.0 all the same


def _within_a_minute(condition: Expr | None = None) -> Feature:
    sent = tg.events(MessageSent)
    return (
        (sent if condition is None else sent.where(condition))
        .count()
        .per(MessageSent.account_id)
        .over(tg.minutes(1))
    )


class WeightedVolume(tg.RuleSet):
    """How much risk is in what an account sends: ten messages with links weigh more than a hundred texts."""

    area = "messaging"

    text = _weight("text", 0.1, "ten texts count as one", "msg.weight-text")
    media = _weight("media", 0.8, "takes the server's resources; other attachments alike", "msg.weight-media")
    link = _weight("link", 1.2, "high risk; once for any number of links", "msg.weight-link")
    forward = _weight("forward", 1.5, "not the sender's own words", "msg.weight-forward")
    chain = _weight("chain", 2.0, "passed on more than five times before", "msg.weight-forward-chain-over-5")
    low_interaction = tg.Parameter(
        25 / 6, low=1, high=20, unit="factor", why="6 messages to people who do not answer weigh as much as 25 to people who do",
        source="msg.low-interaction-equivalence",
    )  # fmt: skip
    outreach_limit = tg.Parameter(
        6, low=1, high=100, unit="messages", why="the six that the source compares with", source="msg.low-interaction-equivalence",
        assumed=True,
    )  # fmt: skip
    chain_depth = tg.Parameter(
        5, low=1, high=100, unit="hops", why="more than five", source="msg.weight-forward-chain-over-5"
    )  # fmt: skip
    volume_limit = tg.Parameter(
        10, low=1, high=200, unit="weighted units", why="a hundred texts: the figure the source compares with",
        source="msg.weighted-volume", assumed=True,
    )  # fmt: skip

    # what a message does not say it carries, it does not carry; each counts once, as the gravest that it is
    _kind = MessageSent.message_type
    _own_words = (MessageSent.is_forward == 0).or_else(False)  # noqa: FBT003  an operand
    is_chain = (MessageSent.forward_depth > chain_depth).or_else(False) & ~_own_words  # noqa: FBT003  an operand
    is_forward = ((_kind == "forward") | (MessageSent.is_forward == 1)).or_else(False) & ~is_chain  # noqa: FBT003  an operand
    _passed_on = is_chain | is_forward
    has_link = ((_kind == "link") | (tg.size(MessageSent.link_hashes) > 0)).or_else(False) & ~_passed_on  # noqa: FBT003  an operand
    is_media = _kind.isin("image", "video", "other").or_else(False) & ~_passed_on & ~has_link  # noqa: FBT003  an operand

    sent = _within_a_minute()
    chains, forwards, links, attachments = (
        _within_a_minute(is_chain), _within_a_minute(is_forward), _within_a_minute(has_link), _within_a_minute(is_media)
    )  # fmt: skip
    to_strangers = _within_a_minute((~MessageSent.recipient_is_contact).or_else(False))  # noqa: FBT003  an operand
    texts = sent - chains - forwards - links - attachments
    _sum = texts * text + attachments * media + links * link + forwards * forward + chains * chain
    volume_1m = (_sum * THOUSANDTHS + 0.5).floor() / THOUSANDTHS  # 3 x 0.8 + 76 x 0.1 are 10, not more

    _outreach = to_strangers + (sent - to_strangers) / low_interaction
    outreach_1m = (_outreach * THOUSANDTHS + 0.5).floor() / THOUSANDTHS

    heavy = tg.Rule(
        id="msg.weighted-volume",
        title="More in a minute, by weight, than a hundred texts",
        on=(MessageSent,),
        when=volume_1m > volume_limit,
        window="PT1M",
        reason="{observed} weighted units in a minute; a hundred texts are {limit}",
        source="msg.weighted-volume",
        note="the sum ranks and nothing follows from it: the source names no limit. The greatest coefficient that applies counts"
        " (msg.weight-text, -media, -link, -forward, -forward-chain-over-5), audio and documents as media, several links once;"
        " coefficients from 0 to 2, since the chain exceeds the 1.5 of msg.weight-range",
        examples=("fires: ten messages with links: 12.0", "does not: a hundred texts: 10.0"),
    )
    outreach = tg.Rule(
        id="msg.low-interaction-equivalence",
        title="As much in a minute as six messages to people who do not answer",
        on=(MessageSent,),
        when=outreach_1m >= outreach_limit,
        reason="messages in a minute that weigh as much as {observed} to people who do not answer; on record from {limit} on",
        source="msg.low-interaction-equivalence",
        note="put on record, nothing follows. Little interaction has who is no contact, neither in the address book nor ever"
        " answered; each weighs 25/6 of a message to anybody else, and so does nobody of whom that is not known",
        examples=(
            "fires: 25 messages to contacts, or 6 to strangers",
            "does not: 24 messages to contacts: 5.76",
        ),
    )
