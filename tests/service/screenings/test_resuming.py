"""Work that is killed goes on at the step it was in, and comes to the same, byte for byte."""

import os
import re
from pathlib import Path

import pytest
from tests.service.screenings.office import Fail, Fatal, Forked, Holding, Office, seeded_moments

from tidegate.errors import FileError
from tidegate.service.screenings.screening import DONE, FAILED, RUNNING, STEPS

SEED = int(os.environ.get("TIDEGATE_SEED", "1"))


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory, sqlite_template):
    """What the list comes to where nobody dies."""
    folder = tmp_path_factory.mktemp("undisturbed") / "data"
    office = Office(f"sqlite:///{folder.parent / 'ledger.sqlite'}", folder)
    found = office.wait(office.enter())
    contents = office.contents(found.id)
    office.close()
    assert found.state == DONE
    assert {
        "secure.csv",
        "low_risk.csv",
        "high_risk.csv",
        "screening.xlsx",
        "result.ndjson",
        "summary.json",
    } <= set(contents)
    return contents


def test_a_process_killed_in_every_step_comes_to_the_same_in_the_end(open_office, undisturbed):
    fatal = Fatal(seeded_moments(SEED))
    office = open_office(launch=fatal)
    found = office.wait(office.enter())
    assert found.state == DONE, found
    assert len(fatal.died) == len(STEPS)
    assert office.contents(found.id) == undisturbed
    # each process found the outcomes of all steps that were done before, and died in the next one
    assert fatal.begun == [sorted(f"{step}.step.sealed" for step in STEPS[: max(0, n - 1)]) for n in range(5)]
    assert office.left_of(found.id) == sorted(
        ["list.sealed", "files", *(f"{name}.sealed" for name in undisturbed)]
    )


def test_a_step_that_always_kills_its_process_is_given_up_with_the_reason(open_office):
    fatal = Fatal([("checks", "within")] * 9)
    office = open_office(launch=fatal)
    found = office.wait(office.enter())
    assert found.state == FAILED
    assert "broke off 3 times" in found.sealed.problem
    assert len(fatal.died) == 3
    assert office.left_of(found.id) is None


def test_why_it_broke_off_is_told_without_what_stood_in_the_list(open_office):
    office = open_office(launch=lambda order: Forked(order, Fail("files")))
    found = office.wait(office.enter())
    assert found.state == FAILED
    assert found.sealed.problem == "it broke off 3 times at this step: no space left on device"
    office = open_office(launch=lambda order: Forked(order, Fail("checks")))
    found = office.wait(office.enter())
    assert re.fullmatch(
        r"it broke off 3 times at this step: ValueError at office.py:\d+", found.sealed.problem
    )


def test_a_stop_does_not_count_as_an_attempt_and_the_next_start_goes_on(open_office, undisturbed):
    holding = Holding("evidence")
    for _ in range(4):  # more often than a step may break off
        office = open_office(launch=holding)
        found = office.book.next_open()
        screening_id = office.enter() if found is None else found.id
        office.wait(screening_id, lambda found: found.step == "evidence" and holding.began())
        office.close()
        assert office.book.found(screening_id).state == RUNNING
    office = open_office()
    assert office.wait(screening_id).state == DONE
    assert office.contents(screening_id) == undisturbed


def test_a_folder_that_cannot_be_opened_again_is_worked_on_from_the_list(open_office, undisturbed):
    """What another version kept is no outcome: its step is done again."""
    fatal = Fatal([("files", "before")])
    office = open_office(launch=fatal)
    launch = office.screenings.runner._launch

    def spoiled(order):
        for path in Path(order.folder).glob("*.step.sealed"):
            path.write_bytes(path.read_bytes()[:-1])
        return launch(order)

    office.screenings.runner._launch = spoiled
    found = office.wait(office.enter())
    assert found.state == DONE
    assert office.contents(found.id) == undisturbed


def test_one_that_is_cancelled_before_its_process_is_there_has_none(open_office, monkeypatch):
    begun = []
    office = open_office(launch=begun.append, start=False)
    screening_id = office.enter()
    order = office.screenings.runner._order

    def cancelled(screening):
        made = order(screening)
        assert office.screenings.cancel(screening.id)
        return made

    monkeypatch.setattr(office.screenings.runner, "_order", cancelled)
    office.screenings.runner._work_on(office.book.next_open())
    assert begun == []
    assert office.left_of(screening_id) is None


def test_whatever_goes_wrong_the_next_one_has_its_turn(open_office):
    troubles = [RuntimeError("a mistake"), OSError("no more processes")]

    def troubled(order):
        if troubles:
            raise troubles.pop()
        return Forked(order)

    office = open_office(launch=troubled)
    found = office.wait(office.enter())
    assert (found.state, troubles) == (DONE, [])


def test_without_memory_to_open_it_in_a_list_is_not_screened_and_can_be_erased(open_office, tmp_path):
    office = open_office(scratch=str(tmp_path / "missing"))
    found = office.wait(office.enter())
    assert found.state == FAILED
    assert "no folder in memory" in found.sealed.problem
    assert "TIDEGATE_SCRATCH" in found.sealed.hint
    assert office.left_of(found.id) is None
    assert office.screenings.erase(found.id)


def test_a_folder_that_somebody_else_made_in_memory_is_not_used(open_office, tmp_path):
    office = open_office(scratch=str(tmp_path))
    office.screenings.runner.stop()
    screening_id = office.enter()
    (tmp_path / f"tidegate-{screening_id}").symlink_to(tmp_path / "data")
    with pytest.raises(FileError, match="somebody else"):
        office.screenings.cancel(screening_id)
    assert (tmp_path / "data").exists()


def test_steps_of_one_that_is_done_do_not_outlive_the_next_start(open_office):
    office = open_office()
    found = office.wait(office.enter())
    left = office.left_of(found.id)
    step = office.folder / "screenings" / found.id / "checks.step.sealed"
    step.write_bytes(b"what a server that died did not remove")
    office.screenings._tidy()
    assert office.left_of(found.id) == left
