"""The passes of a plan, run one after the other without the interpreter between them."""

import cython
import numpy as np

from tidegate.windows.sieve_row import SieveRow

if cython.compiled:
    from cython.cimports.tidegate.windows.kernel import Kernel
else:
    from tidegate.windows.kernel import Kernel


@cython.final
@cython.cclass
class Called(Kernel):
    """Something that is no kernel, but has a `step`."""

    what = cython.declare(object, visibility="readonly")

    def __init__(self, what: object):
        self.what = what

    @cython.ccall
    def step(self, n: cython.Py_ssize_t):
        """Let it process the first `n` events of the bound chunk."""
        self.what.step(n)


@cython.final
@cython.cclass
class Driver:
    """Runs kernels in their order; `routes` are those that chunks of some kind need, each made once."""

    kernels: list
    first: cython.int[::1]

    def __init__(self):
        self.kernels = []
        self.first = memoryview(np.zeros(1, np.int32))

    def route(self, kernels: list) -> int:
        """Take in a row of kernels, or of whatever has a `step`; return the number to run it by."""
        self.kernels.extend([k if isinstance(k, Kernel) else Called(k) for k in kernels])
        self.first = memoryview(np.append(np.asarray(self.first), np.int32(len(self.kernels))))
        return len(self.first) - 2

    def kernels_of(self, route: int) -> list:
        """The kernels of a route, those of a row of sieves one by one."""
        found: list = []
        for k in self.kernels[self.first[route] : self.first[route + 1]]:
            found += k.sieves if isinstance(k, SieveRow) else [k.what if isinstance(k, Called) else k]
        return found

    def run(self, route: cython.int, n: cython.Py_ssize_t) -> None:
        """Run a row of kernels over the first `n` events of the chunk that they are bound to."""
        k: cython.int
        kernel: Kernel
        for k in range(self.first[route], self.first[route + 1]):
            kernel = cython.cast(Kernel, self.kernels[k])
            kernel.step(n)
