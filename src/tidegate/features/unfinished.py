"""Features that lack a part: using one as a value says which."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final, NoReturn

from tidegate.errors import PolicyError
from tidegate.events.suggestions import nearest
from tidegate.expr import Expr, Kind

if TYPE_CHECKING:
    from tidegate.features.feature import Feature


LATER: Final = ("per", "over", "today", "since", "ever")  # what only a feature further on has


class Unfinished(Expr):
    """What `events(...)`, an aggregate and `.per(...)` give: no value yet, so whatever asks for its kind is refused."""

    lacks: ClassVar[str] = ""
    remedy: ClassVar[str] = ""

    @property
    def kind(self) -> Kind:  # type: ignore[override]  # it has none: that is the point
        """Refuse."""
        self._refuse()

    def at(self, *_: Expr) -> Feature:
        """Refuse: only a whole feature can be read at another entity."""
        self._refuse()

    def _refuse(self) -> NoReturn:
        raise PolicyError(f"`{self.describe()}` has no {self.lacks}", hint=self.remedy)

    def _refuse_attribute(self, name: str) -> NoReturn:
        """Answer for an attribute that there is not; Python's own questions get Python's answer."""
        if name.startswith("_"):
            raise AttributeError(name)
        near = nearest(name, [known for known in dir(type(self)) if not known.startswith("_")])
        if near and name not in LATER:
            raise PolicyError(
                f"`{self.describe()}` has no `.{name}(...)`", hint=f"did you mean `.{near}(...)`?"
            )
        self._refuse()
