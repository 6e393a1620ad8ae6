"""The shortest window: the judged event, and what came in the same millisecond."""

import tidegate as tg

INSTANT = tg.seconds(0.001)
