"""The scripts of `examples/` as modules, and the data sets that some of them read."""

import importlib
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / ".." / "shared" / "data"


def script(name):
    """A script of the examples, imported as it imports its neighbours."""
    sys.path.insert(0, str(ROOT / "examples"))
    try:
        return importlib.import_module(name)
    finally:
        sys.path.pop(0)


def needs_data(*names):
    """Mark a test that reads data sets which lie beside the project, and not in it."""
    return pytest.mark.skipif(
        not all((DATA / name).is_dir() for name in names),
        reason=f"{', '.join(names)}: not beside the project",
    )
