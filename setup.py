"""Build the window kernels with Cython when there is a C compiler; go on without when there is none.

TIDEGATE_PURE=1         build nothing, install the interpreted kernels
TIDEGATE_NATIVE=1       add -march=native (faster, but the build runs only on this kind of processor)
TIDEGATE_BOUNDSCHECK=1  check every index (for fuzzing); here a failing build is an error
"""

import ast
import contextlib
import os
import platform
import re
import shlex
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

ROOT = Path(__file__).resolve().parent
KERNELS = Path("src/tidegate/windows")
CHECKED = os.environ.get("TIDEGATE_BOUNDSCHECK") == "1"
BUILD = Path("build/boundscheck" if CHECKED else "build")
LOG = BUILD / "kernels.log"
# Cython's memoryview code, compiled once instead of into every kernel: a third of the build
SHARED = "tidegate.windows._shared"

FLAGS = [
    "-O1"
    if CHECKED
    else "-O2",  # -O3 takes half as long again and gains nothing measurable, but for loops over columns
    "-ffp-contract=off",  # a fused multiply-add would change the last bit against the interpreted kernels
    "-fwrapv",  # hashes wrap around
    "-g0",  # debug information takes a third of the compiler's time
    "-Wno-unused-function",
    "-Wno-unreachable-code",
]
# no fault of a number is ever looked at: comparisons may be made ahead, for several events at once
COLUMN_LOOPS = (
    {} if CHECKED else {"tidegate.windows.program": ["-O3", "-fno-trapping-math", "-fno-math-errno"]}
)
# the loops over columns once more, for processors with AVX2; the package chooses when it is imported
WIDE = "tidegate.windows.program_avx2"
WIDE_FLAG = "-mavx2"
if os.environ.get("TIDEGATE_NATIVE") == "1":
    FLAGS.append("-march=native")

DIRECTIVES = {
    "language_level": 3,
    "boundscheck": CHECKED,
    "initializedcheck": CHECKED,
    "wraparound": False,
    "cdivision": True,
    "infer_types": False,
}


def kernel_names() -> list[str]:
    """Modules of the windows package that are compiled: all but those it lists as plain Python itself."""
    text = (ROOT / KERNELS / "__init__.py").read_text(encoding="utf-8")
    plain = re.search(r"^PLAIN = (\(.*?\))$", text, re.MULTILINE)
    assert plain, f"{KERNELS}/__init__.py lists no PLAIN modules"
    names = {path.stem for path in (ROOT / KERNELS).glob("*.py")}
    return sorted(names - set(ast.literal_eval(plain[1])))


@contextlib.contextmanager
def output_to_log():
    """Send everything written to stdout and stderr, compilers' output too, to the log file."""
    LOG.parent.mkdir(parents=True, exist_ok=True)
    with LOG.open("a") as log:
        saved = os.dup(1), os.dup(2)
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
        try:
            yield
        finally:
            for number, copy in enumerate(saved, start=1):
                os.dup2(copy, number)
                os.close(copy)


