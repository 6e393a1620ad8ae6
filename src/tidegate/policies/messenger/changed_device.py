"""Devices that are other ones than they were at the last login, whatever they call themselves."""

import tidegate as tg
from tidegate.events import LoginAttempt
from tidegate.expr import Expr
from tidegate.policies.messenger import sanctions

PLACES = range(
    12
)  # the row has twelve parameters; of more the first twelve are compared, in the order of their names

_parameters = LoginAttempt.device_params
# login.device-params-12: what a login captures of the device stays known until the next one, as hashes
_captured = tg.events(LoginAttempt).where(
    (LoginAttempt.ok != 0).or_else(True) & (tg.size(_parameters) > 0).or_else(False)  # noqa: FBT003  operands
)


def _before(value: Expr) -> Expr:
    return _captured.previous(value).per(LoginAttempt.account_id).ever()


def _kept() -> Expr:
    """Return how many parameters have the value that they had at the last login, in whatever place."""
    old = [_before(_parameters.entry(place)) for place in PLACES]
    kept: Expr = tg.when(tg.any_of(*(_parameters.entry(0) == value for value in old)), 1, 0)
    for place in PLACES[1:]:
        kept = kept + tg.when(tg.any_of(*(_parameters.entry(place) == value for value in old)), 1, 0)
    return kept


class ChangedDevice(tg.RuleSet):
    """Devices that are other ones than they were at the last login, whatever they call themselves."""

    area = "login"

    share_limit = tg.Parameter(
        0.4, low=0.1, high=0.9, unit="share", why="an update of the system changes a few; five of twelve are another device",
        source="login.device-param-change-over-40pct",
    )  # fmt: skip

    _now, _then = tg.size(_parameters), _before(tg.size(_parameters))
    compared = tg.least(tg.greatest(_now, _then), len(PLACES))
    changed_share = (compared - _kept()) / compared
    is_second = ~_captured.previous_seen().per(LoginAttempt.account_id).ever().is_null()

    changed = tg.Rule(
        id="login.device-param-change-over-40pct",
        title="More than 40 % of the device's parameters differ from the last login",
        on=(LoginAttempt,),
        when=changed_share > share_limit,
        given=is_second & (_now > 0),
        measures=(sanctions.step_up("two_factor", capability="login"),),
        reason="a share of {observed} of the device's parameters differs from the last login; limit {limit}",
        source="login.device-param-change-over-40pct",
        note="against the last login that reported any and is not known to have failed; a parameter that is new, or gone, has"
        " changed. A login of another of the owner's devices is asked, too: the row compares logins, not devices",
        examples=("fires: 5 of 12 parameters differ", "does not: 4 of 12, or the first login"),
    )
