"""Which URLs may be fetched, and which addresses may be connected to: pure rules, one parser, no look-ups."""

import re
from collections.abc import Container, Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import quote

import idna

from livetranslate.errors import BadUrl, FetchFailed

Address = IPv4Address | IPv6Address

MOST_CHARACTERS = 8192
_DEFAULT_PORTS = {"http": 80, "https": 443}

_URL = re.compile(
    r"(?P<scheme>https?)://(?P<authority>[^/?#]*)(?P<path>[^?#]*)(?:\?(?P<query>[^#]*))?(?:#.*)?", re.IGNORECASE | re.DOTALL
)
_AUTHORITY = re.compile(r"(?:\[(?P<literal>[^\[\]]*)\]|(?P<name>[^\[\]:]*))(?::(?P<port>.*))?", re.DOTALL)
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_SAFE = "!$&'()*+,;=:@-._~/%"

# Of IPv4 all that the registry of special purposes keeps from the public net, and one host that a cloud answers its guests on.
_FORBIDDEN_4 = tuple(
    IPv4Network(text)
    for text in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "168.63.129.16/32", "169.254.0.0/16", "172.16.0.0/12",
        "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
        "224.0.0.0/4", "240.0.0.0/4",
    )
)  # fmt: skip
# Of IPv6 only global unicast, and of that not the blocks that carry an IPv4 address inside or are reserved.
_GLOBAL_6 = IPv6Network("2000::/3")
_FORBIDDEN_6 = tuple(IPv6Network(text) for text in ("2001::/23", "2001:db8::/32", "2002::/16", "3ffe::/16", "3fff::/20"))


def is_public(address: Address) -> bool:
    """Whether an address belongs to the public net.

    Written as lists because `is_global` says yes to addresses that lead inside: IPv4 within IPv6, multicast, metadata services.
    """
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _FORBIDDEN_4)
    return address in _GLOBAL_6 and not any(address in network for network in _FORBIDDEN_6)


@dataclass(frozen=True, slots=True)
class Target:
    """What a URL asks for: `host` is a lower-case ASCII name or a plain address, `path` goes on the request line as it is."""

    scheme: str
    host: str
    port: int
    path: str
    literal: Address | None

    @property
    def authority(self) -> str:
        """The value of the Host header."""
        host = f"[{self.host}]" if isinstance(self.literal, IPv6Address) else self.host
        return host if self.port == _DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        """The normalised URL, against which a redirect is read."""
        return f"{self.scheme}://{self.authority}{self.path}"


def parse(url: str) -> Target:
    """Reads an http or https URL; `BadUrl` if it is none, `FetchFailed` if its host is written so that parsers may differ."""
    match = _URL.fullmatch(url) if len(url) <= MOST_CHARACTERS else None
    if match is None or _CONTROLS.search(url):
        raise BadUrl
    scheme, authority = match["scheme"].lower(), match["authority"]
    if "@" in authority or "\\" in url or "%" in authority:
        raise FetchFailed
    parts = _AUTHORITY.fullmatch(authority)
    if parts is None:
        raise BadUrl
    host, literal = _literal(parts["literal"]) if parts["literal"] is not None else _name(parts["name"])
    path = quote(match["path"] or "/", safe=_SAFE)
    if match["query"] is not None:
        path += "?" + quote(match["query"], safe=_SAFE + "?")
    return Target(scheme, host, _port(parts["port"], scheme), path, literal)


def _port(text: str | None, scheme: str) -> int:
    if not text:
        return _DEFAULT_PORTS[scheme]
    if not re.fullmatch(r"[0-9]{1,5}", text) or not 0 < int(text) < 65536:
        raise BadUrl
    return int(text)


def _literal(text: str) -> tuple[str, Address]:
    try:
        address = IPv6Address(text)
    except ValueError:
        raise BadUrl from None
    if address.scope_id is not None:
        raise FetchFailed
    return str(address), address


def _name(text: str) -> tuple[str, Address | None]:
    if not text or any(character.isspace() for character in text):
        raise BadUrl
    name = text.lower()
    if not name.isascii():
        try:
            name = idna.encode(text, uts46=True, transitional=False).decode("ascii").lower()
        except (idna.IDNAError, UnicodeError):
            raise BadUrl from None
    if len(name) > 253:
        raise BadUrl
    last = name.rpartition(".")[2]
    if last.isdigit() or last.startswith("0x"):
        # Only the plain form of an IPv4 address: what resolvers make of 127.1 or 0x7f.1 is theirs.
        try:
            address = IPv4Address(name)
        except ValueError:
            raise FetchFailed from None
        return str(address), address
    if not all(_LABEL.fullmatch(label) for label in name.split(".")):
        raise FetchFailed
    return name, None


class Exemptions:
    """The hosts and networks that may be fetched from though they are not public, on any port; `ValueError` for other items."""

    def __init__(self, allow: Iterable[str] = ()) -> None:
        self._networks: list[IPv4Network | IPv6Network] = []
        self._names: set[str] = set()
        for item in map(str.strip, allow):
            try:
                self._networks.append(ip_network(item.strip("[]"), strict=False))
            except ValueError:
                self._names.add(_exempt_name(item))

    def names(self, target: Target) -> bool:
        """Whether the host is exempt by its name."""
        return target.literal is None and target.host in self._names

    def may_use(self, target: Target, ports: Container[int]) -> bool:
        """Whether the port can be one to fetch from, as far as that is known before the name is looked up."""
        if target.port in ports or self.names(target):
            return True
        return bool(self._networks) and (target.literal is None or self.holds(target.literal))

    def holds(self, address: Address) -> bool:
        """Whether the address lies in an exempt network."""
        return any(address in network for network in self._networks)


def _exempt_name(item: str) -> str:
    try:
        host, _ = _name(item)
    except (BadUrl, FetchFailed):
        raise ValueError(f"{item!r} is neither a host name nor a network") from None
    return host


def admit(target: Target, answers: Iterable[str], exempt: Exemptions, ports: Container[int]) -> list[Address]:
    """The addresses of `target` to connect to, out of what the resolver answered.

    `FetchFailed` if there is none, or if any single one of them is not to be had: a name that points both out and in is a trap.
    `BadUrl` if the port is not one of `ports` and the host not exempt.
    """
    try:
        addresses = list(dict.fromkeys(ip_address(answer) for answer in answers))
    except ValueError:
        raise FetchFailed from None
    by_name = exempt.names(target)
    if not addresses or not all(by_name or exempt.holds(address) or is_public(address) for address in addresses):
        raise FetchFailed
    if target.port not in ports and not (by_name or all(exempt.holds(address) for address in addresses)):
        raise BadUrl
    return addresses
