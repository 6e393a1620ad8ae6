"""Accounts in bad standing: incidents on record, devices or addresses shared with banned accounts."""

import numpy as np
from numpy.typing import NDArray

import tidegate as tg
from tidegate.screening.dimensions.check import Check, Findings, Found, count_of
from tidegate.screening.evidence.gathering import Evidence


class Figures:
    """The figures of this dimension."""

    incidents = tg.Parameter(
        1, low=1, high=20, unit="incidents", why="a record remains", source="screen.historical-violation"
    )
    links = tg.Parameter(
        1,
        low=1,
        high=20,
        unit="links",
        why="one device or address is enough",
        source="screen.associated-with-banned",
    )
    chance_of_history = tg.Parameter(
        0.75, low=0.3, high=0.95, unit="probability", why="a violation on record is high risk by itself", source="screen.risk-tiers",
        assumed=True,
    )  # fmt: skip
    chance_by_device = tg.Parameter(
        0.8, low=0.3, high=0.95, unit="probability", why="a shared device is a strong link", source="screen.associated-with-banned",
        assumed=True,
    )  # fmt: skip
    chance_by_address = tg.Parameter(
        0.4, low=0.3, high=0.69, unit="probability", why="a shared address is a weak link: low risk",
        source="screen.associated-with-banned", assumed=True,
    )  # fmt: skip


def _links(evidence: Evidence, _before: Findings) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Links by device and by address; one of the two may not be known."""
    device, address = evidence["device_links"], evidence["ip_links"]
    least = np.where(
        np.isnan(device) & np.isnan(address), np.nan, np.nan_to_num(device) + np.nan_to_num(address)
    )
    return least, evidence.most("device_links") + evidence.most("ip_links")


def _by_device(evidence: Evidence, _found: Found) -> NDArray[np.bool_]:
    return evidence["device_links"] >= 1


def _chance(evidence: Evidence, found: Found) -> NDArray[np.float64]:
    strong = np.where(
        _by_device(evidence, found), Figures.chance_by_device.default, Figures.chance_by_address.default
    )
    return np.where(found.truth == 1, strong, 0.0)


CHECKS = (
    Check(
        id="screen.historical-violation",
        title="A violation on record",
        risk="non_compliant",
        observe=count_of("incidents"),
        op=">=",
        limit=Figures.incidents,
        unit="incidents",
        reason="incidents on record: {observed}",
        label="non-compliant",
        probability=Figures.chance_of_history,
        group="history",
        alone_high=True,
        facts=("warnings", "violations or measures in events"),
        note="warned or restricted for spam or content; measures that protect the holder, and those lifted on appeal, are none",
    ),
    Check(
        id="screen.associated-with-banned",
        title="Shares a device or an address with a banned account",
        risk="non_compliant",
        observe=_links,
        op=">=",
        limit=Figures.links,
        unit="links",
        reason="devices and addresses shared with banned accounts: {observed}",
        label="association-risk",
        probabilities=_chance,
        group="association",
        alone_high=True,
        high=_by_device,
        facts=("events with devices and addresses, and with bans",),
        note="by device high risk, by address low; addresses that many share do not count",
    ),
)
