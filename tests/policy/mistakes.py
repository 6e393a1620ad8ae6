"""What authors of policies get wrong: a name, and the lines that replace or extend a policy that is right.

Each case is written as the changes to `RIGHT`: pairs of text and what stands there instead.

reason for length: one table, and the list of reviewed messages (mistakes.golden) follows its order.
"""

RIGHT = '''\
import tidegate as tg
from tidegate.events import AccountProfile, AccountRegistered, LinkClicked, MessageSent, ReportFiled

tier = tg.events(AccountProfile).last(AccountProfile.tier).per(AccountProfile.account_id).ever()
suspend = tg.Sanction(
    id="sanction.suspend", title="Sending suspended", effect="deny", capability=("send",),
    lasting=tg.hours(2), level=1,
)


class Burst(tg.RuleSet):
    """Bursts of messages."""

    limit = tg.Parameter(12, low=1, high=100, unit="messages", why="published", by=(tier, {"new": 5}))
    sent = tg.events(MessageSent).count().per(MessageSent.account_id).over(tg.seconds(60))

    burst = tg.Rule(
        id="msg.burst",
        title="Burst",
        on=(MessageSent,),
        when=sent > limit,
        window="PT60S",
        reason="{observed} messages in 60 s; limit {limit}",
        measures=(tg.Measure(suspend),),
        labels=(tg.Label("abnormal"),),
    )


policy = tg.Policy(name="ours", version="1", rule_sets=(Burst,), attempts=(tg.Attempt(MessageSent, "send"),))
'''

SENT = "    sent = tg.events(MessageSent).count().per(MessageSent.account_id).over(tg.seconds(60))\n"
WHEN = "        when=sent > limit,\n"
LASTING = "    lasting=tg.hours(2), level=1,\n"
REASON = '        reason="{observed} messages in 60 s; limit {limit}",\n'
BURST = "    burst = tg.Rule(\n"
LABELS = '        labels=(tg.Label("abnormal"),),\n'
MEASURES = "        measures=(tg.Measure(suspend),),\n"
PARAMETER = (
    '    limit = tg.Parameter(12, low=1, high=100, unit="messages", why="published", by=(tier, {"new": 5}))\n'
)
POLICY = 'policy = tg.Policy(name="ours", version="1", rule_sets=(Burst,), attempts=(tg.Attempt(MessageSent, "send"),))'
IMPORTS = (
    "from tidegate.events import AccountProfile, AccountRegistered, LinkClicked, MessageSent, ReportFiled"
)
ON = "        on=(MessageSent,),\n"

AGAIN = """\
class Again(tg.RuleSet):
    again = tg.Rule(id="msg.burst", title="x", on=(MessageSent,), when=Burst.sent > 3, reason="x")


"""


REGISTERED = "tg.events(AccountRegistered).first_seen().per(AccountRegistered.account_id).ever()"


def given(condition):
    """The rule with one more condition."""
    return [(WHEN, f"{WHEN}        given={condition},\n")]


def measure_given(condition):
    """The rule with a measure that has a condition of its own."""
    return [(MEASURES, f"        measures=(tg.Measure(suspend, given={condition}),),\n")]


def sent(feature):
    """The rule over another feature."""
    return [(SENT, f"    sent = {feature}\n")]


def modified(condition, low):
    """The rule with a modifier that holds on a condition."""
    factor = f'tg.Parameter(0.5, low={low}, high=1, unit="factor", why="w", name="m")'
    return [(LABELS, f'{LABELS}        modifiers=(tg.Modifier("m", "m", {condition}, {factor}),),\n')]


def whole(argument):
    """The policy with one more argument."""
    return [(POLICY, f"{POLICY[:-1]}, {argument})")]


def parameter(text):
    return [(PARAMETER, f"    limit = tg.Parameter({text})\n")]


def sanction(*lines):
    return [(LASTING, "".join(f"    {line}\n" for line in lines))]


