"""Figures: bounds, segments, revisions, parameter sets, and the digest that says which are in force."""

import json
from math import inf, nan

import pytest
from tests.policy.mistakes import RIGHT

import tidegate as tg
from tidegate.errors import FileError, ParameterError
from tidegate.events import AccountProfile, MessageSent
from tidegate.policies.loading import load_policy, with_parameters
from tidegate.policy.figures import in_force, span_in_force, values_in_force

TIER = tg.events(AccountProfile).last(AccountProfile.tier).per(AccountProfile.account_id).ever()
SUSPEND = tg.Sanction(
    id="s.suspend",
    title="Suspended",
    effect="deny",
    capability=("send",),
    lasting=tg.Span(tg.hours(2), low=tg.minutes(5), high=tg.days(1), why="published", name="suspend.lasting"),
    level=1,
)


class Burst(tg.RuleSet):
    """Bursts."""

    limit = tg.Parameter(12, low=1, high=100, unit="messages", why="published", by=(TIER, {"new": 5}))
    spare = tg.Parameter(0.5, low=0, high=1, unit="share", why="declared, not used yet")
    stays = tg.Span(tg.days(7), low=tg.days(1), high=tg.days(30), why="as long as reviews take")
    burst = tg.Rule(
        id="burst",
        title="Burst",
        on=(MessageSent,),
        when=tg.events(MessageSent).count().per(MessageSent.account_id).over(tg.minutes(1)) > limit,
        reason="{observed}",
        measures=(tg.Measure(SUSPEND),),
        labels=(tg.Label("bursty", lasting=stays),),
    )


def policy(**changes):
    return tg.Policy(name="p", version="1", rule_sets=(Burst,), **changes)


def test_a_figure_is_named_after_its_sheet_and_attribute():
    assert list(policy().parameters) == ["Burst.limit", "Burst.spare", "Burst.stays", "suspend.lasting"]


@pytest.mark.parametrize("value", [1, 100, 50, 1.0, 99.9])
def test_bounds_are_part_of_what_is_allowed(value):
    assert policy().revise({"Burst.limit": value}).figures()["Burst.limit"] == value


@pytest.mark.parametrize("value", [0, 100.1, -1, inf, nan, "12", None, True, [12]])
def test_everything_else_is_refused(value):
    with pytest.raises(ParameterError) as refused:
        policy().revise({"Burst.limit": value})
    assert refused.value.place == "Burst.limit"
    assert refused.value.hint


# revision of `Burst.limit` -> default in force, figures per segment in force
@pytest.mark.parametrize(
    ("revision", "default", "segments"),
    [
        (None, 12, {"new": 5}),
        (20, 20, {}),  # one number holds for every segment
        ({"new": 6}, 12, {"new": 6}),
        ({"default": 20}, 20, {"new": 5}),
        ({"default": 20, "new": 8}, 20, {"new": 8}),
    ],
)
def test_a_revision_holds_for_all_or_per_segment(revision, default, segments):
    assert values_in_force(Burst.limit, revision) == (default, segments)


# revision -> default, new, young, stable in force
@pytest.mark.parametrize(
    ("revision", "in_force"),
    [
        (None, (12, 5, 5, 12)),
        ({"stable": 10}, (10, 5, 5, 10)),
        ({"new": 4}, (12, 4, 4, 12)),
        ({"stable": 10, "default": 11}, (11, 5, 5, 10)),
        ({"new": 4, "young": 6}, (12, 4, 6, 12)),
        ({"young": 6}, (12, 5, 6, 12)),
        ({"default": 11}, (11, 5, 5, 12)),
    ],
)
def test_what_has_the_figure_of_another_segment_follows_its_revision(revision, in_force):
    by, same = {"new": 5, "young": 5, "stable": 12}, {"young": "new", "default": "stable"}
    limit = tg.Parameter(12, low=1, high=100, unit="messages", why="w", by=(TIER, by), same_as=same)
    default, segments = values_in_force(limit, revision)
    assert (default, segments["new"], segments["young"], segments["stable"]) == in_force


