"""Events that clients report, as tests of the rules about them write them."""

from itertools import pairwise

from tests.policies.messenger.worlds import (
    DAY,
    MINUTE,
    T0,
    event,
)


def client(ts=T0, account="a", **fields):
    return event("client_report", ts, account, **fields)


def versions(steps, step=DAY):
    """Reports of one client: M modified, O official."""
    return [
        client(T0 + i * step, is_modified=s == "M", mod_category="cosmetic" if s == "M" else None)
        for i, s in enumerate(steps)
    ]


def updates(path, step=DAY, **fields):
    """Updates along a path of official (O) and modified (M) versions."""
    return [
        event("client_updated", T0 + i * step, from_official=a == "O", to_official=b == "O", **fields)
        for i, (a, b) in enumerate(pairwise(path))
    ]


def returned(ts):
    return event("client_updated", ts, from_official=False, to_official=True)


def farm(*groups, step=MINUTE, ip="i", **fields):
    """Devices behind one address: so many of each (family, version)."""
    devices = [build for count, *build in groups for _ in range(count)]
    return [
        client(
            T0 + i * step,
            f"a{i}",
            device_id=f"d{i}",
            ip=ip,
            **{"is_modified": True, "mod_family": family, "mod_version": version} | fields,
        )
        for i, (family, version) in enumerate(devices)
    ]
