"""What no data set tells of a pool of accounts, and what is taken instead, each with its reason."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from random import Random


def _assume(value: float, why: str) -> float:
    return field(default=value, metadata={"why": why})  # type: ignore[no-any-return]


@dataclass(frozen=True)
class Assumed:
    """What no data set tells. Shares and rates are from 0 to 1."""

    college_day: float = _assume(
        120, "the day of CollegeMsg on which it is screened; later its people leave, and most would be silent"
    )
    college_ages: float = _assume(
        1,
        "1: people of CollegeMsg are as old as their membership, 122 days at most; 0: as old as telecom numbers",
    )
    stolen_share: float = _assume(
        0.115, "of the pool are stolen: the middle of `screen.pool-prevalence`, 8 to 15 %"
    )
    fake_share: float = _assume(0.14, "of the pool are fakes: that row says 12 to 20 %")
    takeover_days: float = _assume(
        45, "days before the screening, at any moment of which a takeover may lie; the trail has 30"
    )
    locked_out: float = _assume(
        0.5, "of holders cannot come back after it; the others go on beside the thief"
    )
    avatar: float = _assume(
        0.57,
        "of honest accounts have a visible picture: census of 3.5 billion WhatsApp accounts, arXiv 2511.20252",
    )
    signature: float = _assume(0.29, "of honest accounts have a visible text: the same census")
    fake_avatar: float = _assume(0.57, "of fakes have a picture: as honest ones, as we know no figure")
    fake_signature: float = _assume(0.29, "of fakes have a text: the same")
    trip_days: float = _assume(3, "days that a journey to another city takes")
    region_is_city: float = _assume(1, "1: the platform names cities as regions; 0: countries")
    farm: float = _assume(5, "fakes have their devices together")
    farm_banned: float = _assume(0.5, "of these groups had a member banned before")
    device_link: float = _assume(0.005, "of honest accounts have a banned person's former device")
    address_link: float = _assume(
        0.03, "of honest accounts share an address of many (carrier, hotspot) with a banned one"
    )
    shared_told: float = _assume(0.5, "of these addresses the platform says that many share them")
    list_registered: float = _assume(0.3, "of rows in the list tell since when the account exists")
    list_last_active: float = _assume(0.7, "tell the last exchange, where there was one")
    list_interactions: float = _assume(0.3, "tell the exchanges of 90 days")
    list_profile: float = _assume(0.8, "tell picture and text")
    list_warnings: float = _assume(0.1, "tell measures on record")
    list_reachable: float = _assume(0.7, "tell whether the number can be reached")
    list_stale: float = _assume(0.1, "of numbers that are dead are noted as reachable")
    login_told: float = _assume(0.8, "of accounts have logins in the events")
    field_told: float = _assume(0.95, "of logins tell their device; the same for their region")
    devices_told: float = _assume(0.5, "of accounts older than the events have their devices on record")
    answered: float = _assume(0.85, "of questions about an account the platform answers")
    known_told: float = _assume(0.8, "of logins it says whether the device was known")

    def everything_told(self) -> Assumed:
        """Return the same world with nothing left out."""
        told = {
            f.name: 1.0
            for f in fields(self)
            if f.name.startswith("list_") or f.name.endswith(("_told", "answered"))
        }
        return Assumed(**{f.name: getattr(self, f.name) for f in fields(self)} | told | {"list_stale": 0.0})


@dataclass(frozen=True)
class Told:
    """Whether something is told of an account: a chance for each question, the same whatever else is asked."""

    account_id: str
    seed: int

    def __call__(self, topic: str, rate: float) -> bool:
        return Random(f"{self.seed}/{self.account_id}/{topic}").random() < rate  # noqa: S311  it can be made again

    def profile(self, assumed: Assumed, *, fake: bool) -> tuple[bool, bool]:
        """Return whether the account has a picture and a text."""
        rates = (assumed.fake_avatar, assumed.fake_signature) if fake else (assumed.avatar, assumed.signature)
        return self("avatar", rates[0]), self("signature", rates[1])
