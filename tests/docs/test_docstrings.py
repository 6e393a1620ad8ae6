"""The examples in docstrings are run: they are part of the documentation."""

import doctest
import importlib
import pkgutil

import pytest

import tidegate

COMPILED = (
    "tidegate.windows."  # kernels have their own tests, also where they are extensions without docstrings
)
NAMES = [
    module.name
    for module in pkgutil.walk_packages(tidegate.__path__, "tidegate.")
    if not module.name.startswith(COMPILED)
]


def examples_of(name):
    found = doctest.DocTestFinder(exclude_empty=True).find(importlib.import_module(name))
    return [test for test in found if test.examples]


@pytest.mark.parametrize("name", NAMES)
def test_the_examples_of_a_module_are_true(name):
    runner = doctest.DocTestRunner(verbose=False)
    for test in examples_of(name):
        runner.run(test)
    assert runner.summarize(verbose=False).failed == 0


def test_there_are_examples():
    assert sum(bool(examples_of(name)) for name in NAMES) > 5
