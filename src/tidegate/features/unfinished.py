"""Features that lack a part: using one as a value says which."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, NoReturn

from tidegate.errors import PolicyError
from tidegate.expr import Expr, Kind

if TYPE_CHECKING:
    from tidegate.features.feature import Feature


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
