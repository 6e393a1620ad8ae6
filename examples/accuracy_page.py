"""The page docs/screening-accuracy.md, of what was measured."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields

import accuracy_tables as tables
from accuracy_figures import percent
from accuracy_tables import Levels, share_of
from pool_assumptions import Assumed
from real_data_findings import table
from screened_pool import Judged, confusion

MOST = "list, events, answers"
PREVALENCES = (0.01, 0.05, 0.1, 0.2)
Groups = dict[str, Callable[[Judged], bool]]


def _in(group: str) -> Callable[[Judged], bool]:
    return lambda one: group in one.groups


def _stolen(group: str) -> Callable[[Judged], bool]:
    return lambda one: one.truth["stolen"] and group in one.groups


HONEST: Groups = {
    "young: under 90 days": _in("young"),
    "silent for 90 days": _in("silent"),
    "travellers: a login from another city in 30 days": _in("traveller"),
    "a new phone in 30 days": _in("new phone"),
    "a banned person's former device": _in("linked by device"),
    "an address of many, a banned one among them": _in("linked by address"),
    "none of these": lambda one: not one.groups,
    "all": lambda _one: True,
}
STOLEN: Groups = {
    "new device, other country": _stolen("shows device and country"),
    "new device, same city": _stolen("shows device"),
    "a device of the holder's, other country": _stolen("shows country"),
    "nothing: no login of its own": _stolen("shows nothing"),
    "more than 30 days ago": _stolen("older than the trail"),
}
FAKE: Groups = {
    "young": lambda one: one.truth["fake"] and "young" in one.groups,
    "silent": lambda one: one.truth["fake"] and "silent" in one.groups,
    "neither young nor silent": lambda one: one.truth["fake"] and not one.groups & {"young", "silent"},
}
NON_COMPLIANT: Groups = {
    "people whose rows look like spam": lambda one: one.truth["non_compliant"] and not one.truth["fake"],
    "bots labelled as spam": lambda one: one.truth["non_compliant"] and one.truth["fake"],
}


def page(levels: Levels, worlds: Levels) -> str:
    """Return the page: `levels` are accounts by evidence, `worlds` with all evidence by assumption."""
    accounts = levels[MOST]
    honest = [one for one in accounts if one.clean]
    figures = {
        f"{d}_{name}": percent(getattr(confusion(accounts, d), name).value)
        for d in ("stolen", "fake", "non_compliant")
        for name in ("precision", "recall")
    }
    secure = [one for one in accounts if one.tier == "secure"]
    fakes = [confusion(them, "fake").precision.value or 0 for them in worlds.values()]
    head = _HEAD.format(
        **figures, size=f"{len(accounts):,}", honest=f"{len(honest):,}",
        high=percent(share_of(honest, lambda one: one.tier == "high").value),
        low=percent(share_of(honest, lambda one: one.tier == "low").value),
        fake_least=percent(min(fakes)), fake_most=percent(max(fakes)), secure=percent(share_of(secure, lambda one: one.clean).value),
    )  # fmt: skip
    sections = [
        head, "## Precision and recall", _FIGURES, tables.figures_table(levels), _PICTURE, "Check by check, with all evidence:",
        tables.checks_table(accounts), "## Confusion", _CONFUSION, tables.confusion_table(levels),
        "## Who is found", "Stolen accounts, by what the takeover shows:", tables.groups_table(accounts, STOLEN, "stolen"),
        "Fakes, by what real fraud numbers and bots show; who is both young and silent is in both rows:",
        tables.groups_table(accounts, FAKE, "fake"), "Non-compliant accounts:", tables.groups_table(accounts, NON_COMPLIANT, "non_compliant"),
        _RECORD.format(recorded=_recorded(accounts)), "## Tiers, and what they cost honest people", _TIERS, tables.tiers_table(levels), tables.cost_of(accounts), "With all evidence, group by group (in the pool every honest account of CollegeMsg is younger than 123 days):",
        tables.honest_table(accounts, HONEST), "Why honest accounts are in the high tier (one may have more than one reason):",
        tables.causes_table(accounts), "## In other pools, and under other assumptions", _PREVALENCE, tables.prevalence_table(accounts, PREVALENCES),
        _WORLDS, tables.worlds_table(worlds), "## What is claimed, and what we find", _CLAIMS, tables.claims_table(accounts), _WHY, _UNKNOWABLE,
        "## What is real, and what is not", _REAL, "### Assumed", _ASSUMED, assumed_table(),
    ]  # fmt: skip
    return "\n\n".join(sections) + "\n"


def _recorded(accounts: list[Judged]) -> str:
    bots = [one for one in accounts if one.truth["fake"] and one.truth["non_compliant"]]
    found = share_of(bots, lambda one: one.checks["screen.historical-violation"] == "true")
    return f"{found.part} of {found.whole}"


def assumed_table() -> str:
    """Every assumption with its value and its reason."""
    default = Assumed()
    rows = [(f"`{f.name}`", f"{getattr(default, f.name):g}", f.metadata["why"]) for f in fields(Assumed)]
    return table("name|value#|what", rows)


_HEAD = """\
# How accurate screening is

