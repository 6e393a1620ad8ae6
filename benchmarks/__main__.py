"""All benchmarks, one process each, then the page: `python -m benchmarks [--full] [NAME ...]`."""

from __future__ import annotations

import argparse
import subprocess
import sys
import time

from benchmarks.measure import console
from benchmarks.page import ORDER, PAGE, write_page


def main() -> int:
    """Run the benchmarks named, or all; return the number of those that failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", default=ORDER, metavar="NAME", help=", ".join(ORDER))
    parser.add_argument("--full", action="store_true", help="the sizes of the promises")
    given = parser.parse_args()
    unknown = set(given.names) - set(ORDER)
    if unknown:
        parser.error(f"no benchmark `{min(unknown)}`; there are {', '.join(ORDER)}")
    begun = time.perf_counter()
    failed = 0
    for name in given.names:
        command = [sys.executable, "-m", f"benchmarks.{name}", *(["--full"] if given.full else [])]
        failed += subprocess.run(command, check=False).returncode != 0
    write_page()
    console.print(f"{time.perf_counter() - begun:.0f} s; written to benchmarks/results/ and {PAGE.name}")
    return failed


if __name__ == "__main__":
    sys.exit(main())
