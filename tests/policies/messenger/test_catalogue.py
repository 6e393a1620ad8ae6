"""The policy against the catalogue of rows: ids, figures, probabilities, and texts that people read."""

import itertools
from pathlib import Path

import pytest
import yaml

import tidegate as tg
from tidegate.expr import Compare
from tidegate.policies.messenger import policy
from tidegate.policy.checks import check
from tidegate.policy.figures import trees_of
from tidegate.policy.parameter import Parameter

CATALOGUE = Path(__file__).resolve().parents[4] / "shared/spec/catalogue/risk_catalogue.yaml"
RULES = [pytest.param(rule, id=rule.id) for rule in policy.rules]

# rows whose figure stands elsewhere: the row's condition is of two parts, or its comparison is on names
OTHER_FIGURE = {
    "reg.country-code-ip-mismatch": "names are compared, not numbers",
    "bcast.first-day-mass-75pct": "two counts, each against a figure of its own",
    "client.abuse-auto-reply-unlimited-forward": "the row states no figure",
    "login.vpn-sim-country-mismatch": "names are compared, not numbers",
    "login.carrier-consistency-check": "the row states no figure",
    "login.prompt-verification-after-anomaly": "the row states no figure",
    "client.signature-hash": "names are compared, not numbers",
    "client.backup-source": "the row states no figure",
    "device.identity-linkage": "the row states no figure",
    "reg.fingerprint-anomaly": "the row states no figure and points to that of device.param-error-over-20pct",
    "net.public-wifi-mass-send": "the row states no figure",
    "contact.bulk-export": "the row states no figure",
    "msg.low-interaction-equivalence": "a ratio of two counts: the figure is the weight of the one",
    "group.large-group-weight-3p2": "shown is the weight, which holds above the row's figure",
    "msg.recipient-repetition-rate": "the row states no figure",
    "msg.recipient-relation": "the row states no figure",
    "content.message-similarity": "the row states no figure",
    "sanction.daily-limit-cut-1000-to-300": "the figure is the factor of the limit before",
    "screen.fake-type-bot": "the row states no figure",
    "sops.feedback-channel": "the row states no figure",
}
OTHER_WINDOW = {"screen.fake-registered-under-3-months": "P90D"}  # three months are 90 days, as its cases say
# rows whose resolution gives another probability, or one of the rule where the row states none
OTHER_PROBABILITY = {
    "msg.new-account-over-100-first-24h": 0.82,  # must not score lower than more than 50 messages
    "reg.country-code-ip-mismatch": 0.10,  # raises the score without a figure: 0.10, as for those below
    "msg.day1-risk-45-per-hour": 0.10,
    "msg.media-risk-10-per-min": 0.10,
    "bcast.risk-20-per-batch": 0.10,
    "link.risk-7-per-min": 0.10,
    "client.tls-cert-failure": 0.10,
    "client.heartbeat-interval": 0.10,
    "client.queue-over-12-per-min": 0.10,
    "client.message-latency-plus-400ms": 0.10,
    "device.screen-anomaly-rate": 0.10,
    "score.behaviour-deviation-over-70pct": 0.10,
    "device.cpu-isa-deviation-over-034": 0.10,
    "net.vpn-proxy-function-restriction": 0.10,  # a VPN alone
    "screen.fake-registered-under-3-months": 0.10,
    "screen.fake-no-interaction-90d": 0.10,
    "screen.fake-incomplete-profile": 0.10,
}
# what rows do that is nothing but to be seen in a decision
RECORDED = (
    "record",
    "evaluate",
    "weight",
    "warn",
    "analyse-graph",
    "raise-unblock-chance",
    "lower-unblock-chance",
    "update-library",
    "notify",
    "move-watchlist",
    "cut-quota",
)
# rows whose label is what they ask for, not what they set
ASKS_FOR_LABEL = ("score.first-risk-mark-6x",)
SCORED = ("restrict", "ban", "block", "deactivat", "withdrawn", "risk control", "sanctioned")


@pytest.fixture(scope="module")
def rows():
    if not CATALOGUE.exists():
        pytest.skip("the catalogue is not beside the project")
    fast = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    loaded = yaml.load(CATALOGUE.read_text(encoding="utf-8"), Loader=fast)  # noqa: S506  safe, and ten times faster
    listed = loaded if isinstance(loaded, list) else next(v for v in loaded.values() if isinstance(v, list))
    return {row["id"]: row for row in listed}


