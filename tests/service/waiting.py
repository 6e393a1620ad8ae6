"""Waiting for what comes about: as long as it takes on a busy machine, and not for ever."""

import asyncio
import time

WAIT_S = 180  # nobody waits that long where all is well
ASK_S = 0.05  # a key may ask 50 times a second


async def until(holds):
    """Wait until something holds, while the loop runs."""
    async with asyncio.timeout(WAIT_S):
        while not holds():  # noqa: ASYNC110  others than coroutines make it hold
            await asyncio.sleep(0.005)


def eventually(holds):
    """Wait until something holds that threads or processes bring about; return what it gave."""
    give_up = time.monotonic() + WAIT_S
    while not (found := holds()):
        assert time.monotonic() < give_up, "it did not come about"
        time.sleep(ASK_S)
    return found
