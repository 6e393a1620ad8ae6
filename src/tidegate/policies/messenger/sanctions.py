"""The measures of this policy: rows `sanction.*` of the catalogue, lengths and rates as figures.

reason for length: one table of 43 rows, read and compared as one.
"""

from dataclasses import replace

import tidegate as tg
from tidegate.policies.messenger import queues
from tidegate.policy.measure import Effect


def _fixed(name: str, default: tg.Duration, source: str) -> tg.Span:
    """Length that the source states."""
    return tg.Span(
        default,
        low=tg.minutes(10),
        high=tg.days(90),
        why="as stated",
        source=source,
        name=f"sanctions.{name}",
    )


def _chosen(name: str, default: tg.Duration, source: str) -> tg.Span:
    """Length of our choice, because the source states none."""
    return tg.Span(
        default,
        low=tg.minutes(10),
        high=tg.days(90),
        why="the source states no end, and none may be permanent by default",
        source=source,
        assumed=True,
        name=f"sanctions.{name}",
    )


def _sanction(
    name: str,
    title: str,
    effect: Effect,
    capability: str,
    level: int,
    lasting: tg.Span,
    *,
    subject: str = "account",
    rate: tg.Parameter | None = None,
    assumed: tuple[str, ...] = (),
) -> tg.Sanction:
    return tg.Sanction(
        id=f"sanction.{name}",
        title=title,
        effect=effect,
        capability=tuple(capability.split()),
        lasting=lasting,
        level=level,
        subject=subject,
        rate_per_minute=rate,
        source=f"sanction.{name}",
        assumed=("duration", *assumed) if lasting.assumed else assumed,
    )


def _rate(name: str, default: float, why: str, source: str, *, assumed: bool = False) -> tg.Parameter:
    return tg.Parameter(
        default,
        low=0,
        high=60,
        unit="attempts/min",
        why=why,
        source=source,
        assumed=assumed,
        name=f"sanctions.{name}",
    )


# sending
SEND_SUSPEND_2H = _sanction(
    "send-suspend-2h", "Level 1: sending suspended for 2 h", "deny", "send", 1,
    _fixed("send_suspend", tg.hours(2), "sanction.send-suspend-2h"),
)  # fmt: skip
SOFT_THROTTLE = _sanction(
    "soft-throttle-4-per-min", "Soft limit: 4 messages per minute", "throttle", "send", 1,
    _chosen("soft_throttle", tg.minutes(30), "sanction.soft-throttle-4-per-min"),
    rate=_rate("soft_throttle_rate", 4, "speed forced down to 4 per minute", "sanction.soft-throttle-4-per-min"),
    assumed=("level",),
)  # fmt: skip
DELIVERY_THROTTLE = _sanction(
    "delivery-throttle-24h", "Delivery rate below 30 % for 24 h", "throttle", "send", 1,
    _fixed("delivery_throttle", tg.hours(24), "sanction.delivery-throttle-24h"),
    rate=_rate(
        "delivery_throttle_rate", 3, "30 % of 12 a minute; the rest is queued and the holder told, nothing is lost in silence",
        "sanction.delivery-throttle-24h", assumed=True,
    ),
    assumed=("level",),
)  # fmt: skip
PERMISSION_DOWNGRADE = _sanction(
    "permission-downgrade", "Permissions one tier down", "none", "all", 1,
    _chosen("permission_downgrade", tg.hours(24), "sanction.permission-downgrade"),
    assumed=("level",),
)  # fmt: skip
FUNCTION_RESTRICTION = _sanction(
    "function-restriction", "Restriction of account functions", "deny", "all", 1,
    _chosen("function_restriction", tg.hours(24), "sanction.function-restriction"),
    assumed=("level",),
)  # fmt: skip
SEND_RESTRICT_48H = _sanction(
    "send-restrict-48h", "Sending restricted for 48 h", "deny", "send", 1,
    _fixed("send_restrict", tg.hours(48), "sanction.send-restrict-48h"),
    assumed=("level",),
)  # fmt: skip
REPORT_RESTRICTION = _sanction(
    "report-restriction-48-72h", "Restriction after multiple reports, usually 48 to 72 h", "deny", "send", 2,
    _fixed("report_restriction", tg.hours(48), "sanction.report-restriction-48-72h"),
    assumed=("level",),
)  # fmt: skip
REPORT_RESTRICTION_LONGER = _fixed(
    "report_restriction_longer", tg.hours(72), "sanction.report-restriction-48-72h"
)
MESSAGING_FULL_RESTRICT = _sanction(
    "messaging-full-restrict", "Level 2: all sending and receiving limited", "deny", "send receive", 2,
    _chosen("messaging_full_restrict", tg.hours(72), "sanction.messaging-full-restrict"),
)  # fmt: skip
FUNCTION_SUSPEND = _sanction(
    "account-function-suspend", "Account function suspended at once", "deny", "all", 3,
    _chosen("function_suspend", tg.hours(24), "sanction.account-function-suspend"),
    assumed=("level",),
)  # fmt: skip

