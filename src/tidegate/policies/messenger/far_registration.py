"""Registrations from elsewhere: the number belongs to another place than the address."""

import tidegate as tg
from tidegate.events import RegistrationAttempt
from tidegate.policies.messenger import sanctions
from tidegate.policies.messenger.priors import unstated

# countries that share a calling code: a number of one matches an address of any of them (ITU-T E.164 assignments)
SHARED_CODES = (
    ("US", "CA", "PR", "DO", "JM", "TT", "BS", "BB", "AG", "AI", "BM", "DM", "GD", "GU", "KN", "KY", "LC", "MP", "MS", "SX",
     "TC", "VC", "VG", "VI", "AS"),
    ("RU", "KZ"),
    ("GB", "GG", "JE", "IM"),
    ("IT", "VA"),
    ("NO", "SJ"),
    ("FI", "AX"),
    ("AU", "CX", "CC"),
    ("MA", "EH"),
    ("RE", "YT"),
    ("GP", "BL", "MF"),
    ("CW", "BQ"),
    ("SH", "TA"),
)  # fmt: skip


_number_country, _ip_country = RegistrationAttempt.number_country, RegistrationAttempt.ip_country
_same_code = tg.any_of(*(_number_country.isin(*c) & _ip_country.isin(*c) for c in SHARED_CODES))
# none on record is no other country
other_country = (_number_country != _ip_country) & ~(
    _same_code | _number_country.is_null() | _ip_country.is_null()
)
# known to have no place on record is as good as near
has_places = ~(
    RegistrationAttempt.number_lat.is_null()
    | RegistrationAttempt.number_lon.is_null()
    | RegistrationAttempt.ip_lat.is_null()
    | RegistrationAttempt.ip_lon.is_null()
)
_km = tg.great_circle_km(
    (RegistrationAttempt.number_lat, RegistrationAttempt.number_lon),
    (RegistrationAttempt.ip_lat, RegistrationAttempt.ip_lon),
)


class FarRegistration(tg.RuleSet):
    """Registrations from elsewhere: the number belongs to another place than the address."""

    area = "registration"

    far_km = tg.Parameter(
        1500, low=100, high=10000, unit="km", why="more than a day's drive or a flight within the region",
        source="reg.number-ip-over-1500km",
    )  # fmt: skip
    far_km_table = tg.Parameter(
        1500, low=100, high=10000, unit="km", why="the table includes 1500 km itself", source="reg.table-geo-high-1500km"
    )  # fmt: skip

    apart_km = (_km * 1000 + 0.5).floor() / 1000  # no place is known to the metre

    mismatch = tg.Rule(
        id="reg.country-code-ip-mismatch",
        title="The number is of another country than the address",
        on=(RegistrationAttempt,),
        when=RegistrationAttempt.number_country != RegistrationAttempt.ip_country,
        given=other_country,
        prior=unstated("reg.country-code-ip-mismatch", group="geo-deviation"),
        labels=(tg.Label("region-mismatch", on="number"),),
        reason="number of {observed}, address in {limit}",
        source="reg.country-code-ip-mismatch",
        note="a shared calling code matches any of its countries; a country that is known to be none differs from nothing",
        examples=("fires: number of TW, address in US", "does not: number of US, address in CA"),
    )
    far = tg.Rule(
        id="reg.number-ip-over-1500km",
        title="More than 1500 km between the number's region and the address",
        on=(RegistrationAttempt,),
        when=apart_km > far_km,
        given=has_places,
        measures=(sanctions.step_up("voice", capability="register", subject="number"),),
        labels=(tg.Label("region-mismatch", on="number"),),
        reason="{observed} km between the number's region and the address; limit {limit}",
        source="reg.number-ip-over-1500km",
        note="between the points the event gives; to the metre, so that 1500 km are not more than 1500 km",
        examples=("fires: number of Rome, address in Lisbon", "does not: number of Rome, address in Paris"),
    )
    far_table = tg.Rule(
        id="reg.table-geo-high-1500km",
        title="1500 km or more between the number's region and the address",
        on=(RegistrationAttempt,),
        when=apart_km >= far_km_table,
        given=has_places,
        measures=(sanctions.step_up("voice", capability="register", subject="number"),),
        reason="{observed} km between the number's region and the address; the check starts at {limit}",
        source="reg.table-geo-high-1500km",
        examples=("fires: exactly 1500 km", "does not: 1499 km"),
    )
