"""The rules against one abuse, with their figures and terms, on one sheet."""

from __future__ import annotations

from typing import Any, ClassVar

from tidegate.errors import PolicyError
from tidegate.policy.modifier import Modifier
from tidegate.policy.parameter import Parameter, Span
from tidegate.policy.quota import Quota
from tidegate.policy.rule import Rule


class _Body(dict[str, Any]):
    """The names of a class body; a rule's name is given once, or the first rule would be lost in silence."""

    def __setitem__(self, name: str, value: object) -> None:
        if isinstance(self.get(name), Rule | Quota):
            raise PolicyError(
                f"the name `{name}` is given to two rules",
                place=str(self.get("__qualname__", "")),
                hint="the second would replace the first: give it a name of its own",
            )
        super().__setitem__(name, value)


class _Sheet(type):
    """What makes a class body a sheet of rules."""

    @classmethod
    def __prepare__(cls, name: str, bases: tuple[type, ...], /, **_: Any) -> _Body:  # noqa: ANN401  as `type` has it
        del name, bases
        return _Body()


class RuleSet(metaclass=_Sheet):
    """Base: the class body declares parameters, features, terms, and the rules that use them.

    The docstring's first line says which abuse it is about; `area` is that of the catalogue.
    """

    area: ClassVar[str] = ""
    rules: ClassVar[tuple[Rule, ...]] = ()
    quotas: ClassVar[tuple[Quota, ...]] = ()
    parameters: ClassVar[dict[str, Parameter | Span]] = {}
    modifiers: ClassVar[tuple[Modifier, ...]] = ()

    def __init_subclass__(cls) -> None:
        body = vars(cls)
        cls.rules = tuple(v for v in body.values() if isinstance(v, Rule))
        cls.quotas = tuple(v for v in body.values() if isinstance(v, Quota))
        cls.modifiers = tuple(v for v in body.values() if isinstance(v, Modifier))
        cls.parameters = {}
        for name, value in body.items():
            if isinstance(value, Parameter | Span):
                if isinstance(value, Span) and not value.name:
                    object.__setattr__(value, "name", f"{cls.__name__}.{name}")
                cls.parameters[value.name] = value
        names: dict[str, str] = {}
        for name, value in body.items():
            if isinstance(value, Rule | Quota):
                first = names.setdefault(value.id, name)
                if first != name:
                    raise PolicyError(
                        f"`{first}` and `{name}` have one id, `{value.id}`",
                        place=cls.__name__,
                        hint="every rule has an id of its own",
                    )