SEND_FREEZE_72H = _sanction(
    "send-freeze-72h", "Sending frozen for 72 h", "deny", "send", 2,
    _fixed("send_freeze", tg.hours(72), "sanction.send-freeze-72h"),
    assumed=("level",),
)  # fmt: skip
DAILY_LIMIT_CUT = _sanction(
    "daily-limit-cut-1000-to-300", "Daily sending limit cut to 30 %", "none", "send", 1,
    _chosen("daily_limit_cut", tg.days(7), "sanction.daily-limit-cut-1000-to-300"),
    assumed=("level",),
)  # fmt: skip
LINKED_SEND_STOP = _sanction(
    "linked-accounts-send-stop-2w", "All associated accounts stopped from sending for two weeks", "deny", "send", 3,
    replace(_fixed("linked_send_stop", tg.days(14), "sanction.linked-accounts-send-stop-2w"), assumed=True),
    assumed=("level",),
)  # fmt: skip

# broadcast, links, groups, calls
BROADCAST_SUSPEND_24H = _sanction(
    "broadcast-suspend-24h", "Broadcast suspended for 24 h", "deny", "broadcast", 1,
    _fixed("broadcast_suspend", tg.hours(24), "sanction.broadcast-suspend-24h"),
    assumed=("level",),
)  # fmt: skip
BROADCAST_REVOKE = _sanction(
    "broadcast-permission-revoke", "Broadcast right withdrawn", "deny", "broadcast", 3,
    _chosen("broadcast_revoke", tg.days(30), "sanction.broadcast-permission-revoke"),
    assumed=("level",),
)  # fmt: skip
REACH_CUT = _sanction(
    "reach-minus-30pct", "Reach of promotions 30 % lower", "throttle", "broadcast", 1,
    _chosen("reach_cut", tg.days(7), "sanction.reach-minus-30pct"),
    rate=_rate(
        "reach_cut_rate", 14, "70 % of the 20 a minute that the highest tier may send",
        "sanction.reach-minus-30pct", assumed=True,
    ),
    assumed=("level",),
)  # fmt: skip
BROADCAST_DISABLE = _sanction(
    "broadcast-disable", "Broadcast disabled after reports", "deny", "broadcast", 2,
    _chosen("broadcast_disable", tg.hours(72), "sanction.broadcast-disable"),
    assumed=("level",),
)  # fmt: skip
LINK_COOLDOWN = _sanction(
    "link-cooldown-72h", "Cool-down: no links for 72 h", "deny", "links", 1,
    _fixed("link_cooldown", tg.hours(72), "sanction.link-cooldown-72h"),
    assumed=("level",),
)  # fmt: skip
GROUP_JOIN_COOLDOWN = _sanction(
    "group-join-cooldown-72h", "Cool-down: no group joins for 72 h", "deny", "group_join", 1,
    _fixed("group_join_cooldown", tg.hours(72), "sanction.group-join-cooldown-72h"),
    assumed=("level",),
)  # fmt: skip
GROUP_JOIN_APPROVAL = _sanction(
    "group-join-success-minus-60pct", "Group joins need approval of an admin", "throttle", "group_join", 1,
    _chosen("group_join_approval", tg.days(7), "sanction.group-join-success-minus-60pct"),
    rate=_rate(
        "group_join_approval_rate", 0, "every join waits for an admin: no join fails by chance",
        "sanction.group-join-success-minus-60pct", assumed=True,
    ),
    assumed=("level",),
)  # fmt: skip
CALL_SUSPEND_24H = _sanction(
    "call-suspend-24h", "Calling suspended for 24 h; emergency calls stay possible", "deny", "call", 1,
    _fixed("call_suspend", tg.hours(24), "sanction.call-suspend-24h"),
    assumed=("level",),
)  # fmt: skip

