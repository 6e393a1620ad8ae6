"""Accounts whose face is changed as soon as somebody is in."""

import tidegate as tg
from tidegate.events import LoginAttempt, ProfileChanged
from tidegate.policies.messenger.familiar_device import is_familiar

_MINUTE = tg.minutes(1).ms


class ProfileTakeover(tg.RuleSet):
    """Accounts whose face is changed as soon as somebody is in."""

    area = "login"

    at_once_min = tg.Parameter(
        5, low=1, high=60, unit="min", why="our reading of immediately", source="login.profile-change-right-after-login",
        assumed=True,
    )  # fmt: skip

    _logins = tg.events(LoginAttempt).where(LoginAttempt.ok)
    login_at = _logins.last_seen().per(LoginAttempt.account_id).ever()
    _named = _logins.where(LoginAttempt.device_id.is_known())
    _named_at = _named.last_seen().per(LoginAttempt.account_id).ever()
    _device = _named.last(LoginAttempt.device_id).per(LoginAttempt.account_id).ever()
    on_own_device = is_familiar(ProfileChanged.account_id, _device) & (_named_at == login_at)
    minutes_since_login = tg.age(login_at) / _MINUTE

    new_face = tg.Rule(
        id="login.profile-change-right-after-login",
        title="Name or picture changed within 5 minutes of a login",
        on=(ProfileChanged,),
        when=minutes_since_login <= at_once_min,
        given=ProfileChanged.field.isin("name", "avatar") & ~on_own_device,
        window="PT5M",
        prior=tg.Prior(0.57, source="login.profile-change-right-after-login"),
        labels=(tg.Label("high-risk-login"),),
        reason="name or picture changed {observed} minutes after a login; at most {limit} are at once",
        source="login.profile-change-right-after-login",
        note="after a successful login, unless it came from a device that the account's profile lists or that the account has"
        " logged in on for a week: people change their picture at home",
        examples=(
            "fires: 5 minutes after a login",
            "does not: 6 minutes after it, or on the account's old device",
        ),
    )
