"""Plain words are kept for good: what is different at every event is none."""

import json

from tests.policies.messenger.worlds import T0, message

import tidegate as tg
from tidegate.engine.names import WORDS
from tidegate.events import decode_lines
from tidegate.policies.messenger import policy


def test_ids_of_messages_are_not_kept():
    engine, kept = tg.Engine(policy), []
    for start in (0, 40):
        sent = [
            message(T0 + n, message_id=f"m{n}", keyword_classes=["a", "b"]) for n in range(start, start + 40)
        ]
        lines = [json.dumps({"event_id": f"e{start + n}", **one}).encode() for n, one in enumerate(sent)]
        engine.step(decode_lines(lines).block)
        kept.append(len(engine.plan.names.spaces[WORDS]))
    assert kept[0] == kept[1]