MISTAKES = {
    # Python that means something else
    "and-instead-of-ampersand": given("MessageSent.is_forward and MessageSent.is_broadcast"),
    "not-instead-of-tilde": given("not MessageSent.is_forward"),
    "chained-comparison": [(WHEN, "        when=1 < sent < limit,\n")],
    "brackets-forgotten": [(WHEN, "        when=sent > 1 & MessageSent.is_forward,\n")],
    "brackets-forgotten-around-a-name": given('MessageSent.message_type == "text" & MessageSent.is_forward'),
    "list-in-isin": given('MessageSent.message_type.isin(["text", "link"])'),
    "bare-comparison-of-a-parameter-with-none": given("MessageSent.is_forward == None"),
    # values that do not go together
    "name-compared-with-a-number": given("MessageSent.account_id == 12"),
    "age-against-days": [
        (PARAMETER, f'{PARAMETER}    young = tg.Parameter(3, low=1, high=9, unit="days", why="published")\n'),
        *given(f"tg.age({REGISTERED}) < young"),
    ],
    "names-have-no-order": given('MessageSent.message_type > "text"'),
    "list-compared": given('MessageSent.link_hashes == "abc"'),
    "ids-of-different-entities": given("MessageSent.account_id == MessageSent.device_id"),
    "flag-expected": given("MessageSent.forward_depth"),
    "arithmetic-on-a-name": given("MessageSent.account_id + 1 > 2"),
    "moments-added": given("tg.now() + tg.now() > 5"),
    "branches-of-different-kinds": given('tg.when(MessageSent.is_forward, 1, "text") == 1'),
    "default-of-another-kind": given('MessageSent.forward_depth.or_else("none") > 1'),
    "event-as-a-value": given("MessageSent.forward_depth > MessageSent"),
    "choice-that-does-not-exist": given('MessageSent.message_type == "vidoe"'),
    "choice-that-a-feature-never-has": given('tier == "nwe"'),
    # names
    "misspelled-field": given("MessageSent.is_foward"),
    "misspelled-event-import": [(IMPORTS, IMPORTS.replace("MessageSent", "MesageSent"))],
    "event-not-imported": given("MessageDelivered.account_id.is_known()"),
    "tg-word-without-tg": [("tg.seconds(60)", "seconds(60)")],
    "misspelled-tg-word": [("tg.seconds(60)", "tg.second(60)")],
    "misspelled-method-of-a-stream": sent("tg.events(MessageSent).cuont().per(MessageSent.account_id)"),
    "misspelled-method-of-an-expression": given("MessageSent.forward_depth.betwen(1, 3)"),
    "misspelled-argument": parameter('12, low=1, hihg=100, unit="messages", why="published"'),
    "misspelled-argument-of-a-sanction": [('effect="deny"', 'efect="deny"')],
    "module-that-does-not-exist": [("import tidegate as tg\n", "import tidegate as tg\nimport tidegaet\n")],
    "no-python": [(WHEN, "        when=sent > limit\n")],
    # features
    "feature-without-aggregate": sent("tg.events(MessageSent)"),
    "feature-without-key": sent("tg.events(MessageSent).count()"),
    "feature-without-key-but-window": sent("tg.events(MessageSent).count().over(tg.hours(1))"),
    "feature-without-window": sent("tg.events(MessageSent).count().per(MessageSent.account_id)"),
    "unbounded-window": sent("tg.events(MessageSent).count().per(MessageSent.account_id).ever()"),
    "window-without-unit": [("over(tg.seconds(60))", "over(60)")],
    "window-of-no-length": [("tg.seconds(60)", "tg.seconds(0)")],
    "moving-start-for-changes": sent(
        "tg.events(MessageSent).changes(MessageSent.recipient_id).per(MessageSent.account_id).today(tier)"
    ),
    "start-that-is-no-moment": sent(
        "tg.events(MessageSent).count().per(MessageSent.account_id).since(tier, at_most=tg.days(1))"
    ),
    "key-that-is-no-id": sent("tg.events(MessageSent).count().per(MessageSent.forward_depth).over(tg.hours(1))"),
    "key-of-four-fields": sent(
        "tg.events(MessageSent).count().per(MessageSent.account_id, MessageSent.ip, MessageSent.device_id, MessageSent.group_id)"
    ),
    "condition-field-missing-on-a-source": sent(
        "tg.events(MessageSent, LinkClicked).where(MessageSent.is_forward).count().per(MessageSent.account_id)"
    ),
    "distinct-numbers": sent(
        "tg.events(MessageSent).distinct(MessageSent.media_bytes).per(MessageSent.account_id).over(tg.hours(1))"
    ),
    "sum-of-names": sent("tg.events(MessageSent).sum(MessageSent.message_type)"),
    "last-of-a-list": sent("tg.events(MessageSent).last(MessageSent.link_hashes)"),
    "no-events": sent("tg.events()"),
    "event-field-as-source": sent("tg.events(MessageSent.account_id).count()"),
    "read-at-another-entity": given("sent.at(MessageSent.device_id) > 3"),
    "read-at-too-many-fields": given("sent.at(MessageSent.account_id, MessageSent.ip) > 3"),
    "label-and-entity-swapped": given('tg.labelled(MessageSent.account_id, "abnormal")'),
    "label-on-a-link": given('tg.labelled("abnormal", MessageSent.batch_id)'),
    "label-of-what-a-feature-remembers": given(
        'tg.labelled("abnormal", tg.events(MessageSent).last(MessageSent.device_id).per(MessageSent.account_id).ever())'
    ),
    "measure-against-what-an-expression-names": given(
        'tg.in_force(MessageSent.account_id.or_else("x"), "sanction.suspend")'
    ),
    "deadline-without-entity": [(ON, "        on=(tg.deadline(MessageSent, tg.hours(1)),),\n")],
    "deadline-over-a-feature": [
        (ON, "        on=(tg.deadline(MessageSent, tg.hours(1), MessageSent.account_id, where=sent > 3),),\n")
    ],
    "deadline-with-a-foreign-field": [
        (ON, "        on=(tg.deadline(MessageSent, tg.hours(1), ReportFiled.account_id),),\n")
    ],
    # figures
    "figure-out-of-bounds": parameter('200, low=1, high=100, unit="messages", why="published"'),
    "segment-out-of-bounds": parameter(
        '12, low=1, high=100, unit="messages", why="published", by=(tier, {"new": 0})'
    ),
    "segment-that-does-not-exist": parameter(
        '12, low=1, high=100, unit="messages", why="published", by=(tier, {"nwe": 5})'
    ),
    "segments-of-a-number": parameter(
        '12, low=1, high=100, unit="messages", why="published", by=(MessageSent.forward_depth, {"new": 5})'
    ),
    "bounds-the-wrong-way": parameter('12, low=100, high=1, unit="messages", why="published"'),
    "figure-in-quotes": parameter('"12", low=1, high=100, unit="messages", why="published"'),
    "figure-without-reason": parameter('12, low=1, high=100, unit="messages"'),
    "rate-without-name": [
        (
            'effect="deny"',
            'effect="throttle", rate_per_minute=tg.Parameter(2, low=1, high=9, unit="messages", why="w")',
        )
    ],
    "length-without-name": [
        ("lasting=tg.hours(2)", 'lasting=tg.Span(tg.hours(2), low=tg.hours(1), high=tg.hours(3), why="w")')
    ],
    "figure-without-name": [(WHEN, '        when=sent > tg.Parameter(12, low=1, high=100, unit="messages", why="x"),\n')],
    "figures-of-one-name": [
        (WHEN, f'{WHEN}        given=tg.Parameter(3, low=1, high=9, unit="messages", why="x", name="Burst.limit") > 1,\n')
    ],
    "parameter-set-with-a-misspelled-figure": [
        ("rule_sets=(Burst,)", 'rule_sets=(Burst,), parameter_sets={"strict": {"Burst.limt": 5}}')
    ],
    "parameter-set-out-of-bounds": [
        ("rule_sets=(Burst,)", 'rule_sets=(Burst,), parameter_sets={"strict": {"Burst.limit": 500}}')
    ],
    # rules
    "rule-without-reason": [(REASON, "")],
    "rule-with-an-empty-reason": [(REASON, '        reason=" ",\n')],
    "reason-quotes-what-there-is-not": [(REASON, '        reason="{count} messages",\n')],
    "reason-with-a-format": [(REASON, '        reason="{observed:.1f} messages",\n')],
    "reason-with-an-open-bracket": [(REASON, '        reason="{observed messages",\n')],
    "when-without-limit": [(WHEN, "        when=MessageSent.is_forward,\n")],
    "given-is-a-number": given("sent"),
    "on-without-comma": [(ON, "        on=(MessageSent),\n")],
    "on-nothing": [(ON, "        on=(),\n")],
    "measures-without-comma": [(MEASURES, "        measures=(tg.Measure(suspend)),\n")],
    "sanction-instead-of-measure": [(MEASURES, "        measures=(suspend,),\n")],
    "label-as-text": [(LABELS, '        labels=("abnormal",),\n')],
    "prior-as-a-number": [(LABELS, f"{LABELS}        prior=0.6,\n")],
    "prior-in-percent": [(LABELS, f"{LABELS}        prior=tg.Prior(60),\n")],
    "misspelled-state": [(LABELS, f'{LABELS}        state="actve",\n')],
    "two-rules-of-one-id": [
        (BURST, f"    again = tg.Rule(id='msg.burst', title='x', on=(MessageSent,), when=sent > 3, reason='x')\n\n{BURST}")
    ],
    "two-rules-of-one-id-in-two-sheets": [
        (
            POLICY,
            AGAIN + POLICY.replace("(Burst,)", "(Burst, Again)"),
        )
    ],
    "two-rules-of-one-name": [
        (BURST, f"    burst = tg.Rule(id='msg.first', title='x', on=(MessageSent,), when=sent > 3, reason='x')\n\n{BURST}")
    ],
    # measures
    "sanction-without-end": sanction("level=1,"),
    "sanction-lasting-none": sanction("lasting=None, level=1,"),
    "sanction-lasting-a-number": sanction("lasting=7200, level=1,"),
    "permanent-without-review": sanction("lasting=tg.PERMANENT, level=1,"),
    "throttle-without-rate": [('effect="deny"', 'effect="throttle"')],
    "throttle-with-a-bare-rate": [('effect="deny"', 'effect="throttle", rate_per_minute=6')],
    "challenge-without-which": [('effect="deny"', 'effect="challenge"')],
    "misspelled-effect": [('effect="deny"', 'effect="dney"')],
    "capability-without-comma": [('capability=("send",)', 'capability=("send")')],
    "misspelled-capability": [('capability=("send",)', 'capability=("snd",)')],
    "level-five": sanction("lasting=tg.hours(2), level=5,"),
    "case-without-unit": [(LABELS, f'{LABELS}        cases=(tg.Case("review", within=24),),\n')],
    # the policy as a whole
    "misspelled-attempt": [('"send"),))', '"sned"),))')],
    "rule-sets-without-comma": [("rule_sets=(Burst,)", "rule_sets=(Burst)")],
    "no-rules": [("rule_sets=(Burst,)", "rule_sets=()")],
    "nothing-in-the-file": [(RIGHT, "import tidegate as tg\n")],
    "field-of-another-event": given("ReportFiled.category.is_known()"),
    "key-that-an-event-does-not-have": [
        (SENT, "    sent = tg.events(LinkClicked).count().per(LinkClicked.link_hash).over(tg.seconds(60))\n"),
        (ON, "        on=(AccountRegistered,),\n"),
    ],
    "key-that-could-be-one-of-two-fields": [
        (SENT, "    sent = tg.events(ReportFiled).count().per(ReportFiled.reporter_id).over(tg.seconds(60))\n"),
    ],
    "what-was-before-an-event-that-may-be-among-the-keys": [
        (
            SENT,
            "    in_a_row = tg.events(AccountProfile).run_before(AccountProfile.is_identified)\n"  # noqa: ISC004  one text
            "    sent = in_a_row.per(AccountProfile.account_id).over(tg.seconds(60)).at(AccountProfile.linked_accounts)\n",
        ),
        (ON, "        on=(AccountProfile,),\n"),
    ],
    "circle-through-decisions": [
        (
            SENT,
            SENT.replace(".count()", '.where(tg.labelled("abnormal", MessageSent.account_id)).count()'),
        )
    ],
    "label-that-no-rule-sets": given('tg.labelled("abnormla", MessageSent.account_id)'),
    "sanction-that-no-rule-opens": given(
        'tg.sanctioned(MessageSent.account_id, "sanction.supsend", within=tg.days(7)) > 1'
    ),
    "measure-on-a-field-of-another-event": measure_given("ReportFiled.category.is_known()"),
    "measure-on-a-label-that-no-rule-sets": measure_given('tg.labelled("abnormla", MessageSent.account_id)'),
    "measure-on-a-number": measure_given("sent"),
    "measure-that-can-never-open": measure_given("(sent < 1)"),
    "window-misstated": [('window="PT60S"', 'window="PT1H"')],
    "window-that-is-no-duration": [('window="PT60S"', 'window="60 s"')],
    # rules that can never fire
    "count-below-zero": [(WHEN, "        when=sent < 0,\n")],
    "limits-that-exclude-each-other": given("(sent < 1)"),
    "limits-that-touch": [(WHEN, "        when=sent > 5,\n        given=sent <= 5,\n")],
    "two-names-at-once": given('(MessageSent.message_type == "text") & (MessageSent.message_type == "link")'),
    "condition-and-its-opposite": given("MessageSent.is_forward & ~MessageSent.is_forward"),
    "flag-equal-to-two": given("MessageSent.is_forward == 2"),
    # what says nothing
    "rule-without-words": [('title="Burst"', 'title=" "')],
    "id-that-is-a-number": [('id="msg.burst"', "id=7")],
    "id-over-two-lines": [('id="msg.burst"', 'id="msg\\nburst"')],
    "label-without-a-name": [('tg.Label("abnormal")', 'tg.Label("")')],
    "label-on-a-group": [('tg.Label("abnormal")', 'tg.Label("abnormal", on="group")')],
    "label-lasting-a-number": [('tg.Label("abnormal")', 'tg.Label("abnormal", lasting=30)')],
    "version-that-is-a-number": [('version="1"', "version=1")],
    "figure-with-an-empty-reason": parameter('12, low=1, high=100, unit="messages", why=""'),
    "figure-of-no-unit": parameter('12, low=1, high=100, unit="", why="published"'),
    "window-as-a-duration": [('window="PT60S"', "window=tg.seconds(60)")],
    "reason-as-an-f-string": [('reason="{observed}', 'reason=f"{observed}')],
    "segments-without-their-expression": parameter(
        '12, low=1, high=100, unit="messages", why="w", by={"new": 5}'
    ),
    "segment-that-is-a-number": parameter(
        '12, low=1, high=100, unit="messages", why="w", by=(tier, {1: 5})'
    ),
    "points-that-are-true": [(MEASURES, f"{MEASURES}        points=True,\n")],
    # habits of Python
    "len-of-a-list": given("len(MessageSent.link_hashes) > 1"),
    "in-a-list": given('"x" in MessageSent.link_hashes'),
    "member-by-number": given('MessageSent.link_hashes[0] == "x"'),
    "sum-of-a-list": given("sum(MessageSent.link_hashes) > 1"),
    "round": given("round(sent) > 1"),
    "power": given("sent ** 2 > 1"),
    "remainder": given("sent % 2 == 1"),
    "function-of-python": [(IMPORTS, f"import math\n\n{IMPORTS}"), *given("math.log(sent) > 1")],
    "misspelled-figure": [(WHEN, "        when=sent > limt,\n")],
    "value-of-a-wrong-kind": given("tg.size(3) > 1"),
    "age-of-a-number": given("tg.age(3) > 1"),
    "file-that-ends-the-program": [(POLICY, f"raise SystemExit(3)\n{POLICY}")],
    # clocks
    "hours-over-midnight": given('tg.local_hour("Europe/Berlin").between(22, 6)'),
    "hour-equal-to-a-whole-one": given('tg.local_hour("Europe/Berlin") == 3'),
    "zone-that-is-an-id": given("tg.local_hour(MessageSent.account_id) > 3"),
    "zone-that-is-a-number": given("tg.weekday(2) > 3"),
    "misspelled-zone": given('tg.weekday("Europe/Berln") > 3'),
    "span-as-a-limit": given('tg.age(tg.now()) > tg.Span(tg.days(1), low=tg.days(1), high=tg.days(2), why="w")'),
    "span-in-quotes": sent('tg.events(MessageSent).count().per(MessageSent.account_id).over(tg.hours("1"))'),
    "span-below-a-millisecond": sent(
        "tg.events(MessageSent).count().per(MessageSent.account_id).over(tg.seconds(0.0001))"
    ),
    "place-of-one-number": given("tg.great_circle_km(1, 2) > 3"),
    # what can never be
    "more-than-itself": [(WHEN, "        when=sent > sent,\n")],
    "field-out-of-its-bounds": given("(MessageSent.media_bytes < 0)"),
    "weekday-beyond-sunday": given('(tg.weekday("Europe/Berlin") > 6)'),
    "least-above-its-most": given("(tg.least(sent, 3) > 5)"),
    "seen-twice": given("(tg.events(MessageSent).seen().per(MessageSent.account_id).ever() > 1)"),
    "one-of-two-and-a-third": given(
        'MessageSent.message_type.isin("text", "image") & (MessageSent.message_type == "video")'
    ),
    "feature-that-counts-nothing": sent(
        "tg.events(MessageSent).where(MessageSent.is_forward & ~MessageSent.is_forward).count()"
        ".per(MessageSent.account_id).over(tg.seconds(60))"
    ),
    "modifier-that-never-applies": modified("sent < 0", 0.25),
    "modifier-that-may-be-zero": modified("sent > 3", 0),
    # the policy and its parts
    "policy-under-another-name": [("policy = tg.Policy", "polcy = tg.Policy")],
    "policy-that-is-none": [("policy = tg.Policy", "policy = 3\nother = tg.Policy")],
    "rule-outside-a-rule-set": [
        (
            POLICY,
            'lost = tg.Rule(id="lost", title="x", on=(MessageSent,), when=Burst.sent > 3, reason="x")\n' + POLICY,
        )
    ],
    "rule-set-that-is-not-named": [(POLICY, AGAIN.replace("msg.burst", "msg.lost") + POLICY)],
    "attempt-the-wrong-way-round": [
        ('tg.Attempt(MessageSent, "send")', 'tg.Attempt("send", MessageSent)')
    ],
    "exempt-as-a-name": [('(MessageSent, "send")', '(MessageSent, "send", exempt=("sanction.suspend",))')],
    "restriction-as-a-number": whole("restriction=0.85"),
    "modifier-floor-as-a-number": whole("modifier_floor=0.25"),
    "threshold-in-points": whole(
        'restriction=tg.ScoreRule(id="s", title="s", reason="s", '
        'threshold=tg.Parameter(85, low=1, high=100, unit="points", why="w", name="t"))'
    ),
    "sets-of-figures-as-a-list": whole('parameter_sets=[("strict", {})]'),
    "tier-of-a-misspelled-capability": whole('tiers={"snd": tier}'),
    "tier-that-is-a-number": whole('tiers={"send": 3}'),
    "attempt-under-a-label-that-no-rule-sets": [
        (
            'tg.Attempt(MessageSent, "send")',
            'tg.Attempt(MessageSent, "send", when=tg.labelled("abnormla", MessageSent.account_id))',
        )
    ],
    "release-in-a-zone-that-nobody-knows": whole(
        'releases=(tg.Release(on=MessageSent, when=tg.local_hour("Europe/Berln") > 3, sanctions=(suspend.id,)),)'
    ),
    "given-score-that-is-a-name": whole("given_score=AccountProfile.tz"),
    "release-of-a-misspelled-sanction": whole(
        'releases=(tg.Release(on=MessageSent, when=MessageSent.is_reply, sanctions=("sanction.supsend",)),)'
    ),
    "release-by-a-misspelled-cause": whole(
        "releases=(tg.Release(on=MessageSent, when=MessageSent.is_reply, sanctions=(suspend.id,), "
        'causes=("msg.brust",)),)'
    ),
    "in-force-for-a-misspelled-capability": given(
        'tg.in_force(MessageSent.account_id, "sanction.suspend", capability="snd")'
    ),
    "last-measure-by-a-misspelled-rule": given(
        'tg.age(tg.last_sanctioned(MessageSent.account_id, "sanction.suspend", by=("msg.brust",))) < tg.days(1)'
    ),
    "share-in-percent": given(
        "tg.events(MessageSent).where(MessageSent.is_forward).count().per(MessageSent.account_id).over(tg.seconds(30))"
        " / tg.greatest(sent, 1) > 90"
    ),
    "product-below-zero": [(WHEN, "        when=sent * -2 > limit,\n")],
    "further-than-round-the-earth": given(
        "tg.great_circle_km((MessageSent.ip_lat, MessageSent.ip_lon), (52.5, 13.4)) > 25000"
    ),
    "limit-before-what-is-observed": [(WHEN, "        when=limit * 2 < sent,\n")],
    "null-in-python-s-way": given("MessageSent.batch_id is None"),
    "question-without-its-brackets": given("MessageSent.batch_id.is_null"),
    "neighbour-of-a-file-alone": [(IMPORTS, f"{IMPORTS}\nfrom .features import sent")],
}  # fmt: skip


def policy_with(changes):
    """The text of `RIGHT` with the changes made; each must fit exactly once."""
    text = RIGHT
    for old, new in changes:
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times"
        text = text.replace(old, new)
    return text
