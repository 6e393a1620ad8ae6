"""Lines of few events are put together one by one: byte for byte those of many."""

import json

from tests.policies.messenger.worlds import event

import tidegate as tg
from tidegate.events import decode_lines
from tidegate.journal.decision_lines import DecisionLines
from tidegate.policies.loading import load_policy

START = 1_772_443_800_000


def test_a_line_by_itself_is_that_of_a_block_with_quotas_with_undecided_rules_and_with_measures():
    policy = load_policy("messenger")
    events = [
        event(
            "message_sent",
            START + 2000 * n,
            f"a{n % 3}" if n % 7 else None,
            recipient_id=f"b{n}",
            event_id=f"é{n}",
        )
        for n in range(90)
    ]
    block = decode_lines([json.dumps(e).encode() for e in events]).block
    judged = tg.Engine(policy).step(block)
    text = DecisionLines(policy.stamp(), [quota.id for quota in policy.quotas])
    many = list(text.lines(block, judged, {i: text.line(d) for i, d in judged.closer.items()}, plain=True))
    assert [text.one(block.records[i], judged, i) for i in range(len(block))] == many
    plain = [line for i, line in enumerate(many) if i not in judged.closer]
    assert sum(b'"quota":"exceeded"' in line for line in plain) > 10
    assert sum(b'"undecided":["' in line for line in plain) > 10
    assert len(judged.closer) > 10
