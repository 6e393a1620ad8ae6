"""The audit log: whatever is done to it behind its back is found."""

import shutil

import pytest
import sqlalchemy as sa

from tidegate.ledger import Ledger
from tidegate.ledger.tables_access import audit
from tidegate.service.access.audit import ERASED, Audit
from tidegate.service.access.audit_check import check_audit
from tidegate.service.access.audit_entry import Details, commitment_of, hash_of, signature_of
from tidegate.service.access.audit_head import Head


@pytest.fixture
def filled(log, clock):
    """Six entries, the first of them its beginning."""
    for n in range(5):
        clock.ms += 1000
        log.write(
            "ann", "sanction.lift", subject=f"a{n}", reason=f"reason {n}", before={"n": n}, after={"n": -n}
        )
    return log


def execute(log, statement):
    with log.database.writing() as connection:
        connection.execute(statement)


def test_what_was_written_is_there_and_sound(filled):
    entries = filled.entries()
    assert [e.seq for e in entries] == [1, 2, 3, 4, 5, 6]
    last = entries[-1].data()
    assert last | {"at": ""} == {
        "seq": 6, "at": "", "actor": "ann", "action": "sanction.lift", "subject": "a4",
        "reason": "reason 4", "before": {"n": 4}, "after": {"n": -4},
    }  # fmt: skip
    assert check_audit(filled).data()["problems"] == []
    assert [e.seq for e in filled.entries(subject="a2")] == [4]


def change(**values):
    return sa.update(audit).where(audit.c.seq == 3).values(**values)


TAMPERED = {
    "the actor": (change(actor="bob"), "entry 3 was changed"),
    "the action": (change(action="sanction.confirm"), "entry 3 was changed"),
    "the time": (change(at=audit.c.at + 1), "entry 3 was changed"),
    "the commitment": (change(commitment=bytes(32)), "entry 3 was changed"),
    "the hash": (change(hash=bytes(32)), "entry 3 was changed"),
    "the signature": (change(signature=bytes(32)), "entry 3 was changed"),
    "the link": (change(previous=bytes(32)), "entry 3 does not follow the one before it"),
    "the details": (change(details=b"x" * 100), "entry 3: its details do not open"),
    "the details, away": (change(details=None, key_id=None), "entry 3: its details were removed"),
    "whose it is": (change(subject=bytes(16)), "entry 3: it is filed under another account"),
    "an entry, away": (sa.delete(audit).where(audit.c.seq == 3), "entry 3 is missing"),
    "two entries, away": (sa.delete(audit).where(audit.c.seq.in_((3, 4))), "entries 3 to 4 are missing"),
    "the first, away": (sa.delete(audit).where(audit.c.seq == 1), "entry 1 is missing"),
    "the last, away": (sa.delete(audit).where(audit.c.seq == 6), "the end was cut off"),
    "the last three, away": (sa.delete(audit).where(audit.c.seq > 3), "the end was cut off"),
    "all of it, away": (sa.delete(audit), "the end was cut off"),
}


@pytest.mark.parametrize("what", TAMPERED)
def test_a_change_behind_its_back_is_found(filled, what):
    statement, problem = TAMPERED[what]
    execute(filled, statement)
    found = check_audit(filled)
    assert not found.sound
    assert any(problem in text for text in found.problems), found.problems


def test_two_entries_in_each_other_s_place_are_found(filled):
    with filled.database.writing() as connection:
        for old, new in ((3, 99), (4, 3), (99, 4)):
            connection.execute(sa.update(audit).where(audit.c.seq == old).values(seq=new))
    problems = check_audit(filled).problems
    assert any("entry 3" in text for text in problems)
    assert any("entry 4" in text for text in problems)


def test_details_of_one_entry_do_not_pass_for_another_s(filled):
    with filled.database.writing() as connection:
        row = connection.execute(sa.select(audit).where(audit.c.seq == 4)).one()
        connection.execute(change(details=row.details, key_id=row.key_id))
    assert "entry 3: its details do not open" in check_audit(filled).problems


def test_who_rewrites_the_whole_chain_without_the_key_is_found(filled):
    with filled.database.writing() as connection:
        rows = connection.execute(sa.select(audit).order_by(audit.c.seq)).all()
        previous = bytes(32)
        for row in rows:
            actor = "bob" if row.seq == 3 else row.actor
            digest = hash_of(row.seq, row.at, actor, row.action, bytes(row.commitment), previous)
            forged = {"actor": actor, "hash": digest, "previous": previous}
            forged["signature"] = signature_of(b"not the key", digest)
            connection.execute(sa.update(audit).where(audit.c.seq == row.seq).values(**forged))
            previous = digest
    assert "entry 3 was changed" in check_audit(filled).problems


