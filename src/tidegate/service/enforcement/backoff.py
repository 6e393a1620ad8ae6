"""When to try again: later and later, never all at once, and at some point not any more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

DAY_MS = 86_400_000


@dataclass(frozen=True)
class Backoff:
    """`first_ms` after the first failure, twice as long after each further one, up to `longest_ms`; `attempts` in all.

    With these figures a receiver may be down for a day and a half. The wait is drawn from half to one and a half times
    that, so that what failed together does not come back together.
    """

    first_ms: int = 5_000
    longest_ms: int = 6 * 3_600_000
    attempts: int = 17
    asked_ms_max: int = DAY_MS  # the longest wait that a receiver may ask for (Retry-After)

    def wait_ms(self, failures: int, chance: Callable[[], float], asked_s: float | None = None) -> int | None:
        """Return the wait after so many failures; None: give up. `chance` gives 0 to 1; `asked_s` is what the receiver asked.

        >>> [Backoff().wait_ms(n, lambda: 0.5) for n in (1, 2, 3, 16, 17)]
        [5000, 10000, 20000, 21600000, None]
        """
        if failures >= self.attempts:
            return None
        longest = min(self.longest_ms, self.first_ms * 2 ** (failures - 1))
        drawn = int(longest * (0.5 + chance()))
        return max(drawn, min(self.asked_ms_max, int((asked_s or 0) * 1000)))
