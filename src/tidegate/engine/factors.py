"""Which risk factors hold for which accounts, and since when. Kept apart from records: a factor alone makes nobody conspicuous."""

from __future__ import annotations

from bisect import insort
from typing import Any


class FactorBook:
    """Times at which rules with a risk factor fired, per account and rule. Memory: one entry per account and factor that holds.

    A time at which a rule was found not to hold any more stands as its complement, ~t.
    """

    def __init__(self) -> None:
        self.held: dict[int, dict[int, list[int]]] = {}

    def note(self, account: int, rule: int, at: int, forget: int) -> None:
        """Note that a rule fired; firings that no event from `forget` on can need (all but one before it) are dropped."""
        _enter(self.held.setdefault(account, {}).setdefault(rule, []), at, forget)

    def end(self, account: int, rule: int, at: int, lasting: int, forget: int) -> None:
        """Note that a rule does not hold at a time, where its factor holds: it ends until the rule fires again.

        What has run out by then says nothing, whether it is still held or not.
        """
        times = self.held.get(account, {}).get(rule)
        if times is not None and _holds(times, at, at - lasting):
            _enter(times, ~at, forget)

    def active(self, account: int, at: int, lasting: tuple[int, ...]) -> tuple[int, ...]:
        """Return the rules that fired in (at - lasting, at] and did not end since, ascending; `lasting` in ms by rule."""
        held = self.held.get(account)
        if held is None:
            return ()
        return tuple(sorted(n for n, times in held.items() if _holds(times, at, at - lasting[n])))

    def expire(self, at: int, lasting: tuple[int, ...]) -> None:
        """Forget what can matter to no event from `at` on; `lasting` is how long factors hold by rule, ms."""
        for account in list(self.held):
            kept = {n: times for n, times in self.held[account].items() if _time(times[-1]) > at - lasting[n]}
            if kept:
                self.held[account] = kept
            else:
                del self.held[account]

    def state(self) -> list[Any]:
        """Return it as plain data."""
        return [[account, [[n, times] for n, times in held.items()]] for account, held in self.held.items()]

    def restore(self, state: list[Any]) -> None:
        """Load a state."""
        self.held = {account: {n: list(times) for n, times in held} for account, held in state}


def _time(entry: int) -> int:
    return entry if entry >= 0 else ~entry


def _enter(times: list[int], entry: int, forget: int) -> None:
    insort(times, entry, key=_time)
    while len(times) > 1 and _time(times[1]) <= forget:
        del times[0]


def _holds(times: list[int], at: int, after: int) -> bool:
    """Whether the last of the entries up to a time is a firing that came after another time."""
    return next((entry > max(after, -1) for entry in reversed(times) if _time(entry) <= at), False)