@pytest.mark.parametrize("same", [{"new": "default"}, {"young": "new"}, {"default": "stable"}])
def test_what_has_another_figure_cannot_be_the_same(same):
    with pytest.raises(ParameterError, match="does not have the figure of"):
        tg.Parameter(12, low=1, high=100, unit="m", why="w", by=(TIER, {"new": 5}), same_as=same)


def test_a_segment_that_the_figure_does_not_have_is_refused():
    with pytest.raises(ParameterError, match="there is no segment `stable`") as refused:
        policy().revise({"Burst.limit": {"stable": 12}})
    assert refused.value.hint == "it has: default, new"


def test_a_span_is_revised_by_its_text():
    revised = policy().revise({"suspend.lasting": "PT30M"})
    assert span_in_force(SUSPEND.lasting, revised.revisions) == tg.minutes(30)
    assert span_in_force(SUSPEND.lasting, {}) == tg.hours(2)
    assert in_force(SUSPEND.lasting, "PT30M") == "PT30M"


@pytest.mark.parametrize("value", ["PT1M", "P2D", "soon", 30, {"new": "PT30M"}])
def test_a_span_out_of_bounds_or_without_unit_is_refused(value):
    with pytest.raises(ParameterError) as refused:
        policy().revise({"suspend.lasting": value})
    assert refused.value.place == "suspend.lasting"


def test_later_revisions_stand_over_earlier_ones_and_leave_the_policy_as_it_was():
    base = policy()
    once = base.revise({"Burst.limit": 20, "Burst.spare": 0.1})
    twice = once.revise({"Burst.limit": 30})
    assert [p.figures()["Burst.spare"] for p in (base, once, twice)] == [0.5, 0.1, 0.1]
    assert (base.revisions, twice.revisions["Burst.limit"]) == ({}, 30)


def test_an_unknown_figure_is_refused_with_the_nearest_one():
    with pytest.raises(ParameterError) as refused:
        policy().revise({"Burst.limt": 20})
    assert str(refused.value) == (
        "policy `p`: there is no parameter `Burst.limt`\n  hint: did you mean `Burst.limit`?"
    )


def test_the_digest_says_which_figures_are_in_force_not_how_they_came_to_be():
    base = policy()
    assert base.digest == policy().digest
    assert base.digest == base.revise({"Burst.limit": {"default": 12, "new": 5}}).digest
    assert base.digest != base.revise({"Burst.limit": 12}).digest  # new accounts no longer have 5
    assert base.digest != base.revise({"suspend.lasting": "PT3H"}).digest
    assert base.revise({"Burst.limit": 13}).revise({"Burst.limit": {"new": 5}}).digest == base.digest
    assert base.digest.startswith("sha256:")
    assert base.revise({"Burst.spare": 1}).digest == base.revise({"Burst.spare": 1.0}).digest
    assert base.revise({"Burst.spare": 0.5}).digest == base.digest


def test_the_digest_does_not_depend_on_the_version():
    other = tg.Policy(name="p", version="2", rule_sets=(Burst,))
    assert other.digest == policy().digest
    assert other.stamp() != policy().stamp()


# files ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("f.json", '{"Burst.limit": 20, "Burst.spare": 0.25}'),
        ("f.json", '{"Burst": {"limit": 20, "spare": 0.25}}'),
        ("f.toml", "Burst.limit = 20\nBurst.spare = 0.25"),
        ("f.toml", '"Burst.limit" = 20\n"Burst.spare" = 0.25'),
        ("f.toml", "[Burst]\nlimit = 20\nspare = 0.25"),
        ("f.toml", 'set = "strict"\nBurst.spare = 0.25'),
    ],
)
def test_figures_come_from_a_file_of_any_form(file, text, tmp_path):
    (tmp_path / file).write_text(text, encoding="utf-8")
    strict = policy(parameter_sets={"strict": {"Burst.limit": 20}})
    figures = with_parameters(strict, str(tmp_path / file)).figures()
    assert (figures["Burst.limit"], figures["Burst.spare"]) == (20, 0.25)


