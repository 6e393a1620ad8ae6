"""Answers are kept for some days, in a file that tells nobody else anything."""

import sqlite3
import stat

import pytest
from tests.screening.providers.local_server import NOW, Hand

from tidegate.screening.providers.answer_cache import DAY_MS, AnswerCache, Kept
from tidegate.screening.providers.provider import Answer, Unanswered

NUMBERS = [f"+49151234567{i:02}" for i in range(8)]


class Book:
    """A provider that looks into a dict; `asked` are the numbers it was asked about."""

    def __init__(self, facts, clock, name="book", tells=("is_suspended", "number_type")):
        self.facts, self.clock, self.name, self.tells = facts, clock, name, frozenset(tells)
        self.kind, self.basis, self.asked = "book", "a basis", []

    def ask(self, numbers):
        for number in numbers:
            self.asked.append(number)
            if self.facts.get(number) == "broken":
                yield Unanswered(number, "it fails")
            else:
                yield Answer(number, self.facts.get(number, {}), self.clock.now_ms(), self.name)


@pytest.fixture
def hand():
    return Hand()


def kept(tmp_path, hand, facts=None, secret="s" * 32, keep_days=30, **parts):
    book = Book(
        {NUMBERS[0]: {"is_suspended": True, "number_type": "virtual"}} if facts is None else facts,
        hand.clock,
        **parts,
    )
    cache = AnswerCache(tmp_path / "answers.sqlite")
    return book, Kept(book, cache, secret, keep_days, hand.clock), cache


def ask(tmp_path, hand, numbers=NUMBERS, **parts):
    """Ask once, over a file opened for it; return the answers by number and what the provider was asked."""
    book, provider, cache = kept(tmp_path, hand, **parts)
    with cache:
        found = {one.number: one for one in provider.ask(numbers)}
    return found, book.asked


def test_what_was_told_is_not_asked_again_until_it_is_too_old(tmp_path, hand):
    first, asked = ask(tmp_path, hand)
    assert asked == NUMBERS
    hand.at_s = 30 * 86_400 - 1
    again, asked = ask(tmp_path, hand, facts={})
    assert asked == []
    assert {n: one.facts for n, one in again.items()} == {n: one.facts for n, one in first.items()}
    assert all(one.cached and one.at_ms == NOW for one in again.values())
    hand.at_s += 1
    _, asked = ask(tmp_path, hand, facts={})
    assert asked == NUMBERS


def test_failures_are_not_kept(tmp_path, hand):
    ask(tmp_path, hand, facts={NUMBERS[1]: "broken"})
    _, asked = ask(tmp_path, hand)
    assert asked == [NUMBERS[1]]


@pytest.mark.parametrize("other", [{"secret": "t" * 32}, {"name": "other"}, {"tells": ("is_suspended",)}])
def test_answers_to_another_question_or_under_another_secret_do_not_count(tmp_path, hand, other):
    ask(tmp_path, hand)
    assert ask(tmp_path, hand, **other)[1] == NUMBERS


def test_what_was_paid_for_is_kept_when_the_reader_stops(tmp_path, hand):
    _, provider, cache = kept(tmp_path, hand)
    with cache:
        answers = provider.ask(NUMBERS)
        next(answers)
        answers.close()
    assert ask(tmp_path, hand)[1] == NUMBERS[1:]


def test_the_file_tells_nothing_and_belongs_to_its_owner(tmp_path, hand):
    ask(tmp_path, hand)
    file = tmp_path / "answers.sqlite"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    content = file.read_bytes()
    for word in (*NUMBERS, NUMBERS[0][1:], "virtual", "is_suspended"):
        assert word.encode() not in content, word


def test_answers_that_are_too_old_leave_the_file(tmp_path, hand):
    ask(tmp_path, hand)
    hand.at_s = 31 * DAY_MS / 1000
    ask(tmp_path, hand, numbers=[])
    with sqlite3.connect(tmp_path / "answers.sqlite") as connection:
        assert connection.execute("SELECT count(*) FROM answers").fetchone() == (0,)
    connection.close()


@pytest.mark.parametrize("change", ["sealed = x'00'", "at = at + 1", "sealed = zeroblob(60)"])
def test_an_answer_that_was_tampered_with_is_asked_for_again(tmp_path, hand, change):
    ask(tmp_path, hand)
    with sqlite3.connect(tmp_path / "answers.sqlite") as connection:
        connection.execute(f"UPDATE answers SET {change}")  # noqa: S608  of the table above
    connection.close()
    found, asked = ask(tmp_path, hand)
    assert asked == NUMBERS
    assert found[NUMBERS[0]].facts["is_suspended"] is True
