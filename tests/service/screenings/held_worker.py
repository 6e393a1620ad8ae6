"""The process that works on a screening, stopping in the step that HELD_STEP names; who it is, it writes into the file HELD_PID."""

import os
import sys
from pathlib import Path

from tests.service.screenings.office import Hold

from tidegate.service.screenings import worker

if __name__ == "__main__":
    Path(os.environ["HELD_PID"]).write_text(str(os.getpid()))
    Hold(os.environ["HELD_STEP"])()
    sys.exit(worker.main())
