"""Published conduct: logging in from where one always does, and wording that nobody reports."""

import tidegate as tg
from tidegate.events import AccountProfile, LoginAttempt, ReportFiled


class QuotasConduct(tg.RuleSet):
    """Published conduct: logging in from where one always does, and wording that nobody reports."""

    area = "conduct"

    habitual = tg.Parameter(
        1, low=0, high=1, unit="bool", why="known and not hidden behind a VPN or proxy", source="login.habitual-fixed-network"
    )  # fmt: skip
    violations = tg.Parameter(
        0, low=0, high=100, unit="violations", why="none", source="content.compliant-wording", assumed=True
    )  # fmt: skip

    _listed = tg.events(AccountProfile).where(tg.size(AccountProfile.known_networks) >= 0)
    told = _listed.last_seen().per(AccountProfile.account_id).ever()
    known = (
        _listed.last_seen()
        .per(AccountProfile.account_id, AccountProfile.known_networks)
        .ever()
        .at(LoginAttempt.account_id, LoginAttempt.ip)
    )
    hidden = (LoginAttempt.is_vpn | LoginAttempt.is_proxy).or_else(False)  # noqa: FBT003  an operand
    at_home = tg.when((known == told) & ~hidden, 1, 0)
    reported_7d = (
        tg.events(ReportFiled)
        .where(ReportFiled.category.isin("spam", "harassment", "illegal"))
        .count()
        .per(ReportFiled.account_id)
        .over(tg.days(7))
    )

    network = tg.Quota(
        id="login.habitual-fixed-network", title="Log in from a habitual network", capability=("login",),
        on=(LoginAttempt,), within=at_home == habitual, given=~told.is_null() & ~LoginAttempt.ip.is_null(), kind="fact", unit="bool",
        reason="a network that is not among the account's habitual ones, or hidden", source="login.habitual-fixed-network",
        note="habitual: the address, in the form that events carry it, is in `known_networks` of the newest profile that lists"
        " any. A hint for clients: it skips no check and lowers no score",
        examples=("exceeds: an address not listed; a listed one behind a VPN", "within: a listed address"),
    )  # fmt: skip
    wording = tg.Quota(
        id="content.compliant-wording", title="Wording within the rules", capability=(), on=(ReportFiled,),
        within=reported_7d <= violations, kind="count", unit="violations",
        given=ReportFiled.category.isin("spam", "harassment", "illegal"),
        reason="{observed} reports about content in 7 days; the rules of conduct allow {limit}",
        source="content.compliant-wording",
        note="a report says that somebody minds, not that the rules were broken: nothing follows here; 7 days are our choice",
        examples=("exceeds: a report of spam", "within: a report of something else"),
    )  # fmt: skip
