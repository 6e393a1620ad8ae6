"""A server that is installed without what only screenings need."""

import subprocess
import sys

ONLY_SCREENINGS = (
    "aiosmtplib",
    "charset_normalizer",
    "phonenumbers",
    "python_calamine",
    "typst",
    "xlsxwriter",
)
START = """
import sys
import tidegate.service.app
import tidegate.service.parts
from tidegate.service.routes import all_routers
from tidegate.service.screenings import runner, schedules, screenings
all_routers()
print(*(name for name in sys.argv[1:] if name in sys.modules))
"""


def test_a_server_needs_nothing_of_the_extra_for_screenings_to_start():
    told = subprocess.run(
        [sys.executable, "-c", START, *ONLY_SCREENINGS], capture_output=True, text=True, check=True
    )
    assert told.stdout.split() == []
