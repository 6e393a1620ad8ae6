"""Which file a kernel is loaded from: its extension, its source, or the extension of another build."""

import os
import shutil
import subprocess
import sys
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path

import pytest

from tidegate import windows

ROOT = Path(__file__).resolve().parent.parent
KERNELS = ROOT / "src" / "tidegate" / "windows"
NAMES = sorted({path.stem for path in KERNELS.glob("*.py")} - set(windows.PLAIN))
SHOW = "from tidegate import windows; import {} as kernel; print(windows.COMPILED, kernel.__file__)"


def load(name: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """A fresh interpreter that loads one kernel and prints COMPILED and the file."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith("TIDEGATE_")}
    command = [sys.executable, "-c", SHOW.format(f"tidegate.windows.{name}")]
    return subprocess.run(command, env=clean | environment, capture_output=True, text=True, check=False)


@pytest.fixture
def no_wishes(monkeypatch: pytest.MonkeyPatch):
    """An environment that asks for no kernels in particular."""
    for name in ("TIDEGATE_INTERPRETED", "TIDEGATE_KERNELS"):
        monkeypatch.delenv(name, raising=False)


def test_the_interpreted_sources_can_be_forced():
    run = load(NAMES[0], TIDEGATE_INTERPRETED="1")
    assert run.stdout.split() == ["False", str(KERNELS / f"{NAMES[0]}.py")], run.stderr


def test_a_folder_without_kernels_is_an_error_and_not_a_slow_run(tmp_path: Path):
    run = load(NAMES[0], TIDEGATE_KERNELS=str(tmp_path))
    assert run.returncode == 1
    assert f"no compiled kernels in `{tmp_path}`" in run.stderr


@pytest.mark.skipif(not shutil.which("cc"), reason="no C compiler: kernels run interpreted here")
def test_every_kernel_compiles_where_there_is_a_compiler():
    missing = [name for name in NAMES if not list(KERNELS.glob(f"{name}.cpython-*"))]
    assert missing == [], "see build/kernels.log"


@pytest.mark.usefixtures("no_wishes")
def test_an_extension_older_than_its_source_is_not_used(tmp_path: Path):
    package = tmp_path / "src" / "tidegate" / "windows"
    package.mkdir(parents=True)
    (tmp_path / "setup.py").touch()
    source, extension = package / "stale.py", package / f"stale{EXTENSION_SUFFIXES[0]}"
    source.touch()
    extension.touch()
    os.utime(source, (2000, 2000))
    os.utime(extension, (1000, 1000))
    with pytest.warns(RuntimeWarning, match="older than their sources, so all run interpreted: stale"):
        assert windows._usable(package) == {}
    os.utime(extension, (3000, 3000))
    assert windows._usable(package) == {"stale": extension}


@pytest.mark.usefixtures("no_wishes")
@pytest.mark.parametrize("without", ["missing", "outdated"])
def test_without_one_of_the_extensions_none_is_used(tmp_path: Path, without: str):
    """They are linked to one another: a source does not run with the extension of what it is built on."""
    package = tmp_path / "src" / "tidegate" / "windows"
    package.mkdir(parents=True)
    (tmp_path / "setup.py").touch()
    extensions = {name: package / f"{name}{EXTENSION_SUFFIXES[0]}" for name in ("base", "kernel")}
    for name, extension in extensions.items():
        (package / f"{name}.py").touch()
        extension.touch()
        os.utime(package / f"{name}.py", (2000, 2000))
    assert windows._usable(package) == extensions
    for name, extension in extensions.items():
        if without == "missing":
            extension.unlink()
            assert windows._usable(package) == {}, name
        else:
            os.utime(extension, (1000, 1000))
            with pytest.warns(RuntimeWarning, match=name):
                assert windows._usable(package) == {}
        extension.touch()


@pytest.mark.usefixtures("no_wishes")
def test_file_times_mean_nothing_outside_a_checkout(tmp_path: Path):
    package = tmp_path / "site-packages" / "tidegate" / "windows"
    package.mkdir(parents=True)
    source, extension = package / "kernel.py", package / f"kernel{EXTENSION_SUFFIXES[0]}"
    source.touch()
    extension.touch()
    os.utime(extension, (1000, 1000))
    assert windows._usable(package) == {"kernel": extension}


@pytest.mark.usefixtures("no_wishes")
def test_the_wide_build_of_a_kernel_is_used_where_the_processor_has_avx2(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    narrow, wide = (tmp_path / f"{name}{EXTENSION_SUFFIXES[0]}" for name in ("kernel", "kernel_avx2"))
    (tmp_path / "kernel.py").touch()
    wide.touch()
    for has, expected in ((True, wide), (False, narrow)):
        monkeypatch.setattr(windows, "_has_avx2", lambda has=has: has)
        narrow.unlink(missing_ok=True)
        assert windows._usable(tmp_path) == {}, "a wide build alone is no kernel"
        narrow.touch()
        assert windows._usable(tmp_path) == {"kernel": expected}


@pytest.mark.usefixtures("no_wishes")
def test_a_wide_build_older_than_the_source_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    package = tmp_path / "src" / "tidegate" / "windows"
    package.mkdir(parents=True)
    (tmp_path / "setup.py").touch()
    narrow, wide = (package / f"kernel{end}{EXTENSION_SUFFIXES[0]}" for end in ("", "_avx2"))
    for path, time in ((package / "kernel.py", 2000), (narrow, 3000), (wide, 1000)):
        path.touch()
        os.utime(path, (time, time))
    monkeypatch.setattr(windows, "_has_avx2", lambda: True)
    assert windows._usable(package) == {"kernel": narrow}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("processor : 0\nflags\t\t: fpu avx avx2 fma\n\nprocessor : 1\n", True),
        ("processor : 0\nflags\t\t: fpu avx avx512vl\n\n", False),
        ("processor : 0\nmodel name : avx2\n\n", False),
        ("", False),
    ],
)
def test_what_linux_says_about_the_processor(tmp_path: Path, text: str, expected: bool):
    cpus = tmp_path / "cpuinfo"
    assert windows._has_avx2(cpus) is False
    cpus.write_text(text)
    assert windows._has_avx2(cpus) is expected
