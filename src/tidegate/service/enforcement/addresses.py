"""Where webhooks may go: addresses of the public internet, and those that the operator allows by name.

Otherwise anybody who may register a webhook could have the server ask what only it can reach: metadata services of clouds
(169.254.169.254), databases on the same machine, the network behind it. Names are resolved at every delivery and the
connection goes to the very address that was looked at, so that a name cannot change its mind in between.
"""

from __future__ import annotations

import asyncio
import socket
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tidegate.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
URL_LENGTH_MAX = 2000
_PORTS = {"https": 443, "http": 80}
_NAT64 = ip_network("64:ff9b::/96")


class ForbiddenAddressError(UsageError):
    """A webhook that leads where webhooks may not go."""


async def resolve(host: str, port: int) -> list[Address]:
    """Return the addresses of a name; raises OSError."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(ip_address(str(entry[4][0]).partition("%")[0]) for entry in found))


@dataclass(frozen=True)
class Target:
    """Where a delivery goes: one address, and the name that the certificate must be for."""

    scheme: str
    host: str
    port: int
    address: Address
    path: str

    @property
    def url(self) -> str:
        """The URL with the address in place of the name."""
        literal = f"[{self.address}]" if self.address.version == 6 else str(self.address)  # noqa: PLR2004
        return f"{self.scheme}://{literal}:{self.port}{self.path}"

    @property
    def authority(self) -> str:
        """What the Host header says."""
        name = f"[{self.host}]" if ":" in self.host else self.host
        return name if _PORTS[self.scheme] == self.port else f"{name}:{self.port}"


class Addresses:
    """The rule. `allowed` are networks that may be reached although they are not public, in plain HTTP as well."""

    def __init__(
        self,
        allowed: Iterable[Network] = (),
        resolving: Callable[[str, int], Awaitable[list[Address]]] = resolve,
    ) -> None:
        self._allowed = tuple(allowed)
        self._resolve = resolving

    @classmethod
    def parse(cls, text: str) -> Addresses:
        """Return the rule with the networks that a setting lists, separated by commas; raises UsageError."""
        try:
            return cls(ip_network(part.strip()) for part in text.split(",") if part.strip())
        except ValueError as error:
            raise UsageError(
                str(error).lower(), place="webhook_allow", hint="such as 10.0.0.0/8, fd00::/8"
            ) from None

    def check(self, url: str) -> None:
        """Raise UsageError where a URL cannot be that of a webhook, as far as can be told without asking for its address."""
        scheme, host, _, _ = _parts(url)
        literal = _literal(host)
        if literal is not None:
            self._check(scheme, literal, host)
        elif scheme == "http" and not self._allowed:
            raise ForbiddenAddressError(
                "a webhook needs https",
                place="url",
                hint="http only goes to networks that are allowed by name",
            )

    async def target(self, url: str) -> Target:
        """Return where to connect; raises ForbiddenAddressError, or OSError where the name has no address."""
        scheme, host, port, path = _parts(url)
        literal = _literal(host)
        found = [literal] if literal is not None else await self._resolve(host, port)
        if not found:
            raise OSError(f"`{host}` has no address")
        for address in found:  # all of them: else the choice would be the resolver's
            self._check(scheme, address, host)
        return Target(scheme, host, port, found[0], path)

    def _check(self, scheme: str, address: Address, host: str) -> None:
        if any(address in network for network in self._allowed if network.version == address.version):
            return
        if not all(_public(a) for a in (address, *_inside(address))):
            raise ForbiddenAddressError(
                f"`{host}` is not on the public internet",
                place="url",
                hint="allow its network with `TIDEGATE_WEBHOOK_ALLOW` if it is meant to be reached",
            )
        if scheme != "https":
            raise ForbiddenAddressError(
                "a webhook needs https",
                place="url",
                hint="http only goes to networks that are allowed by name",
            )


def _parts(url: str) -> tuple[str, str, int, str]:
    hint = "such as https://example.org/hooks/tidegate"
    if len(url) > URL_LENGTH_MAX or any(ord(c) <= 32 or ord(c) > 126 for c in url):  # noqa: PLR2004  printable ASCII
        raise UsageError("this is no URL of a webhook", place="url", hint=hint)
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise UsageError("this is no URL of a webhook", place="url", hint=hint) from None
    if parts.scheme not in _PORTS or not parts.hostname or "\\" in url:
        raise UsageError("this is no URL of a webhook", place="url", hint=hint)
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise UsageError(
            "a webhook's URL has no user, password or fragment",
            place="url",
            hint="the signature shows who sends",
        )
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return parts.scheme, parts.hostname, _PORTS[parts.scheme] if port is None else port, path


def _literal(host: str) -> Address | None:
    """Return the address that a host is, in any way that C libraries read one (`0x7f.1` is 127.0.0.1); None: a name."""
    try:
        return ip_address(host)
    except ValueError:
        pass
    try:
        return IPv4Address(socket.inet_aton(host))
    except OSError:
        return None


def _public(address: Address) -> bool:
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


def _inside(address: Address) -> list[Address]:
    """Return the IPv4 addresses that an IPv6 address leads to."""
    if isinstance(address, IPv4Address):
        return []
    found: list[Address] = [a for a in (address.ipv4_mapped, address.sixtofour, *(address.teredo or ())) if a]
    if address in _NAT64:
        found.append(IPv4Address(int(address) & 0xFFFFFFFF))
    return found
