"""Which network addresses may be asked at all: public ones, and loopback for the bundled samples.

Pure decisions over addresses and host names. A page, a redirect or a DNS answer may name any address, so the same
decision is made twice: on the host as it is written, before a request is made, and on the address it resolved to,
when the connection is opened (``scrapers.connections``).
"""

from __future__ import annotations

import socket
import unicodedata
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

from warehouse.ledger_tables import LONGEST_URL

Address = IPv4Address | IPv6Address

METADATA_ADDRESSES: frozenset[Address] = frozenset(
    ip_address(known)
    for known in (
        "169.254.169.254",  # most clouds; also link-local
        "100.100.100.200",  # Alibaba Cloud; also shared (CGNAT) space
        "168.63.129.16",  # Azure; looks public
        "192.0.0.192",  # Oracle Cloud
        "fd00:ec2::254",  # AWS over IPv6
    )
)
NAT64 = IPv6Network("64:ff9b::/96")
V4_COMPATIBLE = IPv6Network("::/96")
LOCAL_NAMES = ("localhost", "localhost.localdomain", "ip6-localhost", "ip6-loopback")
LOCAL_SUFFIXES = (".localhost", ".local", ".internal", ".lan", ".home.arpa")
ALLOWED_SCHEMES = frozenset({"http", "https"})


def embedded_v4(address: IPv6Address) -> IPv4Address | None:
    """The IPv4 address that an IPv6 address stands for (mapped, 6to4, Teredo, NAT64, compatible); None for others."""
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address.teredo is not None:
        return address.teredo[1]
    if address in NAT64 or (address in V4_COMPATIBLE and int(address) > 1):
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return None


def refusal_of_address(address: Address, *, loopback_allowed: bool = False) -> str | None:
    """Say why an address is never connected to; None when it may be.

    Args:
        address: the address itself, not a name.
        loopback_allowed: true for the bundled samples, which may reach this machine and nothing else that is not
            public.
    """
    inner = embedded_v4(address) if isinstance(address, IPv6Address) else None
    if inner is not None:
        return refusal_of_address(inner, loopback_allowed=loopback_allowed)
    kinds = (
        ("metadata", address in METADATA_ADDRESSES),
        ("loopback", address.is_loopback and not loopback_allowed),
        ("link-local", address.is_link_local),
        ("multicast", address.is_multicast),
        ("unspecified", address.is_unspecified),
        ("private, shared or reserved", not address.is_global and not address.is_loopback),
        ("reserved", address.is_reserved and not address.is_loopback),
    )
    named = next((kind for kind, applies in kinds if applies), None)
    return f"{address} is a {named} address" if named else None


def literal_address(host: str) -> Address | None:
    """Read a host that is an address, in any of the spellings that a resolver takes; None for a name.

    ``127.1``, ``0x7f.0.0.1``, ``2130706433`` and full-width ``１２７。０。０。１`` all are 127.0.0.1.
    """
    plain = unicodedata.normalize("NFKC", host).replace("。", ".").strip("[]").partition("%")[0].rstrip(".")
    try:
        return ip_address(plain)
    except ValueError:
        pass
    try:
        return IPv4Address(socket.inet_aton(plain))
    except (OSError, UnicodeEncodeError, ValueError):
        return None


def refusal_of_url(url: str, *, loopback_allowed: bool = False) -> str | None:
    """Say why an address as written may not be asked, whoever names it; None when its host may be looked up."""
    if len(url) > LONGEST_URL:
        return f"an address of {len(url)} characters"
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").rstrip(".")
        _ = parts.port
    except ValueError as error:
        return f"no address: {error}"
    if parts.scheme.lower() not in ALLOWED_SCHEMES:
        return f"{parts.scheme or 'no scheme'}: only http and https are asked"
    if not host:
        return "no host"
    if parts.username is not None or parts.password is not None:
        return "credentials in an address"
    address = literal_address(host)
    if address is not None:
        return refusal_of_address(address, loopback_allowed=loopback_allowed)
    is_local = host in LOCAL_NAMES or host.endswith(LOCAL_SUFFIXES)
    return f"{host} is a name of the local network" if is_local and not loopback_allowed else None
