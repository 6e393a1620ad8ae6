"""Which devices of an account are its own: those its newest list names, and those it has logged in on for a week."""

import tidegate as tg
from tidegate.events import AccountProfile, LoginAttempt
from tidegate.expr import Expr

SOURCE = "login.profile-change-right-after-login"

_least_days = tg.Parameter(
    7,
    low=1,
    high=90,
    unit="days",
    name="familiar_device.least_days",
    why="an intruder is found out, or gone, within a week of his first login",
    source=SOURCE,
    assumed=True,
)

_first_login = (
    tg.events(LoginAttempt)
    .where(LoginAttempt.ok)
    .first_seen()
    .per(LoginAttempt.account_id, LoginAttempt.device_id)
    .ever()
)
# what a profile lists holds until the next one that says anything of devices: a stolen one is taken off the list
_lists = tg.events(AccountProfile).where(AccountProfile.known_devices.is_known())
_told = _lists.last_seen().per(AccountProfile.account_id).ever()
_listed = _lists.last_seen().per(AccountProfile.account_id, AccountProfile.known_devices).ever()


def is_familiar(account: Expr, device: Expr) -> Expr:
    """Return whether the device is known to be the account's own; false where that is not known."""
    first = _first_login.at(account, device)
    listed = _listed.at(account, device) == _told.at(account)
    week = ~first.is_null() & (tg.age(first) >= _least_days * tg.days(1).ms)
    return week.or_else(False) | listed.or_else(False)  # noqa: FBT003  operands


# no stranger who tries devices until logins stop locks the owner out of his own
on_own_device = is_familiar(LoginAttempt.account_id, LoginAttempt.device_id)
