"""Logins from places that one person cannot reach in the time between."""

import tidegate as tg
from tidegate.events import ChallengeResult, LoginAttempt
from tidegate.policies.messenger import sanctions

LEAST_MS = tg.seconds(1).ms  # least time between two logins that a speed is computed with
HOUR_MS = tg.hours(1).ms
COUNTRIES = "login-countries"


class ImpossibleTravel(tg.RuleSet):
    """Logins from places that one person cannot reach in the time between.

    Only successful logins count: failed ones from abroad are somebody else attacking the account.
    """

    area = "login"

    countries_2h_limit = tg.Parameter(
        3, low=2, high=20, unit="countries", why="no journey crosses three countries in two hours",
        source="login.countries-3-in-2h",
    )  # fmt: skip
    countries_limit = tg.Parameter(
        3, low=2, high=20, unit="countries", why="more than three", source="login.countries-over-3"
    )  # fmt: skip
    speed_limit = tg.Parameter(
        950, low=100, high=5000, unit="km/h", why="about the speed of an airliner", source="login.impossible-travel-950kmh"
    )  # fmt: skip
    least_km = tg.Parameter(
        100, low=0, high=1000, unit="km", why="below, errors of locating addresses outweigh the distance",
        source="login.impossible-travel-950kmh", assumed=True,
    )  # fmt: skip
    jump_km = tg.Parameter(
        800, low=100, high=10000, unit="km", why="above, logging in is stopped and not only checked",
        source="login.distance-over-800km-implausible",
    )  # fmt: skip

    logins = tg.events(LoginAttempt).where(LoginAttempt.ok)
    countries_2h = logins.distinct(LoginAttempt.ip_country).per(LoginAttempt.account_id).over(tg.hours(2))
    countries_24h = logins.distinct(LoginAttempt.ip_country).per(LoginAttempt.account_id).over(tg.hours(24))

    _placed = (LoginAttempt.ip_lat.is_known() & ~LoginAttempt.ip_lat.is_null()) & (
        LoginAttempt.ip_lon.is_known() & ~LoginAttempt.ip_lon.is_null()
    )
    located = logins.where(_placed)
    before = located.previous_seen().per(LoginAttempt.account_id).ever()
    from_lat = located.previous(LoginAttempt.ip_lat).per(LoginAttempt.account_id).ever()
    from_lon = located.previous(LoginAttempt.ip_lon).per(LoginAttempt.account_id).ever()
    _km = tg.great_circle_km((from_lat, from_lon), (LoginAttempt.ip_lat, LoginAttempt.ip_lon))
    km = (_km * 1000 + 0.5).floor() / 1000  # no place is known to the metre
    km_h = km * HOUR_MS / tg.greatest(tg.age(before), LEAST_MS)
    # of a login that is known to have no place on record nobody can say how far away it was
    _has_place = ~LoginAttempt.ip_lat.is_null() & ~LoginAttempt.ip_lon.is_null()
    pair_of_logins = LoginAttempt.ok & _has_place & ~before.is_null()

    # an abnormal login stays open until a check is passed after it
    too_fast = pair_of_logins & (km >= least_km) & (km_h > speed_limit)
    # back in a country that was one too many is nothing new: whoever passed a check there is not asked at each login
    _there_before = logins.previous_seen().per(LoginAttempt.account_id, LoginAttempt.ip_country)
    _new_2h = _there_before.over(tg.hours(2)).is_null().or_else(False)  # noqa: FBT003  an operand
    _new_24h = _there_before.over(tg.hours(24)).is_null().or_else(False)  # noqa: FBT003  an operand
    abnormal = (
        ((countries_2h >= countries_2h_limit) & _new_2h)
        | ((countries_24h > countries_limit) & _new_24h)
        | too_fast
    )
    abnormal_at = logins.where(abnormal).last_seen().per(LoginAttempt.account_id).ever()
    passed_at = (
        tg.events(ChallengeResult)
        .where(ChallengeResult.passed)
        .last_seen()
        .per(ChallengeResult.account_id)
        .ever()
    )
    unverified = ~abnormal_at.is_null() & (passed_at.is_null() | (abnormal_at > passed_at))

    three_in_2h = tg.Rule(
        id="login.countries-3-in-2h",
        title="Logins from 3 countries in 2 hours",
        on=(LoginAttempt,),
        when=countries_2h >= countries_2h_limit,
        window="PT2H",
        labels=(tg.Label("anomalous-login"),),
        reason="logins from {observed} countries in 2 hours; limit {limit}",
        source="login.countries-3-in-2h",
        examples=("fires: IT, FR and US within two hours", "does not: IT and FR, and a failed login from US"),
    )
    over_three = tg.Rule(
        id="login.countries-over-3",
        title="Logins from more than 3 countries",
        on=(LoginAttempt,),
        when=countries_24h > countries_limit,
        labels=(tg.Label("anomalous-login"),),
        measures=(sanctions.step_up("two_factor", capability="login"),),
        reason="logins from {observed} countries in 24 hours; limit {limit}",
        source="login.countries-over-3",
        note="the source names no window: 24 h, the weaker sibling of three countries in two hours",
        examples=("fires: four countries in a day", "does not: three countries in a day"),
    )
    speed = tg.Rule(
        id="login.impossible-travel-950kmh",
        title="Faster than an airliner between two logins",
        on=(LoginAttempt,),
        when=km_h > speed_limit,
        given=pair_of_logins & (km >= least_km),
        prior=tg.Prior(0.79, group="travel", scores=False, source="login.impossible-travel-950kmh"),
        labels=(tg.Label("anomalous-login"),),
        measures=(sanctions.step_up("biometric", capability="login"),),
        reason="{observed} km/h since the last login; limit {limit}",
        source="login.impossible-travel-950kmh",
        note="at least 100 km, and at least one second; 0.79 is the share of checks: shown, not scored",
        examples=("fires: 1901 km in 2 h", "does not: 1900 km in 2 h, or 5 km within the second"),
    )
    jump = tg.Rule(
        id="login.distance-over-800km-implausible",
        title="More than 800 km between two logins, faster than an airliner",
        on=(LoginAttempt,),
        when=km > jump_km,
        given=pair_of_logins & (km_h > speed_limit),
        measures=(
            sanctions.step_up("two_factor", capability="login"),
            tg.Measure(sanctions.LOGIN_COOLDOWN_48H),
        ),
        reason="{observed} km since the last login, too far for the time between; limit {limit}",
        source="login.distance-over-800km-implausible",
        note="plausible is what the speed of the neighbouring row allows",
        examples=("fires: 801 km in 10 minutes", "does not: 900 km in 2 hours"),
    )
    verify_now = tg.Rule(
        id="login.prompt-verification-after-anomaly",
        title="Abnormal login that no check has cleared yet",
        on=(LoginAttempt,),
        when=unverified == 1,
        measures=(sanctions.step_up("two_factor", capability="login"),),
        reason="an abnormal login has not been verified yet (open: {observed})",
        source="login.prompt-verification-after-anomaly",
        note="the check is offered at the abnormal login itself and at every later one; passing any check clears it, silence keeps"
        " it, and the next abnormal login asks anew. Abnormal: what the rules of this sheet mark as such; a country more, not one"
        " seen before",
        examples=(
            "fires: the login after one from a third country",
            "does not: the same once a check was passed",
        ),
    )
