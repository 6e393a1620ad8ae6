"""Tables of the page about accuracy: verdicts, tiers, groups, and the catalogue's claims beside."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping

from accuracy_figures import VERDICTS, Confusion, Share, percent
from labelled_pool import DIMENSIONS
from real_data_findings import table
from screened_pool import CHECKS, Judged, confusion

from tidegate.screening.tiers import TIERS

NAMES = {"stolen": "stolen", "fake": "fake", "non_compliant": "non-compliant", "invalid": "invalid"}
BY_HAND_A_DAY, BY_HAND_POOL = 500, 100_000  # sops.manual-baseline
Levels = Mapping[str, list[Judged]]


def share_of(accounts: Iterable[Judged], holds: Callable[[Judged], bool]) -> Share:
    """Return how many of some accounts something holds of."""
    found = [holds(one) for one in accounts]
    return Share(sum(found), len(found))


def figures_table(levels: Levels) -> str:
    """Precision and recall per dimension and level."""
    rows = [
        (NAMES[dimension], level, found.all_of(truth=True), found.flagged, found.precision, found.recall, found.false_alarms)
        for dimension in DIMENSIONS
        for level, accounts in levels.items()
        for found in [confusion(accounts, dimension)]
    ]  # fmt: skip
    return table("dimension|evidence|truly so#|flagged#|precision#|recall#|false alarms#", rows)


def confusion_table(levels: Levels) -> str:
    """How often each verdict met each truth."""
    rows = []
    for dimension in DIMENSIONS:
        for level, accounts in levels.items():
            counts = confusion(accounts, dimension).counts
            rows.append(
                (NAMES[dimension], level, *(counts[v, truth] for truth in (True, False) for v in VERDICTS))
            )
    head = "|".join(f"{'is' if truth else 'is not'}: {v}#" for truth in (True, False) for v in VERDICTS)
    return table(f"dimension|evidence|{head}", rows)


def checks_table(accounts: list[Judged]) -> str:
    """Precision and recall of each check, against the truth of its dimension."""
    signs = (
        "screen.fake-registered-under-3-months",
        "screen.fake-no-interaction-90d",
        "screen.fake-incomplete-profile",
    )
    rows = []
    for dimension, checks in (CHECKS | {"fake": (*CHECKS["fake"], *signs)}).items():
        for check in checks:
            found = Confusion.of((one.checks[check], one.truth[dimension]) for one in accounts)
            rows.append((f"`{check}`", NAMES[dimension], found.flagged, found.precision, found.recall))
    return table("check|against|true#|precision#|recall#", rows)


def groups_table(
    accounts: list[Judged], groups: Mapping[str, Callable[[Judged], bool]], dimension: str
) -> str:
    """How many of each group the verdict of a dimension finds."""
    rows = []
    for name, belongs in groups.items():
        verdicts = Counter(one.verdict(dimension) for one in accounts if belongs(one))
        rows.append(
            (
                name,
                verdicts.total(),
                *(verdicts[v] for v in VERDICTS),
                Share(verdicts["true"], verdicts.total()),
            )
        )
    return table("group|accounts#|true#|false#|unknown#|found#", rows)


def tiers_table(levels: Levels) -> str:
    """Who lands where."""
    rows: list[tuple[object, ...]] = []
    for level, accounts in levels.items():
        kinds: dict[str, list[Judged]] = {"honest": [one for one in accounts if one.clean]}
        kinds |= {NAMES[d]: [one for one in accounts if one.truth[d]] for d in DIMENSIONS}
        for name, members in kinds.items():
            found = Counter(one.tier for one in members)
            rows.append(
                (
                    level,
                    name,
                    len(members),
                    *(f"{found[t]:,} ({percent(Share(found[t], len(members)).value)})" for t in TIERS),
                )
            )
    return table("evidence|truly|accounts#|secure#|low#|high#", rows)


def honest_table(accounts: list[Judged], groups: Mapping[str, Callable[[Judged], bool]]) -> str:
    """Honest accounts by group: who is watched, who is taken out."""
    rows = []
    for name, belongs in groups.items():
        members = [one for one in accounts if one.clean and belongs(one)]
        low, high = (share_of(members, lambda one, tier=tier: one.tier == tier) for tier in ("low", "high"))  # type: ignore[misc]
        rows.append((name, len(members), low, high))
    return table("honest accounts|accounts#|low: observed#|high: taken out, or asked#", rows)


def causes_table(accounts: list[Judged]) -> str:
    """Which checks put honest accounts in the high tier."""
    wrongly = [one for one in accounts if one.clean and one.tier == "high"]
    found = Counter(
        check for one in wrongly for d in DIMENSIONS for check in CHECKS[d] if one.checks[check] == "true"
    )
    return table("check|honest accounts in high#", [(f"`{check}`", n) for check, n in found.most_common()])


def cost_of(accounts: list[Judged]) -> str:
    """Return in words what the tiers cost honest people, and their own organisation."""
    high, low = ([one for one in accounts if one.tier == tier] for tier in ("high", "low"))
    honest = [one for one in accounts if one.clean]
    wrongly = [one for one in high if one.clean]
    asked = sum(one.verdict("stolen") == "true" for one in wrongly)
    days = round(BY_HAND_POOL * (len(high) + len(low)) / max(1, len(accounts)) / BY_HAND_A_DAY)
    return (
        f"Of {len(honest):,} honest accounts, {len(wrongly) - asked} would be taken out of the pool, as advised, and {asked} paused and "
        f"asked; {percent(Share(len(wrongly), len(high)).value)} of the high tier are honest. To look at both upper tiers of "
        f"{BY_HAND_POOL:,} accounts by hand, {BY_HAND_A_DAY} a day (`sops.manual-baseline`), takes one person {days} days."
    )


def prevalence_table(accounts: list[Judged], prevalences: Iterable[float]) -> str:
    """Precision, with the same recall and the same false alarms, in pools where less or more is wrong."""
    prevalences = list(prevalences)
    rows = [
        (NAMES[d], *(percent(confusion(accounts, d).precision_at(p)) for p in prevalences))
        for d in ("stolen", "fake", "non_compliant")
    ]
    return table("|".join(["of the pool", *(f"{percent(p)}#" for p in prevalences)]), rows)


def worlds_table(worlds: Levels) -> str:
    """The main figures under other assumptions."""
    rows = []
    for name, accounts in worlds.items():
        figures = [confusion(accounts, d) for d in ("stolen", "fake", "non_compliant")]
        cells = [f"{percent(c.precision.value)}, {percent(c.recall.value)}" for c in figures]
        high = share_of((one for one in accounts if one.clean), lambda one: one.tier == "high")
        rows.append((name, *cells, percent(high.value)))
    return table("assumed|stolen: precision, recall#|fake#|non-compliant#|honest in high#", rows)


def claims_table(accounts: list[Judged]) -> str:
    """What the catalogue's rows claim, and the same figure here."""
    size = len(accounts)
    kept = [one for one in accounts if one.tier != "high"]
    no_fakes = [one for one in accounts if one.verdict("fake") != "true"]
    risky = [one for one in accounts if not one.clean]
    rows: list[tuple[object, ...]] = []
    for dimension, row, claim in (
        ("stolen", "screen.stolen-accuracy-98p5pct", "accuracy 98.5 %"),
        ("non_compliant", "screen.noncompliant-accuracy-99pct", "accuracy 99 %"),
    ):
        found = confusion(accounts, dimension)
        nobody = percent(1 - found.all_of(truth=True) / size)
        rows.append((f"`{row}`", claim, f"{percent(found.accuracy.value)}; {nobody} if nobody were flagged"))
    fakes = [percent(share_of(them, lambda one: one.truth["fake"]).value) for them in (accounts, no_fakes)]
    before, after = (percent(share_of(them, lambda one: not one.clean).value) for them in (accounts, kept))
    secure = share_of((one for one in accounts if one.tier == "secure"), lambda one: one.clean)
    wrong = share_of(accounts, lambda one: one.tier == ("high" if one.clean else "secure"))
    left = share_of(risky, lambda one: one.tier != "high")
    surface, found_at_all = (
        percent(
            share_of(
                risky, lambda one, d=dims: any(one.truth[x] and one.verdict(x) == "true" for x in d)
            ).value
        )  # type: ignore[misc]
        for dims in (("invalid",), DIMENSIONS)
    )
    rows += [
        ("`screen.fake-effect-20-to-3pct`", "fakes 20 % before, 3 % after", f"{fakes[0]} before, {fakes[1]} once all flagged as fake are out"),
        ("`sops.effect-28-to-3pct`", "high risk 28 % before, 3 % after", f"{before} with anything wrong before, {after} once the high tier is out"),
        ("`sops.security-rate-97pct`", "more than 97 % secure", f"{percent(secure.value)} of the secure tier have nothing wrong"),
        ("`sops.manual-misjudgement-over-30pct`", "by hand more than 30 % misjudged, 12 % of high risk left",
         f"{percent(wrong.value)} honest in high, or wrong in secure; {percent(left.value)} of what is wrong not in high"),
        ("`sops.traditional-15-20-vs-90pct`", "validity alone finds 15 to 20 %, a tool more than 90 %",
         f"{surface} by validity alone, {found_at_all} by all dimensions"),
    ]  # fmt: skip
    return table("row|claimed|here", rows)