def test_an_entry_added_without_the_key_is_found(filled):
    newest = filled.head.read()
    encoded = Details("a1").encode()
    digest = hash_of(7, 1, "bob", "key.create", commitment_of(encoded), newest.hash)
    row = {
        "seq": 7, "at": 1, "actor": "bob", "action": "key.create", "commitment": commitment_of(encoded),
        "previous": newest.hash, "hash": digest, "signature": signature_of(bytes(32), digest),
        "subject": None, "key_id": 1, "details": encoded,
    }  # fmt: skip
    execute(filled, sa.insert(audit).values(row))
    assert "entry 7 was changed" in check_audit(filled).problems


@pytest.mark.parametrize("content", [None, "", "{}", '{"seq": 2, "hash": "00", "signature": "00"}'])
def test_the_note_of_its_end_may_not_be_missing_or_forged(filled, content):
    filled.head.path.unlink()
    if content is not None:
        filled.head.path.write_text(content)
    assert not check_audit(filled).sound


def test_an_older_state_put_back_is_found_by_an_end_noted_elsewhere(filled, tmp_path):
    shutil.copy(filled.head.path, tmp_path / "old")
    filled.write("ann", "key.revoke")
    noted = filled.head.read()
    execute(filled, sa.delete(audit).where(audit.c.seq == 7))
    shutil.copy(tmp_path / "old", filled.head.path)
    assert check_audit(filled).sound  # nothing here can tell
    assert "the end was cut off" in check_audit(filled, Head.parse(str(noted))).problems[0]


def test_a_crash_between_entry_and_note_is_no_tampering(filled):
    with filled.database.writing() as connection:
        filled.add(connection, "ann", "key.create", Details())
    assert check_audit(filled).sound
    filled.write("ann", "key.revoke")
    assert check_audit(filled).data()["entries"] == 8


def test_an_empty_log_is_never_right(log, ring, tmp_path, clock, database):
    execute(log, sa.delete(audit))
    log.head.path.unlink()
    assert not check_audit(log).sound
    execute(log, sa.delete(audit))
    Audit(database, ring, tmp_path / "data", clock.now)
    assert check_audit(log).data()["entries"] == 1


def test_an_erasure_leaves_no_word_and_a_chain_that_closes(filled):
    with filled.recording("ann", "x.before", subject="a2"):
        pass
    with filled.database.writing() as connection:
        numbers = filled.forget(connection, "a2")
        head = filled.add(
            connection, "ann", ERASED, Details(reason="asked for it", after={"entries": numbers})
        )
    filled.head.advance(head)
    found = check_audit(filled)
    assert (found.sound, found.erased, numbers) == (True, 2, [4, 7])
    assert filled.entries(subject="a2") == []
    assert "a2" not in str([e.data() for e in filled.entries()])
    with filled.database.reading() as connection:
        rows = connection.execute(sa.select(audit).where(audit.c.seq.in_(numbers))).all()
    assert [(r.subject, r.key_id, r.details) for r in rows] == [(None, None, None)] * 2


def test_details_are_not_readable_in_the_database(filled):
    with filled.database.reading() as connection:
        row = connection.execute(sa.select(audit).where(audit.c.seq == 4)).one()
    for value in row:
        assert b"reason 2" not in (value if isinstance(value, bytes) else str(value).encode())


def test_after_a_rotation_old_entries_are_sealed_again_and_the_chain_is_the_same(filled, clock):
    before = filled.head.read()
    filled.ring.rotate(clock.ms)
    assert filled.reseal() == 6
    with filled.database.reading() as connection:
        assert set(connection.scalars(sa.select(audit.c.key_id))) == {2}
    assert check_audit(filled).head == before
    assert check_audit(filled).sound


def test_a_change_that_fails_leaves_no_entry(filled):
    with pytest.raises(ZeroDivisionError), filled.recording("ann", "key.create"):
        1 / 0  # noqa: B018
    assert check_audit(filled).data()["entries"] == 6


def test_what_is_left_of_an_erased_entry_names_nobody(filled):
    with filled.recording("root", ERASED, after={"entries": [3]}) as connection:
        connection.execute(change(subject=None, key_id=None, details=None))
    assert check_audit(filled).sound
    execute(filled, change(subject=bytes(16)))
    assert "entry 3: its details were removed, but not whom it is filed under" in check_audit(filled).problems


@pytest.mark.parametrize("column", ["at", "actor", "commitment", "previous", "hash", "signature"])
def test_a_column_that_holds_something_else_is_a_finding(tmp_path, ring, clock, column):
    """SQLite keeps whatever is put into a column."""
    ledger = Ledger.open(tmp_path / "books.sqlite")
    log = Audit(ledger.database, ring, tmp_path / "data", clock.now)
    for n in range(5):
        log.write("ann", "sanction.lift", subject=f"a{n}")
    for number, value in ((3, "x''"), (4, "'word'")):
        execute(log, sa.text(f"UPDATE audit SET {column} = {value} WHERE seq = {number}"))  # noqa: S608  ours
    found = check_audit(log)
    assert {3, 4} <= {n for n in range(7) for text in found.problems if f"entry {n} " in text}
    ledger.close()
