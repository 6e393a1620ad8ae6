"""Routes of a driver: which kernels run, in which order, over how many events."""

import pytest
from tests.windows.interpreted import interpreted

from tidegate.windows import driver, kernel


class Noted:
    """No kernel, but has a `step`."""

    def __init__(self, name: str, seen: list[tuple[str, int]]) -> None:
        self.name = name
        self.seen = seen

    def step(self, n: int) -> None:
        self.seen.append((self.name, n))


class NotedKernel(kernel.Kernel):
    """A kernel in plain Python."""

    def __init__(self, seen: list[tuple[str, int]]) -> None:
        self.seen = seen

    def step(self, n: int) -> None:
        self.seen.append(("kernel", n))


@pytest.mark.parametrize("module", [driver, interpreted("driver")])
def test_routes_are_run_in_their_order(module) -> None:
    seen: list[tuple[str, int]] = []
    first, second, third = Noted("first", seen), Noted("second", seen), NotedKernel(seen)
    driven = module.Driver()
    one, other = driven.route([first, third, second]), driven.route([second])
    empty = driven.route([])
    driven.run(other, 7)
    driven.run(empty, 5)
    driven.run(one, 3)
    assert seen == [("second", 7), ("first", 3), ("kernel", 3), ("second", 3)]
    assert driven.kernels_of(one) == [first, third, second]


def test_what_a_kernel_raises_is_raised() -> None:
    class Failing(kernel.Kernel):
        def step(self, n: int) -> None:
            raise ValueError(n)

    driven = driver.Driver()
    with pytest.raises(ValueError, match="4"):
        driven.run(driven.route([Failing()]), 4)