# login
LOGIN_COOLDOWN_48H = _sanction(
    "login-cooldown-48h", "Login cool-down of 48 h", "deny", "login", 2,
    _fixed("login_cooldown", tg.hours(48), "sanction.login-cooldown-48h"),
    assumed=("level",),
)  # fmt: skip
ACCOUNT_LOCK_24H = _sanction(
    "account-lock-24h", "Account locked for 24 h", "deny", "all", 3,
    _fixed("account_lock", tg.hours(24), "sanction.account-lock-24h"),
    assumed=("level",),
)  # fmt: skip
TRAVEL_MODE_LOCK = _sanction(
    "travel-mode-lock", "Travel-mode lock of payments", "deny", "payment", 1,
    _chosen("travel_mode_lock", tg.hours(72), "sanction.travel-mode-lock"),
    assumed=("level",),
)  # fmt: skip
STEP_UP_ID = "sanction.step-up-verification"
_STEP_UP = tg.Sanction(
    id=STEP_UP_ID,
    title="Step-up verification",
    effect="challenge",
    capability=("all",),
    lasting=_chosen("step_up", tg.hours(24), "sanction.step-up-verification"),
    level=1,
    challenge="two_factor",
    why="until passed, at most 24 h, then asked again",
    source="sanction.step-up-verification",
    assumed=("duration", "level"),
)

# registration
REGISTRATION_REVIEW = _sanction(
    "registration-review-6h", "Registrations from the address wait for a review, 6 h on average", "none", "register", 1,
    _fixed("registration_review", tg.hours(6), "sanction.registration-review-6h"),
    subject="ip", assumed=("level",),
)  # fmt: skip
DEVICE_REGISTRATION_COOLDOWN = _sanction(
    "device-registration-cooldown-168h", "Device may not register for 168 h", "deny", "register", 2,
    _fixed("device_registration_cooldown", tg.hours(168), "sanction.device-registration-cooldown-168h"),
    subject="device", assumed=("level",),
)  # fmt: skip
SESSION_WAIT_30M = _sanction(
    "registration-session-wait-30m", "Registration restarts after 30 minutes", "deny", "register", 1,
    _fixed("session_wait", tg.minutes(30), "sanction.registration-session-wait-30m"),
    subject="number", assumed=("level",),
)  # fmt: skip
CODE_SEND_RESTRICT = _sanction(
    "code-send-restrict", "Code sending limited", "throttle", "register", 1,
    _chosen("code_send_restrict", tg.hours(24), "sanction.code-send-restrict"),
    subject="number",
    rate=_rate(
        "code_send_rate", 1, "back-off instead of losing 72 % of the sends by chance: one a minute",
        "sanction.code-send-restrict", assumed=True,
    ),
    assumed=("level",),
)  # fmt: skip

EARLY_DEACTIVATION = _sanction(
    "early-deactivation", "Deactivation in the first 24 h", "deny", "all", 4,
    _chosen("early_deactivation", tg.hours(72), "sanction.early-deactivation"),
    assumed=("level",),
)  # fmt: skip

# the main account of a business
MAIN_ACCOUNT_BAN = _sanction(
    "main-account-temp-ban", "Main account banned for a time", "deny", "all", 3,
    _chosen("main_account_ban", tg.days(3), "sanction.main-account-temp-ban"),
    assumed=("level",),
)  # fmt: skip

# for good, once a person has confirmed it
MAIN_ACCOUNT_SUSPENSION = tg.Sanction(
    id="sanction.main-account-permanent-suspension",
    title="Main account suspended for good",
    effect="deny",
    capability=("all",),
    lasting=tg.PERMANENT,
    level=4,
    review="permanent-deactivation",
    why="a business loses its channel: a person decides, and an appeal undoes it",
    source="sanction.main-account-permanent-suspension",
    assumed=("level",),
)
GROUP_CREATE_BAN = tg.Sanction(
    id="sanction.group-create-permanent-ban",
    title="No new groups for good",
    effect="deny",
    capability=("group_create",),
    lasting=tg.PERMANENT,
    level=3,
    review="behaviour",
    why="groups made to spread one message; joining and writing stay free",
    source="sanction.group-create-permanent-ban",
    assumed=("level",),
)
PERMANENT_BAN = tg.Sanction(
    id="sanction.permanent-ban-account",
    title="Permanent ban of the account",
    effect="deny",
    capability=("all",),
    lasting=tg.PERMANENT,
    level=4,
    review="permanent-deactivation",
    why="top of the ladder",
    source="sanction.permanent-ban-account",
    assumed=("level",),
)
DEACTIVATION_REVIEW = _sanction(
    "permanent-deactivation-review", "Review for permanent deactivation", "none", "all", 3,
    _chosen("deactivation_review", tg.hours(48), "sanction.permanent-deactivation-review"),
    assumed=("level",),
)  # fmt: skip
NUMBER_HIGH_RISK = tg.Sanction(
    id="sanction.number-permanent-high-risk",
    title="Number marked high risk: every later registration goes to a review",
    effect="none",
    capability=("register",),
    lasting=tg.PERMANENT,
    level=3,
    review="registration",
    subject="number",
    case=queues.REGISTRATION,
    why="numbers are given to other people again: the review must confirm the mark",
    source="sanction.number-permanent-high-risk",
    assumed=("level",),
)


