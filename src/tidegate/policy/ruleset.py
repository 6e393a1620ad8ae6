"""The rules against one abuse, with their figures and terms, on one sheet."""

from __future__ import annotations

from typing import ClassVar

from tidegate.errors import PolicyError
from tidegate.policy.modifier import Modifier
from tidegate.policy.parameter import Parameter, Span
from tidegate.policy.rule import Rule


class RuleSet:
    """Base: the class body declares parameters, features, terms, and the rules that use them.

    The docstring's first line says which abuse it is about; `area` is that of the catalogue.
    """

    area: ClassVar[str] = ""
    rules: ClassVar[tuple[Rule, ...]] = ()
    parameters: ClassVar[dict[str, Parameter | Span]] = {}
    modifiers: ClassVar[tuple[Modifier, ...]] = ()

    def __init_subclass__(cls) -> None:
        body = vars(cls)
        cls.rules = tuple(v for v in body.values() if isinstance(v, Rule))
        cls.modifiers = tuple(v for v in body.values() if isinstance(v, Modifier))
        cls.parameters = {}
        for name, value in body.items():
            if isinstance(value, Parameter | Span):
                if isinstance(value, Span) and not value.name:
                    object.__setattr__(value, "name", f"{cls.__name__}.{name}")
                cls.parameters[value.name] = value
        twice = {r.id for r in cls.rules if sum(r.id == other.id for other in cls.rules) > 1}
        if twice:
            raise PolicyError(
                f"rule id `{sorted(twice)[0]}` is used twice", place=cls.__name__, hint="ids are unique"
            )
