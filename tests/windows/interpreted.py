"""Loads a kernel's source file interpreted, beside the compiled one that is already there."""

import importlib.util
import sys
from pathlib import Path
from unittest.mock import patch

import tidegate.windows

SOURCES = Path(tidegate.windows.__file__).parent


def interpreted(name, needs=()):
    """The module of windows/<name>.py run as plain Python; `needs`: kernels it imports, interpreted too."""
    with patch.dict(sys.modules):
        for dependency in needs:
            sys.modules[f"tidegate.windows.{dependency}"] = _source(dependency)
        return _source(name)


def _source(name):
    spec = importlib.util.spec_from_file_location(f"interpreted_{name}", SOURCES / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module
