"""New accounts that behave like nobody else."""

import tidegate as tg
from tidegate.events import AccountProfile, BaselineProfile
from tidegate.policies.messenger.account import is_new
from tidegate.policies.messenger.priors import unstated


class BehaviourDeviation(tg.RuleSet):
    """New accounts that behave like nobody else: deviation is 1 - cosine of the account's vector and that of normal users."""

    area = "scoring"

    limit = tg.Parameter(
        0.7, low=0.1, high=2, unit="deviation", why="more than 70 %", source="score.behaviour-deviation-over-70pct"
    )  # fmt: skip

    like_normal_users = (
        tg.events(BaselineProfile)
        .alike(BaselineProfile.behaviour_centroid, to=AccountProfile.behaviour_vector)
        .overall()
        .ever()
    )

    deviating = tg.Rule(
        id="score.behaviour-deviation-over-70pct",
        title="New account deviates from normal users by more than 70 %",
        on=(AccountProfile,),
        when=1 - like_normal_users > limit,
        given=is_new & ~AccountProfile.behaviour_vector.is_null(),
        window="P7D",
        prior=unstated("score.behaviour-deviation-over-70pct", group="similarity-metric"),
        labels=(tg.Label("behaviour-deviation"),),
        reason="the account deviates from normal users by {observed} (1 - cosine); limit {limit}",
        source="score.behaviour-deviation-over-70pct",
        note="against the centroid that the newest baseline profile states; in the first week only",
        examples=("fires: a deviation of 0.71 on the third day", "does not: a deviation of 0.7"),
    )
