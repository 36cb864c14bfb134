"""Fetching a calendar that is kept elsewhere, by an address that somebody typed.

Whoever types an address could make this machine ask where she herself may not: the router, the database, a cloud's store
of keys. So a name is resolved once, its addresses are checked, and the connection goes to the very address that was
checked: a name that answers differently a moment later (DNS rebinding) gains nothing. Every redirect is checked anew.
A proxy of the environment is not used: it would resolve the name itself.
"""

from __future__ import annotations

import ipaddress
import socket
import threading
import time
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address

LIMIT: Final = 5 * 1024 * 1024
PATIENCE: Final = 20.0  # seconds for everything, redirects and a body that drips included
REDIRECTS: Final = 5
_CHUNK: Final = 64 * 1024
_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")


class Why(StrEnum):
    """Why a calendar could not be fetched; its words stand with whoever shows them."""

    BAD_ADDRESS = "bad_address"
    PRIVATE = "private"
    UNREACHABLE = "unreachable"
    UNTRUSTED = "untrusted"
    TOO_SLOW = "too_slow"
    TOO_LARGE = "too_large"
    REDIRECTS = "redirects"
    FORBIDDEN = "forbidden"
    MISSING = "missing"
    REFUSED = "refused"


@dataclass(frozen=True)
class Fetched:
    """The calendar as it stands now, and the mark by which the server knows this state again."""

    body: bytes
    etag: str = ""


@dataclass(frozen=True)
class Unchanged:
    """The calendar is as it was when the mark was given."""


@dataclass(frozen=True)
class Failed:
    """Nothing could be fetched."""

    why: Why


Answer = Fetched | Unchanged | Failed


class _Refusal(Exception):
    """Ends a fetch with a reason, from wherever in it."""

    def __init__(self, why: Why) -> None:
        super().__init__(why)
        self.why = why


def fetch(
    url: str,
    *,
    etag: str = "",
    allowed: Sequence[Network] = (),
    patience: float = PATIENCE,
    limit: int = LIMIT,
) -> Answer:
    """The calendar at *url* (http, https or webcal). *allowed*: networks that may be asked although they are private.

    Never raises for what the other side does, and never lasts much longer than *patience* seconds.
    """
    call = _Call(tuple(allowed), time.monotonic() + patience, limit)
    try:
        return call.ask(url, etag)
    except _Refusal as refusal:
        return Failed(refusal.why)
    except (requests.RequestException, HTTPError, OSError, ValueError, zlib.error) as fault:
        if (refusal_inside := _refusal_in(fault)) is not None:
            return Failed(refusal_inside)
        if isinstance(fault, ValueError) and not isinstance(fault, OSError | requests.RequestException):
            return Failed(Why.BAD_ADDRESS)  # an address that the libraries cannot make sense of
        if isinstance(fault, requests.exceptions.SSLError) and not call.late:
            return Failed(Why.UNTRUSTED)
        return Failed(Why.TOO_SLOW if call.late or _timed_out(fault) else Why.UNREACHABLE)


def permitted(address: Address, allowed: Iterable[Network]) -> bool:
    """Whether this machine may connect to *address*: one of the open Internet, or of a network in *allowed*."""
    address = _meant(address)
    if any(address.version == network.version and address in network for network in allowed):
        return True
    return address.is_global and not address.is_multicast and not address.is_reserved


