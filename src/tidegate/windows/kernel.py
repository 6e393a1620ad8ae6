"""What all kernels are to those that run them: one call per chunk, made without the interpreter where both are compiled."""

import cython


@cython.cclass
class Kernel:
    """Takes in the events of the chunk it is bound to, and writes what they see."""

    @cython.ccall
    def step(self, n: cython.Py_ssize_t):
        """Process the first `n` events of the bound chunk."""
        raise NotImplementedError