def limit_of(rule):
    comparison = rule.when
    assert isinstance(comparison, Compare)
    return comparison.op, comparison.right


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_is_a_row_with_its_figure_operator_and_window(rule, rows):
    row = rows[rule.id]
    assert row["kind"] in ("rule", "signal", "feature", "weight", "process", "modifier", "sanction", "score")
    assert row["defensive_reading"] != "none"
    assert (rule.window or None) == OTHER_WINDOW.get(rule.id, row["when"]["window"])
    if rule.id not in OTHER_FIGURE and row["when"]["unit"] != "bool":
        op, limit = limit_of(rule)
        assert op == row["when"]["op"]
        assert isinstance(limit, Parameter)
        assert limit.default == row["when"]["threshold"]


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_has_the_probability_of_its_row(rule, rows):
    row = rows[rule.id]
    expected = OTHER_PROBABILITY.get(rule.id, row["probability"])
    assert (rule.prior.in_force({}) if rule.prior else None) == expected
    if rule.prior is not None:
        meaning = row["probability_of"] or "risk control"
        assert rule.prior.scores == any(word in meaning for word in SCORED)
        assert rule.prior.source == rule.id
        groups = {c["group"] for c in row["conflicts"]}
        assert set(rule.prior.group.split()) <= groups


def test_signals_are_correlated_exactly_where_their_rows_share_a_conflict(rows):
    scoring = [rule for rule in policy.rules if rule.prior is not None and rule.prior.scores]
    for one, other in itertools.combinations(scoring, 2):
        topics = [{c["group"] for c in rows[rule.id]["conflicts"]} for rule in (one, other)]
        named = [set(rule.prior.group.split()) for rule in (one, other)]
        assert bool(topics[0] & topics[1]) == bool(named[0] & named[1]), (one.id, other.id)


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_has_the_labels_sanctions_and_queues_of_its_row(rule, rows):
    then = rows[rule.id]["then"]
    if then["label"] and rule.id not in ASKS_FOR_LABEL:
        assert {label.name for label in rule.labels} == {then["label"]}
    if then["sanction"]:
        assert then["sanction"] in [m.sanction.id for m in rule.measures]
    if then["queue"]:
        assert then["queue"] in [case.queue for case in rule.cases]
    for measure in rule.measures:
        assert measure.sanction.id in rows
        if rows[rule.id]["then"]["sanction"] == measure.sanction.id:
            assert set(measure.capabilities) == set(then["capability"])


@pytest.mark.parametrize("rule", [p for p in RULES if p.values[0].risk or p.values[0].points])
def test_a_risk_factor_and_points_are_those_of_the_row(rule, rows):
    then = rows[rule.id]["then"]
    if rule.points:
        assert (then["action"], then["value"]) == ("add-points", rule.points)
        return
    strict = policy.parameter_sets["strict"].get(rule.risk.factor.name, rule.risk.factor.default)
    assert strict == (1 + then["value"] if then["action"] == "raise-score" else then["value"])
    assert rule.risk.odds == (then["action"] == "multiply-prior")
    areas = {"login.": "login", "reg.": "registration"}
    assert rule.risk.of == next((area for start, area in areas.items() if rule.id.startswith(start)), "")


@pytest.mark.parametrize("rule", RULES)
def test_a_modifier_is_a_row(rule, rows):
    for modifier in rule.modifiers:
        assert rows[modifier.id]["kind"] == "modifier"
        if (
            modifier.id != "report.country-cluster-over-60pct"
        ):  # the row's 0.8 contradicts its own "four are enough"
            assert modifier.factor.default == rows[modifier.id]["then"]["value"]


def test_sanctions_have_the_level_and_length_of_their_rows(rows):
    lengths = {"PT48H/PT72H": "PT48H", None: None}
    for rule in policy.rules:
        for measure in rule.measures:
            row, sanction = rows[measure.sanction.id], measure.sanction
            assert sanction.level == row["values"]["level"]
            stated = lengths.get(row["then"]["duration"], row["then"]["duration"])
            lasting = sanction.lasting if isinstance(sanction.lasting, str) else sanction.lasting.default.iso
            assert stated in (None, lasting)


@pytest.mark.parametrize("rule", RULES)
def test_a_figure_says_where_it_comes_from_and_why(rule):
    for tree in trees_of(rule):
        for figure in tree.walk():
            if isinstance(figure, Parameter):
                assert figure.name
                assert figure.why
                assert figure.source
                assert figure.unit
                assert figure.low < figure.high


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_explains_itself(rule):
    assert not rule.title[0].islower()
    assert not rule.title.endswith(".")
    assert "{observed}" in rule.reason
    assert len(rule.examples) == 2
    assert rule.examples[0].startswith("fires: ")
    assert rule.examples[1].startswith("does not: ")


def test_every_abuse_has_its_own_file():
    for sheet in policy.rule_sets:
        words = "".join(f"_{c.lower()}" if c.isupper() else c for c in sheet.__name__).lstrip("_")
        assert sheet.__module__.endswith(f".{words}")
        assert sheet.__doc__
        assert sheet.area


def test_only_what_rows_put_on_record_has_no_effect(rows):
    for finding in check(policy):
        assert finding.advice
        assert rows[finding.place]["then"]["action"] in RECORDED, finding


def test_the_policy_holds_up_and_can_be_revised():
    assert [finding for finding in check(policy) if not finding.advice] == []
    strict = policy.revise(policy.parameter_sets["strict"])
    assert strict.digest != policy.digest
    tg.Engine(strict)
