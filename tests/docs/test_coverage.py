"""Every row of the catalogue that a policy is made of is built and tested, or stands on the list of open ones with a reason."""

import pytest
from tests.docs import coverage, screening_coverage

CATALOGUE = coverage.ROOT.parent / "shared" / "spec" / "catalogue" / "risk_catalogue.yaml"
ROWS = [row for row in coverage.all_rows() if row.counts]


@pytest.fixture(scope="module")
def built():
    return coverage.coverage()


def test_the_rows_are_those_of_the_catalogue():
    if not CATALOGUE.exists():
        pytest.skip("the catalogue is not beside the project")
    import yaml

    fast = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    loaded = yaml.load(CATALOGUE.read_text(encoding="utf-8"), Loader=fast)  # noqa: S506  safe, and ten times faster
    listed = loaded if isinstance(loaded, list) else next(v for v in loaded.values() if isinstance(v, list))
    given = [coverage.Row(r["id"], r["kind"], r["area"], r["defensive_reading"]) for r in listed]
    assert coverage.all_rows() == given


def test_every_row_that_can_be_built_is_built_or_listed_as_open(built):
    listed = coverage.open_rows()
    assert [row.id for row in ROWS if row.buildable and row.id not in built and row.id not in listed] == []


def test_every_row_that_is_built_is_named_by_a_test_or_listed_as_open(built):
    listed = coverage.open_rows()
    without = [
        row.id for row in ROWS if row.id in built and not built[row.id].tested and row.id not in listed
    ]
    assert without == []


def test_rows_of_rules_quotas_modifiers_and_sanctions_became_that_or_say_why_not(built):
    listed = coverage.open_rows()
    named = [row for row in ROWS if row.id in built and row.id not in listed]
    assert [
        f"{row.id}: {built[row.id].what}" for row in named if not coverage.form_fits(row, built[row.id])
    ] == []


def test_the_list_of_open_rows_holds_no_row_that_is_done():
    assert coverage.open_rows().keys() & coverage.done() == set(), "run `make docs`"


def test_every_open_row_has_a_reason_and_is_one_that_can_be_built():
    rows = {row.id: row for row in ROWS}
    for row, reason in coverage.open_rows().items():
        assert rows[row].buildable
        assert reason.strip()


def test_no_row_that_only_an_attacker_would_build_is_built(built):
    assert [row.id for row in ROWS if row.reading == "none" and row.id in coverage.made_of()] == []


def test_the_page_is_up_to_date():
    committed = (coverage.ROOT / "docs" / "coverage.md").read_text("utf-8")
    assert committed == coverage.page(), "run `make docs`"


def test_a_row_that_is_built_leaves_the_list():
    text = '[open]\n"a.b" = "why"\n"c.d" = "why"\n'
    assert coverage.without_done(text, {"a.b"}) == '[open]\n"c.d" = "why"\n'
    other = '\n[other]\n"a.b" = "a part of another"\n'
    assert coverage.without_done(text + other, {"a.b"}) == '[open]\n"c.d" = "why"\n' + other


def test_every_row_about_screening_is_built_and_shown_or_says_why_not():
    found = screening_coverage.became()
    rows = {row.id for row in screening_coverage.rows()}
    assert rows == found.keys(), "say in screening_rows.toml what it became"
    assert [id_ for id_, one in found.items() if one.state == "built" and not one.tests] == []
    assert all(one.what for one in found.values() if one.state != "not for a defender")


def test_the_tests_that_show_a_row_are_there():
    for row, more in screening_coverage.listed()["became"].items():
        for file in more.get("tests", ()):
            folder = coverage.ROOT if file.startswith("benchmarks/") else coverage.TESTS
            assert (folder / file).is_file(), f"{row}: {file}"


def test_claims_and_what_the_organisation_does_are_said_in_the_docs():
    text = screening_coverage.PRACTICE.read_text("utf-8")
    said = set(coverage.ROW_ID.findall(text))
    found = screening_coverage.became()
    assert [
        id_
        for id_, one in found.items()
        if one.state in ("a claim", "for the organisation") and id_ not in said
    ] == []


def test_the_list_of_rows_about_screening_holds_each_once_and_no_other():
    given = screening_coverage.listed()
    names = [id_ for part in given.values() for id_ in part]
    assert len(names) == len(set(names))
    assert set(names) <= {row.id for row in screening_coverage.rows() if row.reading != "none"}
    assert not set(given["open"]) & screening_coverage.out_of_sources().keys()
