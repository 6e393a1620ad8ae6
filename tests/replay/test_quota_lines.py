"""Lines of events that do nothing but exceed quotas: written in parts, to the byte what the whole decision would be."""

import json

import tidegate as tg
from tidegate.engine import Decision
from tidegate.events import decode_lines
from tidegate.events.registry import BY_CODE
from tidegate.journal.decision_lines import DecisionLines
from tidegate.policies.messenger import policy

START = 1_772_443_800_000


def test_a_plain_event_that_exceeds_quotas_is_written_as_its_decision():
    events = [
        {"event_id": f'{{"fired":[]}} {n}', "type": "message_sent", "ts": START + 7 * n, "account_id": f"a{n % 3}",
         "recipient_id": "b\\", "link_hashes": [], "message_type": "image", "media_width": 1300 + n, "media_height": 9}
        for n in range(9)
    ]  # fmt: skip
    events.append({"event_id": "other", "type": "group_joined", "ts": START + 900, "group_id": "g"})
    block = decode_lines([json.dumps(event).encode() for event in events]).block
    judged = tg.Engine(policy).step(block)
    assert not judged.closer
    text = DecisionLines(policy.stamp(), [quota.id for quota in policy.quotas])
    wholes = [
        text.line(
            Decision(
                record.event_id, int(block.ts[i]), BY_CODE[int(block.codes[i])].type_name,
                record.account_id if isinstance(record.account_id, str) else None,
                fired=judged.quotas_of(i), undecided=judged.patterns[int(judged.pattern[i])],
            )
        )
        for i, record in enumerate(block.records)
    ]  # fmt: skip
    assert b"".join(text.lines(block, judged, {}, plain=True)) == b"".join(wholes)
    entries = [[entry["rule"] for entry in json.loads(line)["fired"]] for line in wholes]
    assert entries[-1] == []
    assert entries[0] == ["msg.prefer-3-day-contacts", "msg.image-under-1200px"]
    assert entries[3] == ["msg.quota-interval-90s", "msg.image-under-1200px"]
