"""At which hours of the day an account is used, as its profile says."""

import tidegate as tg
from tidegate.events import AccountProfile
from tidegate.expr import Expr, Literal

LEAST_SHARE = 0.01  # of the activity of a day: an even day has 0.042 an hour; our choice, the rows state none
HOURS = 24

_profile = tg.events(AccountProfile).last(AccountProfile.hour_profile.usual(LEAST_SHARE))
_hours = _profile.per(AccountProfile.account_id).ever()


def is_usual(hour: Expr) -> Expr:
    """Return whether the account is used at that hour of its day; not known where no profile says so."""
    power: Expr = Literal(float(1 << (HOURS - 1)))
    for place in reversed(range(HOURS - 1)):
        power = tg.when(hour < place + 1, float(1 << place), power)
    with_hour = (_hours / power).floor()
    return with_hour - (with_hour / 2).floor() * 2 == 1
