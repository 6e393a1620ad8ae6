"""A policy: the rule sets of a platform, which attempts they restrain, and where the score starts to restrict."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

from tidegate.errors import ParameterError, PolicyError
from tidegate.events import Field
from tidegate.expr import Duration, Expr, Kind, hours
from tidegate.expr.duration import span
from tidegate.expr.node import shown
from tidegate.policy import require
from tidegate.policy.measure import CAPABILITIES, EVERYTHING, Label, Measure, Sanction
from tidegate.policy.modifier import FLOOR
from tidegate.policy.parameter import Parameter, Span, unsegmented
from tidegate.policy.quota import of_account
from tidegate.policy.release import Release
from tidegate.policy.rule import STATES
from tidegate.policy.ruleset import RuleSet

if TYPE_CHECKING:
    from tidegate.events import Event
    from tidegate.policy.quota import Quota
    from tidegate.policy.rule import Rule, State

Revision = float | str | Mapping[str, float]

STATE_OF = "state:"  # a revision `state:RULE` puts a rule in another state than the one it was written in


@dataclass(frozen=True, eq=False)
class Attempt:
    """An event that is an attempt at something: measures on the capability decide about it (where `when` holds, if given).

    `exempt` names sanctions that do not concern the attempt where a condition holds: pairs of id and condition.
    """

    on: type[Event]
    capability: str
    when: Expr | None = None
    exempt: tuple[tuple[str, Expr], ...] = ()

    def __post_init__(self) -> None:
        place = f"attempt at `{shown(self.capability)}`"
        if not getattr(self.on, "type_name", ""):
            raise PolicyError(
                f"`on` is `{shown(self.on)}`, which is no kind of event",
                place=place,
                hint='the event first, then the capability: `tg.Attempt(MessageSent, "send")`',
            )
        require.option(self.capability, CAPABILITIES, of="capability", place=place)
        pairs: object = self.exempt
        if not isinstance(pairs, tuple) or not all(isinstance(p, tuple) and len(p) == 2 for p in pairs):  # noqa: PLR2004
            raise PolicyError(
                "`exempt` is not a tuple of sanctions with conditions",
                place=place,
                hint='write `exempt=(("id-of-sanction", condition),)`',
            )
        exempted = [(f"`exempt` of `{sanction}`", condition) for sanction, condition in self.exempt]
        for of, condition in (("`when`", self.when), *exempted):
            if condition is not None and condition.kind is not Kind.FLAG:
                raise PolicyError(
                    f"{of} is `{condition.describe()}`, not true or false",
                    place=place,
                    hint="compare it with something",
                )

    @property
    def conditions(self) -> tuple[Expr, ...]:
        """All that is asked of the event."""
        own = () if self.when is None else (self.when,)
        return (*own, *(condition for _, condition in self.exempt))


@dataclass(frozen=True, eq=False, kw_only=True)
class ScoreRule:
    """The graded restriction that starts when the score lies strictly above the threshold.

    `in_points` is the id of the same rule on the scale of 100 points, where it has one: listed beside it, and nothing
    follows of its own. `ends_below` are the sanctions it opened that end before their time once an event takes the score back to
    the threshold: another system's lower score, points taken off. A signal that is merely over ends none of them.
    """

    id: str
    title: str
    threshold: Parameter
    reason: str
    measures: tuple[Measure, ...] = ()
    labels: tuple[Label, ...] = ()
    source: str = ""
    in_points: str = ""
    ends_below: tuple[str, ...] = ()

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids by which decisions list it."""
        return (self.id, self.in_points) if self.in_points else (self.id,)

    def when(self, rule_id: str) -> str:
        """Return from which score on it starts, in words, under one of its ids."""
        scale = ", on the scale of 100 points" if rule_id == self.in_points else ""
        return f"score of the account > {self.threshold.name}{scale}"

    def note(self, rule_id: str) -> str:
        """Return what else is to be said of it under one of its ids."""
        return f"listed beside `{self.id}`; nothing follows of its own" if rule_id == self.in_points else ""

    def __post_init__(self) -> None:
        require.one(
            self.threshold, Parameter, of="threshold", place=self.id, hint="write `tg.Parameter(0.85, ...)`"
        )
        unsegmented(self.threshold, "threshold", place=self.id)
        require.each(
            self.measures, Measure, of="measures", place=self.id, hint="write `tg.Measure(sanction)`"
        )
        if any(measure.trees for measure in self.measures):
            raise PolicyError(
                "a measure of the restriction with `given` or `named`",
                place=self.id,
                hint="the restriction starts with the score of the account; write a rule for what depends on the event",
            )
        require.each(self.labels, Label, of="labels", place=self.id, hint='write `tg.Label("name-of-label")`')
        require.reason(self.reason, place=self.id)
        require.each(self.ends_below, str, of="ends_below", place=self.id, hint="list ids of sanctions")