class BuildKernels(build_ext):
    """`build_ext` that leaves out the kernels that do not build, and says so in one line."""

    def build_extensions(self):
        LOG.unlink(missing_ok=True)
        compiler = shlex.split(os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc")[0]
        if not self.extensions:
            return
        if not shutil.which(compiler):
            self.give_up(self.extensions, "no C compiler found")
            return
        self.failed = []
        with output_to_log():
            self.generate_shared()
            self.translate_ahead()
            self.extensions = [extension for extension in self.extensions if self.translated(extension)]
            self.copy_for_wide()
            self.parallel = self.parallel or os.cpu_count()
            super().build_extensions()
        if any(extension.name == SHARED for extension in self.failed):
            self.failed = list(self.extensions)
        if self.failed:
            names = ", ".join(sorted(extension.name.rpartition(".")[2] for extension in self.failed))
            self.give_up(self.failed, f"{names} did not compile (see {LOG})")

    def generate_shared(self):
        """Write the C source of the shared module, unless an earlier build has."""
        target = BUILD / "cython" / "_shared.c"
        if not target.exists() or self.force:
            target.parent.mkdir(parents=True, exist_ok=True)
            subprocess.run([sys.executable, "-m", "cython", f"--generate-shared={target}"], check=True)

    def copy_for_wide(self):
        """Give the build for AVX2 a C source of its own, whose object file no other build writes; drop it where it is no use."""
        translated = BUILD / "cython" / KERNELS / "program.c"
        copy = BUILD / "cython" / "program_avx2.c"
        wide = [extension for extension in self.extensions if extension.name == WIDE]
        if wide and translated.exists() and knows(self.compiler, WIDE_FLAG):
            shutil.copy2(translated, copy)
        else:
            self.leave_out(wide)

    def translate_ahead(self):
        """Translate all kernels on all cores; what fails here is tried once more, and named, one by one."""
        from Cython.Build import cythonize

        stale = [
            e
            for e in self.extensions
            if e.name not in (SHARED, WIDE) and (self.force or not self.options_changed(e))
        ]
        if not stale or self.force:
            return
        with contextlib.suppress(Exception, SystemExit):
            cythonize(stale, nthreads=os.cpu_count() or 1, **self.cython_options())

    def cython_options(self):
        """What Cython is told about every kernel."""
        return {
            "build_dir": str(BUILD / "cython"),
            "include_path": ["src"],
            "shared_utility_qualified_name": SHARED,
            "compiler_directives": DIRECTIVES,
            "quiet": True,
        }

    def translated(self, extension) -> bool:
        """Give the extension its C source in place of the Python one; False when that fails."""
        from Cython.Build import cythonize

        if extension.name in (SHARED, WIDE):
            return True
        with self.failure_noted(extension):
            force = bool(self.force) or self.options_changed(extension)
            (in_c,) = cythonize([extension], force=force, **self.cython_options())
            extension.sources = in_c.sources
            return True
        return False

    def options_changed(self, extension) -> bool:
        """Whether this file, which holds the compiler's options, is newer than the C source made with them."""
        c_source = BUILD / "cython" / Path(extension.sources[0]).with_suffix(".c")
        return c_source.exists() and c_source.stat().st_mtime < Path(__file__).stat().st_mtime

    def build_extension(self, ext):
        with self.failure_noted(ext):
            super().build_extension(ext)

    @contextlib.contextmanager
    def failure_noted(self, extension):
        try:
            yield
        except (Exception, SystemExit) as error:  # noqa: BLE001  whatever a compiler may raise, the install goes on
            print(f"{extension.name}: {error}", flush=True)
            self.failed.append(extension)

    def give_up(self, extensions, why):
        if CHECKED:
            raise SystemExit(f"tidegate: the boundscheck build failed: {why}")
        self.leave_out(extensions)
        print(f"tidegate: {why}, using the interpreted kernels (slower)", flush=True)

    def leave_out(self, extensions):
        """Forget the extensions and remove what an earlier build left of them."""
        gone = {extension.name for extension in extensions}
        self.extensions = [extension for extension in self.extensions if extension.name not in gone]
        for name in gone:
            file = Path(self.get_ext_filename(name))
            for old in (ROOT / "src" / file, Path(self.build_lib) / file):
                old.unlink(missing_ok=True)


def knows(compiler, flag: str) -> bool:
    """Whether the C compiler takes a flag."""
    command = [*compiler.compiler_so, flag, "-E", "-x", "c", os.devnull]
    return subprocess.run(command, stdout=subprocess.DEVNULL, check=False).returncode == 0


def extensions() -> list[Extension]:
    """One extension per kernel file, and one for processors with AVX2."""
    if os.environ.get("TIDEGATE_PURE") == "1":
        return []
    sources = {f"tidegate.windows.{name}": KERNELS / f"{name}.py" for name in kernel_names()}
    sources[SHARED] = BUILD / "cython" / "_shared.c"
    flags = {name: [*FLAGS, *COLUMN_LOOPS.get(name, ())] for name in sources}
    if not CHECKED and sys.platform == "linux" and platform.machine() == "x86_64":
        sources[WIDE] = BUILD / "cython" / "program_avx2.c"
        flags[WIDE] = [*flags["tidegate.windows.program"], WIDE_FLAG]
    return [
        Extension(name, [str(source)], extra_compile_args=flags[name], optional=True)
        for name, source in sources.items()
    ]


setup(ext_modules=extensions(), cmdclass={"build_ext": BuildKernels})
