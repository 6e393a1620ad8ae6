"""Numbers of blocks that no operator with masts of its own serves."""

import tidegate as tg
from tidegate.events import RegistrationAttempt


class NumberBlocks(tg.RuleSet):
    """Numbers of blocks that no operator with masts of its own serves."""

    area = "registration"

    deviation = tg.Parameter(
        0.8, low=0.1, high=1, unit="deviation 0..1", why="more than 0.8", source="num.virtual-block-deviation-over-08"
    )  # fmt: skip

    virtual_block = tg.Rule(
        id="num.virtual-block-deviation-over-08",
        title="Number of a block unlike those of physical operators",
        on=(RegistrationAttempt,),
        when=RegistrationAttempt.number_block_deviation > deviation,
        labels=(tg.Label("virtual-number", on="number"),),
        reason="the block of the number deviates by {observed} from those of physical operators; limit {limit}",
        source="num.virtual-block-deviation-over-08",
        examples=("fires: a deviation of 0.81", "does not: a deviation of 0.8"),
    )