@dataclass(frozen=True, eq=False, kw_only=True)
class Policy:
    """All of it, as one value. `version` is the author's; `digest` says which figures, and states of rules, are in force.

    `active` is how long a signal counts after it last fired, `active_by_area` the exceptions. `tiers` names, per capability,
    the expression for an account's tier: what is told about an account, besides standing in limits; `tiers_in_force` what stands
    for it where somebody asks how an account stands: a tier lowered for a while. `releases` are the conditions on which
    measures end early, `sanctions` those that only people open (`sanction_applied`). `given_score` is the field by which
    another system tells its score of an account: a signal of that probability, until it tells another. No product of modifiers'
    factors takes a limit below `modifier_floor` of it.
    """

    name: str
    version: str
    rule_sets: tuple[type[RuleSet], ...]
    attempts: tuple[Attempt, ...] = ()
    restriction: ScoreRule | None = None
    modifier_floor: Parameter = FLOOR
    releases: tuple[Release, ...] = ()
    sanctions: tuple[Sanction, ...] = ()
    given_score: Field | None = None
    active: Duration = field(default_factory=lambda: hours(24))
    active_by_area: Mapping[str, Duration] = field(default_factory=dict)
    tiers: Mapping[str, Expr] = field(default_factory=dict)
    tiers_in_force: Mapping[str, Expr] = field(default_factory=dict)
    parameter_sets: Mapping[str, Mapping[str, Revision]] = field(default_factory=dict)
    revisions: Mapping[str, Revision] = field(default_factory=dict)
    about: str = ""

    def __post_init__(self) -> None:
        self._check_parts()
        seen: dict[str, str] = {}
        for rules in self.rule_sets:
            parts: tuple[Rule | Quota, ...] = (*rules.rules, *rules.quotas)
            for rule in parts:
                if rule.id in seen:
                    raise PolicyError(
                        f"rule id `{rule.id}` is used in `{seen[rule.id]}` and in `{rules.__name__}`",
                        place=self.name,
                        hint="ids are unique within a policy",
                    )
                seen[rule.id] = rules.__name__

    def _check_words(self) -> None:
        require.an_id(self.name, of="name", place="policy")
        require.words(self.version, of="version", place=self.name, hint='write a text such as `version="1"`')
        sets: object = self.parameter_sets
        named = sets.values() if isinstance(sets, Mapping) else (None,)
        if not all(isinstance(figures, Mapping) for figures in named):
            raise PolicyError(
                "`parameter_sets` does not hold figures by name",
                place=self.name,
                hint='write `parameter_sets={"strict": {"Sheet.figure": 5}}`',
            )

    def _check_parts(self) -> None:
        self._check_words()
        sheets: object = self.rule_sets
        listed = sheets if isinstance(sheets, tuple) else (None,)
        if not all(isinstance(sheet, type) and issubclass(sheet, RuleSet) for sheet in listed):
            raise PolicyError(
                "`rule_sets` is not a tuple of rule sets",
                place=self.name,
                hint="name the classes, and mind the comma: `rule_sets=(Burst,)`",
            )
        require.each(
            self.attempts,
            Attempt,
            of="attempts",
            place=self.name,
            hint='write `tg.Attempt(MessageSent, "send")`',
        )
        require.each(self.releases, Release, of="releases", place=self.name, hint="write `tg.Release(...)`")
        require.each(
            self.sanctions, Sanction, of="sanctions", place=self.name, hint="they are `tg.Sanction`s"
        )
        if self.restriction is not None:
            require.one(
                self.restriction,
                ScoreRule,
                of="restriction",
                place=self.name,
                hint="write `tg.ScoreRule(...)`",
            )
        require.one(
            self.modifier_floor,
            Parameter,
            of="modifier_floor",
            place=self.name,
            hint='write `tg.Parameter(0.25, low=0.05, high=1, unit="share", why=..., name="policy.modifier_floor")`',
        )
        score: object = self.given_score
        is_field = isinstance(score, Field) and score.owner is not None and score.kind is Kind.NUMBER
        if score is not None and not is_field:
            raise PolicyError(
                f"`given_score` is `{shown(score)}`, no field that is a number",
                place=self.name,
                hint="name one, such as `AccountProfile.risk_score`",
            )
        span(self.active, of="active")
        self._check_tiers()

    def _check_tiers(self) -> None:
        for capability, tier in self.tiers.items():
            require.option(capability, CAPABILITIES, of="tiers", place=self.name)
            if getattr(tier, "kind", None) is not Kind.SYMBOL:
                raise PolicyError(
                    f"the tier of `{capability}` is `{shown(tier)}`, no name",
                    place=self.name,
                    hint='write an expression such as `tg.when(age <= tg.days(7), "new", "stable")`',
                )
        for capability, tier in self.tiers_in_force.items():
            if capability not in self.tiers or not of_account(tier):
                raise PolicyError(
                    f"the tier in force of `{capability}` is no account's",
                    place=self.name,
                    hint="lower one of `tiers` by what is on record about the account: `tg.in_force(Event.account_id, ...)`",
                )

    @cached_property
    def rules(self) -> tuple[Rule, ...]:
        """All rules, in the order of the sheets, in the states they are in."""
        states = self.states
        return tuple(
            replace(rule, state=states[rule.id]) if rule.id in states else rule
            for rules in self.rule_sets
            for rule in rules.rules
        )

    @property
    def states(self) -> dict[str, State]:
        """The rules that are in another state than the one they were written in, by id."""
        written = {rule.id: rule.state for rules in self.rule_sets for rule in rules.rules}
        revised = {name: word for name, word in self.revisions.items() if name.startswith(STATE_OF)}
        by_rule = {name.removeprefix(STATE_OF): cast("State", word) for name, word in revised.items()}
        return {rule: state for rule, state in by_rule.items() if written.get(rule, state) != state}

    def remembers_for(self, rule: Rule | Quota) -> bool:
        """Whether what a rule reads is remembered: where it is judged, and where it was written to be."""
        judged = ("active", "shadow")
        written = [r.state for rules in self.rule_sets for r in rules.rules if r.id == rule.id]
        return rule.state in judged or any(state in judged for state in written)

    @property
    def quotas(self) -> tuple[Quota, ...]:
        """All published limits, in the order of the sheets."""
        return tuple(quota for rules in self.rule_sets for quota in rules.quotas)

    @property
    def judged(self) -> tuple[Rule | Quota, ...]:
        """All that events are held against: rules first, then quotas. Their numbers in a plan are those of this order."""
        return (*self.rules, *self.quotas)

    @cached_property
    def capabilities(self) -> tuple[str, ...]:
        """What an account may do or not, by name: what its events are attempts at, and what measures restrain besides."""
        sanctions = (*self.sanctions, *(m.sanction for rule in self.rules for m in rule.measures))
        restrained = {name for s in sanctions if s.effect != "none" for name in s.capability}
        return tuple(sorted(({a.capability for a in self.attempts} | restrained) - {EVERYTHING}))

    @cached_property
    def parameters(self) -> Mapping[str, Parameter | Span]:
        """All figures by name: those of the sheets, then those that rules, modifiers and sanctions bring along."""
        from tidegate.policy.figures import figures_of

        return figures_of(self)

    def area_of(self, rule: Rule | Quota) -> str:
        """Return the rule's area: its own, else that of its sheet."""
        return rule.area or next((s.area for s in self.rule_sets if rule.id in _ids(s)), "")

    def rule(self, rule_id: str) -> Rule | Quota:
        """Return the rule or quota with this id, or raise PolicyError with the nearest ones."""
        for rule in self.judged:
            if rule.id == rule_id:
                return rule
        near = get_close_matches(rule_id, [r.id for r in self.judged], n=3, cutoff=0.4)
        raise PolicyError(
            f"there is no rule `{rule_id}`",
            place=f"policy `{self.name}`",
            hint=f"did you mean {', '.join(f'`{n}`' for n in near)}?"
            if near
            else "see `tidegate policy list`",
        )

    def revise(self, revisions: Mapping[str, Revision]) -> Policy:
        """Return the policy with other figures; raise ParameterError for unknown names or values out of bounds.

        A value is a number for all, or a number per segment; for a duration its ISO text, such as `PT2H`. A rule's state is
        revised under the name `state:RULE`.
        """
        from tidegate.policy.figures import check_revision

        known = self.parameters
        for name, revision in revisions.items():
            if name.startswith(STATE_OF):
                self._check_state(name, revision)
                continue
            if name not in known:
                near = get_close_matches(name, known, n=1, cutoff=0.5)
                raise ParameterError(
                    f"there is no parameter `{name}`",
                    place=f"policy `{self.name}`",
                    hint=f"did you mean `{near[0]}`?" if near else "see `tidegate policy list --json`",
                )
            check_revision(known[name], revision)
        return replace(self, revisions={**self.revisions, **revisions})

    def _check_state(self, name: str, state: Revision) -> None:
        rule = self.rule(name.removeprefix(STATE_OF))
        if rule not in self.rules:
            raise ParameterError(
                "a quota has no state to revise", place=name, hint="revise its limit, which is a parameter"
            )
        if state not in STATES:
            raise ParameterError(
                f"there is no state `{state}`", place=name, hint=f"one of {', '.join(STATES)}"
            )

    def figures(self) -> dict[str, Any]:
        """Return every figure in force by name, and every state that was revised: what the digest is taken of."""
        from tidegate.policy.figures import in_force

        states = {STATE_OF + rule: state for rule, state in sorted(self.states.items())}
        return {
            name: in_force(figure, self.revisions.get(name))
            for name, figure in sorted(self.parameters.items())
        } | states

    @cached_property
    def digest(self) -> str:
        """Fingerprint of all figures in force."""
        text = json.dumps(self.figures(), sort_keys=True, separators=(",", ":"))
        return "sha256:" + hashlib.sha256(text.encode()).hexdigest()

    def stamp(self) -> dict[str, str]:
        """Return what every decision carries about the policy."""
        return {"name": self.name, "version": self.version, "parameters": self.digest}


def _ids(sheet: type[RuleSet]) -> set[str]:
    return {rule.id for rule in sheet.rules} | {quota.id for quota in sheet.quotas}
