"""At which hours of the day an account is used: as its profile says, else as its own logins of the last 30 days show."""

import tidegate as tg
from tidegate.events import AccountProfile, LoginAttempt
from tidegate.expr import Expr, Literal

SOURCE = "login.hour-profile"
LEAST_SHARE = 0.01  # of the activity of a day: an even day has 0.042 an hour; our choice, the rows state none
HOURS = 24

least_logins = tg.Parameter(
    20, low=5, high=500, unit="logins", why="of fewer, no habit can be told", source=SOURCE, assumed=True,
    name="usual_hours.least_logins",
)  # fmt: skip
habit_share = tg.Parameter(
    0.05, low=0.01, high=0.5, unit="ratio", why="of the logins of 30 days: more than an even day has in an hour", source=SOURCE,
    assumed=True, name="usual_hours.habit_share",
)  # fmt: skip
enough_to_miss = tg.Parameter(
    100, low=20, high=1000, unit="logins", why="an hour without one of so many is an unusual one", source=SOURCE, assumed=True,
    name="usual_hours.enough_to_miss",
)  # fmt: skip

_profile = tg.events(AccountProfile).last(AccountProfile.hour_profile.usual(LEAST_SHARE))
_hours = _profile.per(AccountProfile.account_id).ever()
_succeeded = (LoginAttempt.ok == 1).or_else(True)  # noqa: FBT003  an operand


def is_usual(hour: Expr) -> Expr:
    """Return whether the account is used at that hour of its day by its profile; not known where none says so."""
    power: Expr = Literal(float(1 << (HOURS - 1)))
    for place in reversed(range(HOURS - 1)):
        power = tg.when(hour < place + 1, float(1 << place), power)
    with_hour = (_hours / power).floor()
    return with_hour - (with_hour / 2).floor() * 2 == 1


def is_unusual_login(hour: Expr, otherwise: Expr) -> Expr:
    """Return whether a login at that hour is unusual for the account; `otherwise`: where neither profile nor logins tell.

    Of the logins before it that are not known to have failed: a habit is what enough of them share, and an hour that is
    missing among very many of them is none.
    """
    name: Expr = Literal(str(HOURS - 1))
    for place in reversed(range(HOURS - 1)):
        name = tg.when(hour < place + 1, str(place), name)
    logins = tg.events(LoginAttempt).where(_succeeded & hour.is_known())
    this_one = tg.when(_succeeded, 1, 0)
    before = logins.count().per(LoginAttempt.account_id).over(tg.days(30)) - this_one
    then = logins.count().per(LoginAttempt.account_id, name).over(tg.days(30)) - this_one
    is_habit = (before >= least_logins) & (then / before >= habit_share)
    is_missing = (before >= enough_to_miss) & (then == 0)
    return (~is_usual(hour)).or_else(~is_habit & (is_missing | otherwise))
