"""Measures: what a rule does to whom, for how long. Data only: the engine opens them, enforcement carries them out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal

from tidegate.errors import PolicyError
from tidegate.expr import Duration, Expr, Kind
from tidegate.expr.duration import span
from tidegate.expr.node import shown
from tidegate.policy import require
from tidegate.policy.parameter import Parameter, Span, unsegmented

Effect = Literal["deny", "throttle", "challenge", "none"]
EFFECTS: tuple[Effect, ...] = ("deny", "throttle", "challenge", "none")
LEVELS = (1, 2, 3, 4)
CAPABILITIES = (
    "send", "receive", "broadcast", "links", "group_join", "group_create", "group_send", "call", "payment", "login",
    "register", "status", "all",
)  # fmt: skip
EVERYTHING: Final = "all"  # each of them, and what is done that none of them stands for
PERMANENT: Final = "permanent"


@dataclass(frozen=True, kw_only=True)
class Sanction:
    """A kind of measure: a row `sanction.*` of the catalogue.

    `effect` is what an attempt that needs one of the capabilities meets while it runs. `lasting` is its length, or
    PERMANENT, which takes effect at once and stands until the human `review` confirms or lifts it. `rate_per_minute`
    belongs to throttles: attempts over it are the ones to hold back. `challenge` names the step-up. `case` is what every
    further attempt it concerns opens while it runs. `latency` is the latest start the source permits; informative.
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
    case: Case | None = None
    why: str = ""
    source: str = ""
    assumed: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        require.an_id(self.id, of="id", place="sanction")
        require.words(self.title, of="title", place=self.id, hint="say in a line what it does")
        require.option(self.effect, EFFECTS, of="effect", place=self.id)
        require.capabilities(self.capability, CAPABILITIES, place=self.id)
        require.lasting(self.lasting, place=self.id, also=(PERMANENT,))
        require.subject(self.subject, place=self.id)
        self._check_words()

    def _check_words(self) -> None:
        """Refuse what an effect or an end lacks."""
        if self.lasting == PERMANENT and not self.review:
            raise PolicyError(
                "a permanent sanction without a review",
                place=self.id,
                hint="name the queue that must confirm it",
            )
        if isinstance(self.level, bool) or self.level not in LEVELS:
            raise PolicyError(
                f"there is no level `{self.level}`", place=self.id, hint="the ladder has levels 1 to 4"
            )
        if self.effect == "throttle" and self.rate_per_minute is None:
            raise PolicyError(
                "a throttle without a rate",
                place=self.id,
                hint="give `rate_per_minute=tg.Parameter(...)`: the attempts a minute to let through",
            )
        if self.rate_per_minute is not None:
            require.one(
                self.rate_per_minute,
                Parameter,
                of="rate_per_minute",
                place=self.id,
                hint="write `tg.Parameter(6, low=1, high=60, unit=..., why=...)`",
            )
            unsegmented(self.rate_per_minute, "rate_per_minute", place=self.id)
        if self.effect == "challenge" and not self.challenge:
            raise PolicyError(
                "a challenge that does not say which",
                place=self.id,
                hint='give `challenge="code"` or another step-up that clients know',
            )


@dataclass(frozen=True)
class Measure:
    """A sanction as a rule applies it: its own capability, length or subject where the rule's row differs from the sanction's.

    `from_next`: the attempt at which it opens still goes through; it restrains those after it. `then` are the steps of a
    ladder: when the rule opens the measure for the second time `within` a span, the first of them is opened too, the third
    time the first two, and so on. With `follows` (an entity the event names) the measure ends when the bans end that were
    opened at events naming that entity; its own length holds where there is none. `named` is an expression for the id of
    the entity it is taken against, or a list of them, where the event itself does not name it; where that is not known, it
    is the one the event names after all. `given` is a condition of its own: where the rule fires and it is not true, or not
    known, the rule has fired all the same and the measure does not open. `ends` is the moment at which it ends, where that is
    known and comes before its own length is over: what it waits for began before the event.
    """

    sanction: Sanction
    capability: tuple[str, ...] = ()
    lasting: Duration | Span | None = None
    from_next: bool = False
    subject: str = ""
    then: tuple[Measure, ...] = ()
    within: Duration | Span | None = None
    follows: str = ""
    named: Expr | None = None
    given: Expr | None = None
    ends: Expr | None = None

    def __post_init__(self) -> None:
        place = require.titled(self.sanction)
        require.one(self.sanction, Sanction, of="Measure", place="", hint="write `tg.Measure(sanction)`")
        require.capabilities(self.capability, CAPABILITIES, place=place, empty=True)
        require.lasting(self.lasting, place=place, also=(None,))
        for entity in filter(None, (self.subject, self.follows)):
            require.subject(entity, place=place)
        require.each(self.then, Measure, of="then", place=place, hint="write `tg.Measure(sanction)`")
        if self.named is not None and (
            self.named.kind not in (Kind.SYMBOL, Kind.LIST) or self.named.domain != self.on
        ):
            raise PolicyError(
                f"`{self.named.describe()}` names no {self.on} to take the measure against",
                place=place,
                hint=f"`named` is an id of the entity `{self.on}`, or a list of them",
            )
        self._check_condition(place)
        if bool(self.then) != (self.within is not None):
            raise PolicyError(
                "a ladder needs both its steps and the span within which they follow",
                place=place,
                hint="write `then=(tg.Measure(harder),), within=tg.days(30)`",
            )
        if any(step.trees for step in self.then):
            raise PolicyError(
                "a step of a ladder with `given`, `named` or `ends` of its own",
                place=place,
                hint="give them to the measure itself: its steps follow it",
            )

    def _check_condition(self, place: str) -> None:
        given: object = self.given
        if given is not None and getattr(given, "kind", None) is not Kind.FLAG:
            raise PolicyError(
                f"`given` is `{shown(given)}`, not true or false",
                place=place,
                hint="compare it with something",
            )
        ends: object = self.ends
        if ends is not None and getattr(ends, "kind", None) is not Kind.MOMENT:
            raise PolicyError(
                f"`ends` is `{shown(ends)}`, not a moment",
                place=place,
                hint="write the moment of an event and how long after it: `last_seen + tg.minutes(30)`",
            )

    @property
    def trees(self) -> tuple[Expr, ...]:
        """What it asks at the event: whom it is taken against, on what condition, until when."""
        return tuple(tree for tree in (self.named, self.given, self.ends) if tree is not None)

    @property
    def capabilities(self) -> tuple[str, ...]:
        """What it restrains."""
        return self.capability or self.sanction.capability

    @property
    def on(self) -> str:
        """The entity it is taken against."""
        return self.subject or self.sanction.subject

    @property
    def steps(self) -> tuple[Measure, ...]:
        """All measures that it may open."""
        return (self, *self.then)


@dataclass(frozen=True)
class Label:
    """A mark set on an entity when a rule fires: on the account, or on the device, ip or number the event names.

    `lasting` None: until someone takes it off.
    """

    name: str
    on: str = "account"
    lasting: Duration | Span | None = None

    def __post_init__(self) -> None:
        require.an_id(self.name, of="name", place="label")
        require.subject(self.on, place=f"label `{self.name}`", of="on")
        require.lasting(self.lasting, place=f"label `{self.name}`", also=(None,))


@dataclass(frozen=True)
class Case:
    """A case for a human queue, with its service time."""

    queue: str
    within: Duration
    why: str = field(default="")

    def __post_init__(self) -> None:
        require.an_id(self.queue, of="queue", place="case")
        span(self.within, of=f"the service time of queue `{self.queue}`")
