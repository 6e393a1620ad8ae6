"""From where a key counts: networks, and whether an address lies in one of them (sops.login-ip-restriction)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from tidegate.errors import UsageError

Network = IPv4Network | IPv6Network
NETWORKS_MAX = 50


def networks_of(texts: Sequence[str]) -> tuple[str, ...]:
    """Return networks as they are kept; raise UsageError for what is none.

    >>> networks_of(["192.0.2.0/24", "2001:db8::1"])
    ('192.0.2.0/24', '2001:db8::1/128')
    """
    if len(texts) > NETWORKS_MAX:
        raise UsageError(f"{len(texts)} networks", place="networks", hint=f"a key has at most {NETWORKS_MAX}")
    found = []
    for text in texts:
        try:
            found.append(str(ip_network(text)))
        except ValueError:
            hint = "such as 192.0.2.0/24 or 2001:db8::/32, without bits behind the prefix"
            raise UsageError(f"`{text[:60]}` is no network", place="networks", hint=hint) from None
    return tuple(dict.fromkeys(found))


def lies_in(peer: str | None, networks: tuple[str, ...]) -> bool:
    """Whether an address lies in one of some networks; one that is not known lies in none.

    >>> [lies_in(peer, ("192.0.2.0/24",)) for peer in ("192.0.1.255", "192.0.2.0", "192.0.3.0", "::ffff:192.0.2.9", None)]
    [False, True, False, True, False]
    """
    try:
        address = ip_address(peer or "")
    except ValueError:
        return False
    if isinstance(address, IPv6Address):
        address = address.ipv4_mapped or address
    return any(address in network for network in _parsed(networks))


@lru_cache(maxsize=1024)
def _parsed(networks: tuple[str, ...]) -> tuple[Network, ...]:
    return tuple(map(ip_network, networks))