def step_up(challenge: str, *, capability: str, subject: str = "account") -> tg.Measure:
    """Return the demand for a certain check before the next attempt; registrations have no account yet, so their number has it."""
    return tg.Measure(replace(_STEP_UP, challenge=challenge, subject=subject), capability=(capability,))


# clients and devices
FORCED_UPDATE = tg.Sanction(
    id="sanction.forced-logout-update",
    title="Logged out until the app is updated",
    effect="challenge",
    capability=("all",),
    lasting=_chosen("forced_update", tg.days(14), "sanction.forced-logout-update"),
    level=1,
    challenge="update",
    why="whoever updates goes on at once: a demand, not a punishment; asked for at most 14 days",
    source="sanction.forced-logout-update",
    assumed=("duration", "level"),
)
SEND_RESTRICT_72H = _sanction(
    "send-restrict-72h", "Sending restricted for 72 h", "deny", "send", 2,
    _fixed("send_restrict_modified", tg.hours(72), "sanction.send-restrict-72h"),
    assumed=("level",),
)  # fmt: skip
SERVICE_STOP = _sanction(
    "service-stop-outdated", "Service stopped until the app is updated", "deny", "all", 1,
    _chosen("service_stop", tg.hours(24), "sanction.service-stop-outdated"),
    assumed=("level",),
)  # fmt: skip
STATUS_DISABLE = _sanction(
    "status-feature-disable", "Live status disabled", "deny", "status", 1,
    _chosen("status_disable", tg.days(7), "sanction.status-feature-disable"),
    assumed=("level",),
)  # fmt: skip
PRIORITY_DEGRADE = _sanction(
    "service-priority-degrade", "Service priority lowered", "throttle", "send", 1,
    _chosen("priority_degrade", tg.hours(1), "sanction.service-priority-degrade"),
    rate=_rate(
        "priority_degrade_rate", 6, "half of the 12 a minute that an account may send",
        "sanction.service-priority-degrade", assumed=True,
    ),
    assumed=("level",),
)  # fmt: skip
ASSOCIATED_BAN = tg.Sanction(
    id="sanction.associated-ban",
    title="Ban because of an associated account",
    effect="deny",
    capability=("all",),
    lasting=tg.PERMANENT,
    level=4,
    review="permanent-deactivation",
    why="as long as the ban it follows; for good, once a person has confirmed it, where no end of that one is on record",
    source="sanction.associated-ban",
    assumed=("duration", "level"),
)
DEVICE_RISK_CARRIER = tg.Sanction(
    id="sanction.device-permanent-risk-carrier",
    title="Device marked as risk carrier: every later registration goes to a review",
    effect="none",
    capability=("register",),
    lasting=tg.PERMANENT,
    level=3,
    review="registration",
    subject="device",
    case=queues.REGISTRATION,
    why="phones are sold to other people: the review must confirm the mark",
    source="sanction.device-permanent-risk-carrier",
    assumed=("level",),
)
_DEVICE_NUMBER_BAN = tg.Sanction(
    id="sanction.permanent-ban-device-number",
    title="Permanent ban of device and number",
    effect="deny",
    capability=("all",),
    lasting=tg.PERMANENT,
    level=4,
    review="permanent-deactivation",
    why="top of the ladder; the review looks for a second, independent sign",
    source="sanction.permanent-ban-device-number",
    assumed=("level",),
)
DEVICE_AND_NUMBER_BAN = tuple(
    tg.Measure(replace(_DEVICE_NUMBER_BAN, subject=subject)) for subject in ("account", "device", "number")
)

# people may take every measure by hand, in the order of this file
ALL = tuple({s.id: s for s in vars().copy().values() if isinstance(s, tg.Sanction)}.values())