`tidegate screen` with its default figures, on a pool of which the truth is known. The pool is put together from real message streams, real
phone numbers with a fraud label and real bots; what no data set tells is assumed, and [said](#what-is-real-and-what-is-not). No figure of
Tidegate was chosen by it: accounts are split in halves by a hash of their id, and the {size} of the test half are counted, {honest} of
them honest. With the list, events of the platform and its answers:

- **Stolen**: {stolen_recall} are found; {stolen_precision} of those flagged are. Takeovers with a new device are found, others are not; and a
  new phone looks like a thief.
- **Fake**: {fake_recall} are found; {fake_precision} of those flagged are. Most honest people show no picture or no text either, so that being
  young or silent is enough. Other assumptions about ages and profiles give {fake_least} to {fake_most}. The verdict mostly means *observe*.
- **Non-compliant**: {non_compliant_recall} are found; {non_compliant_precision} of those flagged are. The check repeats a record, with what it lacks and
  with its errors.
- **Honest people**: {high} land in high risk, {low} in low. Of the secure tier, {secure} have nothing wrong.

So: ask holders before anybody is taken out, and take *secure* for what it is, no sign of risk.

Made by `make docs` where the data sets lie beside the project: `python examples/screening_accuracy.py ../shared/data`"""

_FIGURES = """\
*Precision* is how many of those flagged are rightly so, *recall* how many of those truly so are flagged; who is *unknown* is not flagged.
In brackets the 95 % interval of Wilson. The evidence grows: the list of an organisation, then events (registrations, logins, messages, the
measures of the shipped policy), then answers of the platform; facts are missing at the rates [below](#assumed). *Everything told* is the same
world with nothing left out: what remains wrong there no further answer mends."""

_PICTURE = """\
![Precision and recall by dimension and evidence, with intervals](pictures/screening-accuracy.png)

The dashed line is the precision of flagging everybody. `screen.unregistered` is not measured: no data set has numbers without an account."""

_CONFUSION = "Accounts of which it *is* or *is not* so, by verdict."

_RECORD = """\
A person's rows look like spam by reach, silence or pace ([real-data.md](real-data.md)); the policy that makes the record reads the same
rows, so that these are found means little. Bots write at the pace of people here, and {recorded} are on record."""

_TIERS = "An account of the high tier is taken out of the pool, or paused and its holder asked; one of the low tier is observed for a month."

_PREVALENCE = """\
Precision depends on how much is wrong in a pool. With the recall and the false alarms above, where so many are stolen, fake or
non-compliant:"""

_WORLDS = """\
The same with other assumptions, each changed alone, all evidence given (*as above* is the page's own). What the profile says of honest people
decides how good the fake verdict is, and of fakes we know no figure."""

_CLAIMS = "The rows of the catalogue are claims of articles, without data, method or base rate. Here, with all evidence:"

_WHY = """\
Why ours differ: *accuracy* counts the many accounts that nobody suspects, so that flagging nobody looks accurate as well. A share before and
after is no accuracy either, as it falls with every account that is taken out, rightly or not. And we count what is missed, which whoever
looks only at what was found cannot."""

_UNKNOWABLE = """\
## What is unknowable

- **Takeovers without a login of their own**: a stolen session, malware on the holder's phone, a thief who copies the device. No trail shows
  them. Nor those more than 30 days ago: by now the thief's device is the familiar one.
- **A new phone or a thief**: the trail of both is the same login. Only the holder knows.
- **Fakes that are old and act**: neither young nor silent, they look like people, and a check by age, silence and profile cannot see them.
- **Silent people or zombies**: a person who left and an account with nobody behind it leave the same nothing.
- **What was never recorded**: recall of the record is that of the platform. What was recorded in error counts as much as the rest, unless
  an appeal lifted it.
- **Lists grow old**: the list counts before what the platform answers, so a dead number that somebody once noted as reachable stays.
- **Addresses**: where the platform names a shared address and not whether many share it, honest people are linked with strangers.
- **How often**: how many accounts are stolen or fake in a pool, what takeovers show, how much platforms answer: we know no data. Hence the
  tables by group, which do not depend on it."""

_REAL = """\
| accounts | real | put together by chance, or assumed |
| --- | --- | --- |
| honest | who wrote to whom and when (CollegeMsg, Copenhagen); CollegeMsg: since when; devices and cities in eight months of telecom numbers labelled honest; for how many months such numbers have had bills | which number goes with whom; when in the eight months a device or city changed; one login a day, with the first message; picture and text |
| stolen | the person before; the days on which the thief logs in are those of another person | the takeover: when, and what it shows, a quarter each; half of the holders are locked out |
| fake | what bots did in order (Cresci 2017: 100 actions at most, so that length gives nothing away); age by bills, traffic and devices of telecom numbers labelled fraud; numbers without data traffic are silent | which number goes with which bot; a person's times; recipients are strangers; groups with common devices |
| non-compliant | labels: the bots that sold things or spread scams; people of CollegeMsg whose rows look like spam | the record: measures of the shipped `messenger` policy in a replay of these events; links with banned accounts |
| invalid | numbers labelled fraud that had no bill in eight months | that nobody can be reached there |

Sources: CollegeMsg (Panzarasa, Opsahl and Carley 2009), Copenhagen Networks Study (Sapiezynski and others 2019), telecom fraud in
Sichuan (Digital Sichuan contest 2020, by way of GAT-COBO), Cresci and others (2017). None of it is part of this project. Students of 2004 and
2013, phone numbers of 2020 and bots of 2017 are no messenger of today, and what goes together in life (age, phone, messages, pictures) was
joined by chance here. Region is a city of one province: no data tell of people who travel abroad. Label your own pool, and measure there."""

_ASSUMED = "`examples/pool_assumptions.py`; shares and rates from 0 to 1."
