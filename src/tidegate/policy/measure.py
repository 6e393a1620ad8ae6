"""Measures: what a rule does to whom, for how long. Data only: the engine opens them, enforcement carries them out."""

from dataclasses import dataclass, field
from typing import Literal

from tidegate.errors import PolicyError
from tidegate.expr import Duration
from tidegate.policy.parameter import Parameter, Span

Effect = Literal["deny", "throttle", "challenge", "none"]
CAPABILITIES = (
    "send", "receive", "broadcast", "links", "group_join", "group_create", "group_send", "call", "payment", "login",
    "register", "status", "all",
)  # fmt: skip
PERMANENT = "permanent"


@dataclass(frozen=True, kw_only=True)
class Sanction:
    """A kind of measure: a row `sanction.*` of the catalogue.

    `effect` is what an attempt that needs one of the capabilities meets while it runs. `lasting` is its length, or
    PERMANENT, which takes effect at once and stands until the human `review` confirms or lifts it. `rate_per_minute`
    belongs to throttles: attempts over it are the ones to hold back. `challenge` names the step-up. `latency` is the
    latest start the source permits; informative.
    """

    id: str
    title: str
    effect: Effect
    capability: tuple[str, ...]
    lasting: Duration | Span | Literal["permanent"]
    level: int
    review: str = ""
    challenge: str = ""
    rate_per_minute: Parameter | None = None
    subject: str = "account"
    why: str = ""
    source: str = ""
    assumed: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        unknown = [c for c in self.capability if c not in CAPABILITIES]
        if unknown or not self.capability:
            raise PolicyError(
                f"capability `{', '.join(unknown) or 'none'}` is not one",
                place=self.id,
                hint=f"they are {', '.join(CAPABILITIES)}",
            )
        if self.lasting == PERMANENT and not self.review:
            raise PolicyError(
                "a permanent sanction without a review",
                place=self.id,
                hint="name the queue that must confirm it",
            )
        if not 1 <= self.level <= 4:
            raise PolicyError(
                f"level `{self.level}` is not one", place=self.id, hint="the ladder has levels 1 to 4"
            )
        if self.effect == "throttle" and self.rate_per_minute is None:
            raise PolicyError("a throttle without a rate", place=self.id, hint="give `rate_per_minute`")
        if self.effect == "challenge" and not self.challenge:
            raise PolicyError("a challenge that does not say which", place=self.id, hint="give `challenge`")


@dataclass(frozen=True)
class Measure:
    """A sanction as a rule applies it: its own capability or length where the rule's row differs from the sanction's."""

    sanction: Sanction
    capability: tuple[str, ...] = ()
    lasting: Duration | Span | None = None

    @property
    def capabilities(self) -> tuple[str, ...]:
        """What it restrains."""
        return self.capability or self.sanction.capability


@dataclass(frozen=True)
class Label:
    """A mark set on an entity when a rule fires: on the account, or on the device, ip or number the event names.

    `lasting` None: until someone takes it off.
    """

    name: str
    on: str = "account"
    lasting: Duration | Span | None = None


@dataclass(frozen=True)
class Case:
    """A case for a human queue, with its service time."""

    queue: str
    within: Duration
    why: str = field(default="")
