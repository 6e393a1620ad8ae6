"""The figures of the page about accuracy against naive ones, and the page against a pool of which all is counted by hand."""

import re
from collections import Counter

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.examples.made_up_sets import write_sets
from tests.examples.scripts import DATA, ROOT, needs_data, script

PAGE = ROOT / "docs" / "screening-accuracy.md"
SETS = ("collegemsg", "copenhagen_networks", "cresci2017_ddna", "sichuan_telecom_fraud")
Z = 1.959964
PAIRS = st.lists(st.tuples(st.sampled_from(["true", "false", "unknown"]), st.booleans()))


@pytest.fixture(scope="module")
def modules():
    return script("accuracy_figures"), script("screening_accuracy")


def end_of_interval(part, whole, *, upper):
    """The share whose own chance variation just reaches what was seen, by halving."""
    seen = part / whole
    inner, outer = seen, float(upper)
    for _ in range(40):
        middle = (inner + outer) / 2
        reached = abs(middle - seen) <= Z * (middle * (1 - middle) / whole) ** 0.5
        inner, outer = (middle, outer) if reached else (inner, middle)
    return inner


@settings(max_examples=40)
@given(whole=st.integers(1, 5000), data=st.data())
def test_the_interval_ends_where_chance_no_longer_reaches_what_was_seen(modules, whole, data):
    part = data.draw(st.integers(0, whole))
    low, high = modules[0].Share(part, whole).interval
    assert low == pytest.approx(end_of_interval(part, whole, upper=False), abs=1e-6)
    assert high == pytest.approx(end_of_interval(part, whole, upper=True), abs=1e-6)


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    [
        (0, 0, "-"),
        (0, 10, "0 % (0 to 28)"),
        (10, 10, "100 % (72 to 100)"),
        (8, 10, "80 % (49 to 94)"),
        (1, 1000, "0.1 % (0.0 to 0.6)"),
    ],
)
def test_shares_are_shown_with_their_interval(modules, part, whole, text):
    assert str(modules[0].Share(part, whole)) == text


@settings(max_examples=40)
@given(PAIRS)
def test_precision_recall_and_accuracy_are_those_of_plain_counting(modules, pairs):
    found = modules[0].Confusion.of(pairs)
    flagged = [truth for verdict, truth in pairs if verdict == "true"]
    holds = [verdict for verdict, truth in pairs if truth]
    clean = [verdict for verdict, truth in pairs if not truth]
    assert found.precision == (sum(flagged), len(flagged))
    assert found.recall == (holds.count("true"), len(holds))
    assert found.false_alarms == (clean.count("true"), len(clean))
    assert found.accuracy == (sum((verdict == "true") is truth for verdict, truth in pairs), len(pairs))


@settings(max_examples=40)
@given(PAIRS)
def test_precision_at_the_share_of_the_pool_itself_is_its_precision(modules, pairs):
    found = modules[0].Confusion.of(pairs)
    assume(found.flagged and found.all_of(truth=True) and found.all_of(truth=False))
    own = found.all_of(truth=True) / len(pairs)
    assert found.precision_at(own) == pytest.approx(found.precision.value)


def test_precision_falls_with_the_share_of_a_pool(modules):
    found = modules[0].Confusion(
        Counter({("true", True): 90, ("false", True): 10, ("true", False): 10, ("false", False): 90})
    )
    assert found.precision_at(0.5) == pytest.approx(0.9)
    assert found.precision_at(0.1) == pytest.approx(0.5)
    assert found.precision_at(0) == 0


@pytest.mark.parametrize(
    ("verdicts", "whole"),
    [
        (("true", "unknown"), "true"),
        (("false", "true"), "true"),
        (("false", "false"), "false"),
        (("false", "unknown"), "unknown"),
    ],
)
def test_a_dimension_is_true_where_a_check_is_and_false_where_all_are(modules, verdicts, whole):
    from screened_pool import CHECKS, Judged

    checks = dict(zip(CHECKS["stolen"], verdicts, strict=True))
    assert Judged("a", {}, frozenset(), checks, "secure").verdict("stolen") == whole


def test_a_pool_goes_through_screening_to_a_page_of_what_was_counted(modules, tmp_path, monkeypatch):
    script = modules[1]
    assumed = script.Assumed(stolen_share=0.4, fake_share=0.4)
    monkeypatch.setattr(script, "WORLDS", {"as above": (assumed, script.SEED)})
    levels, worlds = script.measured(write_sets(tmp_path / "sets"), tmp_path, "test")
    text = script.page(levels, worlds)
    accounts = levels[script.MOST]
    assert worlds["as above"] == accounts
    honest = [one for one in accounts if not any(one.truth.values())]
    in_tiers = Counter(one.tier for one in honest)
    row = cells(text, "list, events, answers", "honest")
    assert row[2] == f"{len(honest)}"
    assert [int(cell.split()[0]) for cell in row[3:]] == [
        in_tiers[tier] for tier in ("secure", "low", "high")
    ]
    flagged = {
        one.id
        for one in accounts
        if "true" in (one.checks["screen.stolen-cross-region"], one.checks["screen.stolen-unfamiliar-device"])
    }
    stolen = {one.id for one in accounts if one.truth["stolen"]}
    assert stolen & flagged
    row = cells(text, "stolen", "list, events, answers")
    assert row[2:4] == [str(len(stolen)), str(len(flagged))]
    assert row[4].split(" %")[0] == f"{100 * len(stolen & flagged) / len(flagged):.0f}"
    assert "nan" not in text
    assert "{" not in text
    script.draw(levels, tmp_path / "picture.png")
    assert (tmp_path / "picture.png").read_bytes().startswith(b"\x89PNG")


def cells(text, *begin):
    line = next(line for line in text.splitlines() if line.startswith("| " + " | ".join(begin) + " |"))
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_the_page_states_the_assumptions_and_the_worlds_that_are_measured(modules):
    import accuracy_page

    text = PAGE.read_text("utf-8")
    assert accuracy_page.assumed_table() in text
    assert all(f"\n| {name} | " in text for name in modules[1].WORLDS)
    texts = [value for name, value in vars(accuracy_page).items() if name.isupper() and name.startswith("_")]
    prose = [part for part in texts if "{" not in part]
    assert len(prose) > 8
    assert all(part in text for part in prose)


@needs_data(*SETS)
def test_the_page_counts_the_accounts_that_the_data_sets_give(modules):
    """Of the whole page this is what takes no replay; `make docs` makes all of it anew."""
    from labelled_pool import half_of
    from pool_accounts import labelled_accounts
    from real_accounts import real_accounts

    script, text = modules[1], PAGE.read_text("utf-8")
    real = real_accounts(DATA, int(script.Assumed().college_day))
    accounts = [
        one for one in labelled_accounts(real, script.Assumed(), script.SEED) if half_of(one.id) == "test"
    ]
    truly = {
        "stolen": sum(bool(one.takeover) for one in accounts),
        "fake": sum(one.fake for one in accounts),
        "non-compliant": sum(one.non_compliant for one in accounts),
        "invalid": sum(one.invalid for one in accounts),
    }
    for name, count in truly.items():
        assert cells(text, name, script.MOST)[2] == str(count)
    assert int(cells(text, script.MOST, "honest")[2].replace(",", "")) == sum(one.honest for one in accounts)
    assert re.search(rf"the {len(accounts):,} of the test half", text)
