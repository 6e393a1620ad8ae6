"""Accounts that are used from abroad: on a journey, or by somebody else."""

import tidegate as tg
from tidegate.events import AccountProfile, LoginAttempt, RegistrationAttempt
from tidegate.policies.messenger import account, sanctions


class ForeignLogins(tg.RuleSet):
    """Accounts that are used from abroad: on a journey, or by somebody else."""

    area = "login"

    limit = tg.Parameter(
        5, low=1, high=100, unit="logins", why="more than five, however plausible the journey",
        source="login.foreign-over-5-in-72h-travel-lock",
    )  # fmt: skip

    _home = tg.events(AccountProfile).where(tg.size(AccountProfile.home_countries) > 0)
    listed_at = _home.last_seen().per(AccountProfile.account_id).ever()
    country_listed_at = (
        _home.last_seen()
        .per(AccountProfile.account_id, AccountProfile.home_countries)
        .ever()
        .at(LoginAttempt.account_id, LoginAttempt.ip_country)
    )
    # the newest list holds; without one, home is the market, else the country of the number, as it was registered with
    _country_of_number = (
        tg.events(RegistrationAttempt)
        .last(RegistrationAttempt.number_country)
        .per(RegistrationAttempt.number)
        .ever()
        .at(account.number)
    )
    _home_country = account.market.or_else(_country_of_number)
    is_home = tg.when(
        listed_at.is_null(), LoginAttempt.ip_country == _home_country, country_listed_at >= listed_at
    )
    is_foreign = ~(is_home | LoginAttempt.ip_country.is_null())
    foreign_72h = (
        tg.events(LoginAttempt)
        .where(LoginAttempt.ok & is_foreign)
        .count()
        .per(LoginAttempt.account_id)
        .over(tg.hours(72))
    )

    travel_mode = tg.Rule(
        id="login.foreign-over-5-in-72h-travel-lock",
        title="More than 5 logins from abroad in 72 hours",
        on=(LoginAttempt,),
        when=foreign_72h > limit,
        window="PT72H",
        labels=(tg.Label("travel-mode"),),
        measures=(tg.Measure(sanctions.TRAVEL_MODE_LOCK),),
        reason="{observed} logins from abroad in 72 hours; limit {limit}",
        source="login.foreign-over-5-in-72h-travel-lock",
        note="successful ones; abroad is any country but the habitual ones of the profile, else but the market or the country of"
        " the number",
        examples=("fires: the sixth login from abroad", "does not: five, and one at home or one that failed"),
    )
