"""The kernels: exact state per entity over sliding windows, in flat arrays.

Every kernel is one file in Cython's pure Python mode. Installed with a C compiler it is an extension beside its
source; without one the same source runs interpreted, slower and with the same results, bit for bit.

``TIDEGATE_INTERPRETED=1`` runs the sources even where extensions exist, ``TIDEGATE_KERNELS=DIR`` takes the extensions
of another build (the boundscheck one). `COMPILED` says whether all kernels of this process are compiled.

A kernel may be built a second time, for processors with AVX2 (`program_avx2`): the same source, the same bits, wider
steps. It is taken where the processor has it.
"""

import os
import sys
import warnings
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import EXTENSION_SUFFIXES, ExtensionFileLoader, ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from pathlib import Path
from types import ModuleType

__all__ = ["COMPILED"]

# modules that are never compiled; setup.py reads this line
PLAIN = ("__init__", "chunk", "moments", "vectors")

_WIDE = "_avx2"  # what the second build of a kernel has at the end of its name

_HERE = Path(__file__).resolve().parent


class KernelFinder(MetaPathFinder):
    """Decides per kernel between the extension and its source; `built` maps module names to extension files."""

    def __init__(self, sources: Path, built: dict[str, Path]) -> None:
        self.sources = sources
        self.built = built

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The kernel's extension if it has a usable one, else its source; None for modules of other packages."""
        del path, target
        package, _, name = fullname.rpartition(".")
        if package != __name__:
            return None
        extension = self.built.get(name)
        if extension is not None:
            loader = ExtensionFileLoader(fullname, str(extension))
            return spec_from_file_location(fullname, extension, loader=loader)
        source = self.sources / f"{name}.py"
        if not source.exists():
            return None
        return spec_from_file_location(fullname, source, loader=SourceFileLoader(fullname, str(source)))


def _extensions(folder: Path) -> dict[str, Path]:
    """Extension files of a folder that this interpreter can load, by module name."""
    found: dict[str, Path] = {}
    for suffix in reversed(EXTENSION_SUFFIXES):  # the most specific suffix comes first in the list and wins
        for path in folder.glob(f"*{suffix}"):
            name = path.name.removesuffix(suffix)
            if "." not in name:
                found[name] = path
    return found


def _outdated(built: dict[str, Path], sources: Path) -> set[str]:
    """Names of extensions older than their source; only in a checkout, installers do not keep file times."""
    if not (sources.parents[2] / "setup.py").exists():
        return set()
    return {
        name
        for name, path in built.items()
        for source in (
            sources / f"{name.removesuffix(_WIDE)}.py",
            sources / f"{name.removesuffix(_WIDE)}.pxd",
        )
        if source.exists() and source.stat().st_mtime > path.stat().st_mtime
    }


def _has_avx2(cpus: Path = Path("/proc/cpuinfo")) -> bool:
    """Whether the processor has AVX2 and the system lets programs use it; False where Linux does not say."""
    try:
        with cpus.open("rb") as text:
            first = text.read(8192).partition(b"\n\n")[0]  # the first core: they are alike
    except OSError:
        return False
    flags = next((line for line in first.splitlines() if line.startswith(b"flags")), b"")
    return b"avx2" in flags.split()


def _usable(sources: Path) -> dict[str, Path]:
    """The extensions to load, by module name, as the environment asks.

    Kernels are linked to one another: where the extension of one is missing or outdated, all run from their sources.
    """
    if os.environ.get("TIDEGATE_INTERPRETED") == "1":
        return {}
    chosen = os.environ.get("TIDEGATE_KERNELS")
    built = _extensions(Path(chosen) if chosen else sources)
    if chosen and not built:
        message = f"no compiled kernels in `{chosen}` (TIDEGATE_KERNELS)"
        raise ImportError(message)
    outdated = _outdated(built, sources)
    late = sorted(name for name in outdated if not name.endswith(_WIDE))
    if late:
        names = ", ".join(late)
        warnings.warn(
            f"compiled kernels are older than their sources, so all run interpreted: {names}; run `make setup`",
            RuntimeWarning,
            stacklevel=3,
        )
    usable = {name: path for name, path in built.items() if name not in outdated}
    wide = {name: usable.pop(name) for name in built.keys() & usable.keys() if name.endswith(_WIDE)}
    if wide and _has_avx2():
        usable |= {base: path for name, path in wide.items() if (base := name.removesuffix(_WIDE)) in usable}
    kernels = {path.stem for path in sources.glob("*.py")}.difference(PLAIN)
    return usable if kernels <= usable.keys() else {}


_built = _usable(_HERE)
COMPILED: bool = bool(_built)  # whether the kernels of this process are compiled: all are, or none
sys.meta_path.insert(0, KernelFinder(_HERE, _built))