def test_segments_come_from_a_file(tmp_path):
    (tmp_path / "f.toml").write_text("[Burst.limit]\nnew = 4\ndefault = 9", encoding="utf-8")
    assert with_parameters(policy(), str(tmp_path / "f.toml")).figures()["Burst.limit"] == {
        "default": 9,
        "new": 4,
    }


def test_a_parameter_set_is_named():
    strict = policy(parameter_sets={"strict": {"Burst.limit": 3}})
    assert with_parameters(strict, "strict").figures() == strict.revise({"Burst.limit": 3}).figures()


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        ("f.json", '{"A": 1, "A": 2}', "f.json: is no JSON: `A` stands twice\n  hint: "),
        ("f.json", "{", "f.json: is no JSON: expecting property name enclosed in double quotes: line 1 column 2 (char 1)\n  hint: "),
        ("f.toml", "Burst.limit = ", "f.toml: is no TOML: invalid value (at end of document)\n  hint: "),
        ("f.json", "[1]", "f.json: figures are not given by name\n  hint: "),
        ("f.json", '{"Burst.limit": 200}', "f.json: Burst.limit: value = `200` lies outside 1 to 100 messages\n  hint: "),
        ("f.json", '{"Burst.limit": {"nwe": 2}}', "f.json: Burst.limit: there is no segment `nwe`\n  hint: did you mean `new`? it has: default, new"),
        ("f.json", '{"Burst.lmit": 2}', "f.json: policy `p`: there is no parameter `Burst.lmit`\n  hint: did you mean `Burst.limit`?"),
        ("f.json", '{"set": "strct"}', "f.json: there is no parameter set `strct`\n  hint: `p` has: `strict`"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_file_is_said_with_its_name(file, text, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / file).write_text(text, encoding="utf-8")
    with pytest.raises((ParameterError, FileError)) as refused:
        with_parameters(policy(parameter_sets={"strict": {"Burst.limit": 20}}), file)
    assert str(refused.value).startswith(message)


def test_a_file_of_figures_may_begin_with_a_byte_order_mark(tmp_path):
    (tmp_path / "f.json").write_text('{"Burst.limit": 20}', encoding="utf-8-sig")
    assert with_parameters(policy(), str(tmp_path / "f.json")).revisions == {"Burst.limit": 20}


def test_a_file_that_is_not_there_is_said_with_the_sets_there_are():
    with pytest.raises(FileError) as refused:
        with_parameters(policy(parameter_sets={"strict": {}}), "strct")
    assert str(refused.value) == (
        "there is no parameter file `strct`\n  hint: did you mean `strict`? name a file, or a parameter set of the policy: `strict`"
    )


# policies from files ----------------------------------------------------------------------------------------
def test_a_file_without_a_policy_is_one_of_its_sheets(tmp_path):
    (tmp_path / "sheets.py").write_text(RIGHT.partition("\n\n\npolicy")[0], encoding="utf-8")
    loaded = load_policy(str(tmp_path / "sheets.py"))
    assert (loaded.name, loaded.version, [r.id for r in loaded.rules]) == ("sheets", "0", ["msg.burst"])


def test_a_file_is_run_afresh_at_every_load(tmp_path):
    path = tmp_path / "ours.py"
    path.write_text(RIGHT, encoding="utf-8")
    first = load_policy(str(path))
    path.write_text(RIGHT.replace("Parameter(12", "Parameter(13"), encoding="utf-8")
    second = load_policy(str(path))
    defaults = [p.figures()["Burst.limit"]["default"] for p in (first, second)]
    assert defaults == [12, 13]


def test_the_shipped_policy_is_without_mistakes():
    shipped = load_policy("messenger")
    assert json.dumps(shipped.figures())
