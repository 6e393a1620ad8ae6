"""How an account stands, by its measures: the word, the incidents, and what does not count."""

import pytest

from tidegate.ledger.standing import Holder
from tidegate.service.standing.answers import Standing, standing_of

AT = 1_772_443_800_000


def row(effect="deny", capability=("send",), until=None, cause="msg.burst", appealed=False):
    return {
        "effect": effect,
        "capability": list(capability),
        "until": until,
        "cause": cause,
        "appealed": appealed,
    }


ALL = ("all",)
BAN = row(capability=ALL)
PAST, LATER = AT, AT + 1


@pytest.mark.parametrize(
    ("rows", "word", "incidents"),
    [
        ([], "good", (0, 0)),
        ([BAN], "banned", (1, 1)),
        ([row(capability=ALL, until=LATER)], "suspended", (1, 1)),
        ([row(capability=ALL, until=PAST)], "good", (1, 1)),
        ([row(until=LATER)], "restricted", (1, 1)),
        ([row()], "restricted", (1, 1)),
        ([row("throttle", ALL, LATER)], "restricted", (1, 1)),
        ([row("challenge", ("login",), LATER)], "restricted", (1, 1)),
        ([row("none", ALL, LATER)], "good", (1, 1)),
        ([row(capability=ALL, until=LATER), BAN, row(until=LATER)], "banned", (2, 4)),
        ([row(until=PAST)] * 4, "good", (2, 4)),
        ([row(until=PAST)] * 5, "good", (5, None)),
        ([row(capability=ALL, appealed=True)], "good", (0, 0)),
        ([row(capability=ALL, until=LATER, cause="login.impossible-travel")], "restricted", (0, 0)),
        ([row(capability=ALL, cause="reg.many-accounts")], "banned", (0, 0)),
        ([row(until=LATER, cause="device.shared")], "restricted", (0, 0)),
    ],
)
def test_how_an_account_stands(rows, word, incidents):
    assert standing_of(Holder(b"", rows), AT) == Standing(word, incidents)


@pytest.mark.parametrize(
    ("word", "incidents", "adverse"),
    [("good", (0, 0), False), ("good", (1, 1), True), ("restricted", (0, 0), True), ("banned", (2, 4), True)],
)
def test_what_speaks_against_an_account(word, incidents, adverse):
    assert Standing(word, incidents).adverse is adverse
