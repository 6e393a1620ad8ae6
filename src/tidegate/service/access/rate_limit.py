"""How often a key may ask: a bucket of tokens that fills by so many a second."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Bucket:
    """`per_s` tokens come in a second, `burst` fit in. Times are of a clock that never goes back, in seconds."""

    per_s: float
    burst: float
    level: float
    at_s: float

    def take(self, now_s: float, cost: float = 1.0) -> float:
        """Take tokens and return 0.0; or take none and return the seconds after which they will be there.

        A request that costs more than the bucket holds goes through when the bucket is full, and leaves a debt.

        >>> bucket = Bucket(per_s=2, burst=1, level=1, at_s=0.0)
        >>> bucket.take(0.0), bucket.take(0.0), bucket.take(0.5)
        (0.0, 0.5, 0.0)
        """
        self.level = min(self.burst, self.level + (now_s - self.at_s) * self.per_s)
        self.at_s = now_s
        needed = min(cost, self.burst)
        if self.level >= needed:
            self.level -= cost
            return 0.0
        return (needed - self.level) / self.per_s
