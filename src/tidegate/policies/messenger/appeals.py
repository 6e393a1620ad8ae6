"""Appeals whose evidence is good enough to be looked at first."""

import tidegate as tg
from tidegate.events import AppealFiled
from tidegate.policies.messenger import queues


class Appeals(tg.RuleSet):
    """Appeals whose evidence is good enough to be looked at first."""

    area = "appeals"

    compliant_share = tg.Parameter(
        0.95, low=0.5, high=1, unit="ratio", why="one message in twenty may be a slip",
        source="appeal.evidence-7d-compliant-over-95pct",
    )  # fmt: skip
    calm_rate = tg.Parameter(
        5, low=1, high=60, unit="messages/min", why="what a new account may send in a minute",
        source="appeal.evidence-rate-below-5-per-min",
    )  # fmt: skip

    compliant = tg.Rule(
        id="appeal.evidence-7d-compliant-over-95pct",
        title="More than 95 % of a week's sample complies",
        on=(AppealFiled,),
        when=AppealFiled.compliant_share > compliant_share,
        window="P7D",
        cases=(queues.APPEAL,),
        reason="{observed} of the sample complies; evidence from above {limit}",
        source="appeal.evidence-7d-compliant-over-95pct",
        note="the system draws the sample, with the holder's consent; a person decides",
        examples=("fires: 96 % comply", "does not: 95 % comply"),
    )
    calm = tg.Rule(
        id="appeal.evidence-rate-below-5-per-min",
        title="Fewer than 5 messages a minute in the reported period",
        on=(AppealFiled,),
        when=AppealFiled.claimed_rate < calm_rate,
        cases=(queues.APPEAL,),
        reason="{observed} messages a minute at most in the reported period; evidence below {limit}",
        source="appeal.evidence-rate-below-5-per-min",
        note="as claimed; whoever reviews it compares it with what was counted",
        examples=("fires: 4 messages a minute", "does not: 5 messages a minute"),
    )