def _meant(address: Address) -> Address:
    """The IPv4 address that an IPv6 one only wraps, else itself."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if inner is None and address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is None and address.teredo is not None:
            inner = address.teredo[1]
        return inner or address
    return address


def _refusal_in(fault: BaseException) -> Why | None:
    """The reason of ours that a library has wrapped into *fault*."""
    inner: BaseException | None = fault
    while inner is not None:
        if isinstance(inner, _Refusal):
            return inner.why
        inner = inner.__cause__ or inner.__context__
    return None


def _timed_out(fault: BaseException) -> bool:
    return isinstance(fault, requests.Timeout | TimeoutError) or "timed out" in str(fault)


class _Call:
    """One fetch: who may be asked, until when, and how much is read."""

    def __init__(self, allowed: tuple[Network, ...], deadline: float, limit: int) -> None:
        self.allowed, self.deadline, self.limit = allowed, deadline, limit
        self.open: list[socket.socket] = []

    @property
    def left(self) -> float:
        return max(0.05, self.deadline - time.monotonic())

    @property
    def late(self) -> bool:
        return time.monotonic() >= self.deadline

    def ask(self, url: str, etag: str) -> Answer:
        for _ in range(REDIRECTS + 1):
            url = _web(url)
            with self._asked(url, etag) as response:
                if response.is_redirect or response.status_code in (301, 302, 303, 307, 308):
                    url = urljoin(url, response.headers.get("Location", ""))
                    continue
                if response.status_code == 304 and etag:
                    return Unchanged()
                if response.status_code != 200:
                    raise _Refusal(_refused_by(response.status_code))
                return Fetched(self._read(response), response.headers.get("ETag", "")[:200])
        raise _Refusal(Why.REDIRECTS)

    @contextmanager
    def _asked(self, url: str, etag: str) -> Iterator[requests.Response]:
        headers = {"Accept": "text/calendar, */*;q=0.1", "Accept-Encoding": "gzip", "User-Agent": "DiemCau/1"}
        if etag:
            headers["If-None-Match"] = etag
        # a peer that drips a byte now and then never meets the time-out of one read: the line itself is cut in time
        cutter = threading.Timer(self.left, self._cut)
        cutter.daemon = True
        cutter.start()
        try:
            with requests.Session() as session:
                session.trust_env = False
                adapter = _Checked(self)
                session.mount("http://", adapter)
                session.mount("https://", adapter)
                with session.get(
                    url, headers=headers, timeout=min(10.0, self.left), stream=True, allow_redirects=False
                ) as response:
                    yield response
        finally:
            cutter.cancel()
            self.open.clear()

    def _cut(self) -> None:
        for line in list(self.open):
            try:
                line.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue  # it has ended by itself

    def _read(self, response: requests.Response) -> bytes:
        """The body, unpacked with a bound: a small parcel may hold gigabytes."""
        packed = response.headers.get("Content-Encoding", "").strip().lower()
        if packed not in ("", "identity", "gzip", "x-gzip", "deflate"):
            raise _Refusal(Why.REFUSED)
        unpack = zlib.decompressobj(47) if packed not in ("", "identity") else None
        body = bytearray()
        while True:
            got = response.raw.read1(_CHUNK, decode_content=False)
            if self.late:
                raise _Refusal(Why.TOO_SLOW)
            if not got:
                break
            body += unpack.decompress(got, self.limit + 1 - len(body)) if unpack else got
            if len(body) > self.limit:
                raise _Refusal(Why.TOO_LARGE)
        if unpack is not None and not unpack.eof:
            raise _Refusal(Why.UNREACHABLE)  # it broke off
        return bytes(body)

    def connect(self, host: str, port: int, timeout: Any, options: Any) -> socket.socket:
        """A connection to *host* by an address that was checked. Raises ``OSError`` or a refusal."""
        found = [ipaddress.ip_address(row[4][0]) for row in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
        good = [address for address in found if permitted(address, self.allowed)]
        if not good:
            raise _Refusal(Why.PRIVATE)
        fault: OSError | None = None
        for address in good[:4]:
            line = socket.socket(socket.AF_INET if address.version == 4 else socket.AF_INET6, socket.SOCK_STREAM)
            try:
                line.settimeout(min(self.left, timeout if isinstance(timeout, int | float) else 10.0))
                for option in options or ():
                    line.setsockopt(*option)
                line.connect((str(address), port))
            except OSError as gone:
                line.close()
                fault = gone
            else:
                self.open.append(line)
                return line
        raise fault or OSError("no address")


def _web(url: str) -> str:
    """*url* for the web; calendars are often handed on as ``webcal://``, which means the same by https."""
    parts = urlsplit(url)
    if parts.scheme in ("webcal", "webcals"):
        parts = parts._replace(scheme="https")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise _Refusal(Why.BAD_ADDRESS)
    _ = parts.port  # raises ValueError where it is none
    return parts.geturl()


def _refused_by(status: int) -> Why:
    if status in (401, 403):
        return Why.FORBIDDEN
    return Why.MISSING if status in (404, 410) else Why.REFUSED


class _Checked(HTTPAdapter):
    """Connects by way of :meth:`_Call.connect`; the certificate is still checked against the name."""

    def __init__(self, call: _Call) -> None:
        self._call = call
        super().__init__(max_retries=0)

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **kwargs: Any) -> None:
        call = self._call

        class Plain(HTTPConnection):
            def _new_conn(self) -> socket.socket:
                return call.connect(self._dns_host, self.port, self.timeout, self.socket_options)

        class Secure(HTTPSConnection):
            def _new_conn(self) -> socket.socket:
                return call.connect(self._dns_host, self.port, self.timeout, self.socket_options)

        class PlainPool(HTTPConnectionPool):
            ConnectionCls = Plain

        class SecurePool(HTTPSConnectionPool):
            ConnectionCls = Secure

        self.poolmanager = PoolManager(num_pools=connections, maxsize=maxsize, block=block, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": PlainPool, "https": SecurePool}
