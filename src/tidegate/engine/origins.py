"""The country of an event's number, looked up where the event does not say it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tidegate.signals.number_countries import country_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tidegate.engine.names import Names
    from tidegate.engine.plan import PlacedSite


class NumberOrigins:
    """Completes the events of one site, whose numbers and countries stand in these columns of a chunk."""

    def __init__(self, site: PlacedSite, names: Names) -> None:
        found = {name: (named, column) for name, named, column in site.fields}
        self._names = names
        named, self._country = found["number_country"]
        self._of_country = named.domain
        named, self._number = found["number"]
        self._of_number = named.domain

    @staticmethod
    def concern(site: PlacedSite) -> bool:
        """Whether anything reads the country of a number at this site."""
        return {"number", "number_country"} <= {name for name, _, _ in site.fields}

    def complete(self, values: NDArray[np.float64], targets: NDArray[np.int32]) -> None:
        """Fill in the countries that are not known; `values` has a row for each column of the chunk in `targets`."""
        rows = targets.tolist()
        countries, numbers = values[rows.index(self._country)], values[rows.index(self._number)]
        missing = np.flatnonzero(np.isnan(countries) & (numbers >= 0))
        if len(missing):
            different, which = np.unique(numbers[missing], return_inverse=True)
            countries[missing] = np.array([self._found(number) for number in different.tolist()])[which]

    def complete_one(self, cols: NDArray[np.float64]) -> None:
        """Fill in the country of the event at position 0 of the chunk, where it is not known."""
        country, number = cols.item(self._country, 0), cols.item(self._number, 0)
        if country != country and number >= 0:  # noqa: PLR0124  not a number: not known
            cols[self._country, 0] = self._found(number)

    def _found(self, number: float) -> float:
        text = self._names.text(self._of_number, number)
        country = country_of(text) if text is not None else None
        return float("nan") if country is None else float(self._names.space(self._of_country).intern(country))
