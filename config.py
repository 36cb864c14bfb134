"""The settings of one installation, read once from the environment and frozen.

A setting that is missing or malformed stops the start with one sentence that names it: an installation that
half-works is found out on the morning of a conference.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from urllib.parse import unquote, urlsplit


class BadConfig(Exception):
    """One or more settings cannot be used; the message has a line for each."""


@dataclass(frozen=True)
class MailFolder:
    """Letters are kept as ``.eml`` files in *path*: the default, and the only mailer a closed network needs to begin."""

    path: Path


@dataclass(frozen=True)
class MailServer:
    """Letters are handed to an SMTP server; with *tls* the connection is upgraded by STARTTLS."""

    host: str
    port: int
    user: str | None
    password: str | None
    tls: bool


@dataclass(frozen=True)
class MailboxFolder:
    """What comes in lies as ``.eml`` files in *path*."""

    path: Path


@dataclass(frozen=True)
class MailboxServer:
    """What comes in is read from *folder* of an IMAP server; *tls*: "" none, "imaps" from the first byte, "starttls"."""

    host: str
    port: int
    user: str
    password: str
    folder: str
    tls: str


@dataclass(frozen=True)
class SmsGateway:
    """A gateway for short messages: a POST to *url*, with *token* as bearer."""

    url: str
    token: str | None
    sender: str


@dataclass(frozen=True)
class Jitsi:
    """A Jitsi Meet of one's own at *url*, which lets in whoever brings a token signed with *secret* in the name of *app_id*."""

    url: str
    app_id: str
    secret: str = field(repr=False)


@dataclass(frozen=True)
class BigBlueButton:
    """A BigBlueButton at *url* (up to and with ``/bigbluebutton``) and its shared secret."""

    url: str
    secret: str = field(repr=False)


@dataclass(frozen=True)
class Speech:
    """A service of one's own that writes down what is said: ``POST {url}/v1/audio/transcriptions`` with *model*."""

    url: str
    model: str
    key: str = field(default="", repr=False)
    form: str = "verbose_json"
    wait: int = 3600
    """Seconds in which it has to answer."""


@dataclass(frozen=True)
class KeyFile:
    """A key and its certificate in a PKCS#12 file."""

    path: Path
    password: str = field(repr=False)


@dataclass(frozen=True)
class KeyToken:
    """A key in a token that is plugged into this machine: *module* is its PKCS#11 library; *key* "": the only one in it."""

    module: Path
    label: str
    pin: str = field(repr=False)
    key: str = ""


@dataclass(frozen=True)
class SigningKey:
    """A key that signs here. *unit*: the code of the body whose documents it signs, with those below it, "" for all.

    *email*: of a person's key, the account that alone may sign with it.
    """

    held: KeyFile | KeyToken
    unit: str = ""
    email: str = ""


@dataclass(frozen=True)
class Config:
    """Everything the product needs to know about its installation."""

    instance: Path
    database_url: str
    secret_key: str
    public_url: str
    mail: MailFolder | MailServer
    mail_from: str
    host: str
    port: int
    feed_networks: tuple[IPv4Network | IPv6Network, ...] = ()
    """Private networks in which the worker may fetch calendars that somebody subscribed to; none unless they are named."""
    mailbox: MailboxFolder | MailboxServer | None = None
    """Where answers and bounces to ``mail_from`` come in; None: nobody reads them here."""
    mail_rate: int = 0
    """Letters a minute at most, 0 for no bound."""
    mail_verp: bool = True
    """Whether each letter has an envelope sender of its own (``lichhop+b.…@host``), where a mailbox is read."""
    sms: SmsGateway | None = None
    platforms: tuple[Jitsi | BigBlueButton, ...] = ()
    """Video systems that this installation may make rooms on; a link that somebody pastes always works."""
    speech: Speech | None = None
    roads: str = ""
    """Address of an OSRM server for kilometres by road; "": the great circle is taken."""
    recording_most: int = 2048 * 1024 * 1024
    """Bytes that a recording may have at most."""
    recording_days: int = 30
    """Days after which a recording that was heard, or could not be, is deleted."""
    soffice: str = "off"
    """The program that makes PDF files, looked for on the path where it is a bare name; "off": none, even if there is one."""
    seal: SigningKey | None = None
    """The key of the body."""
    hand: SigningKey | None = None
    """The key of a person who signs here."""
    time_stamps: str = ""
    """The address of a service that puts the hour under a signature; "" for none."""
    signing_roots: Path | None = None
    """The folder of the certificates of those who vouch for signers; None: nobody's word is known here."""
    older_keys: tuple[tuple[str, datetime], ...] = field(default=(), repr=False)
    """Earlier values of ``secret_key``, each with the instant until which links that were made under it still open."""
    testing: bool = False

    @property
    def public_host(self) -> str:
        """Host name of the public address, as it stands in UIDs and Message-IDs."""
        return urlsplit(self.public_url).hostname or "localhost"

    @property
    def https(self) -> bool:
        return self.public_url.startswith("https://")

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Config:
        """Read the settings; raises :class:`BadConfig` with a sentence for each one that cannot be used."""
        faults: list[str] = []
        instance = Path(environ.get("INSTANCE") or "instance").resolve()
        host = environ.get("HOST") or "127.0.0.1"
        port = _port(environ.get("PORT") or "8000", faults)
        public_url = (environ.get("PUBLIC_URL") or f"http://{_spoken(host)}:{port}").rstrip("/")
        public_host = _host_of(public_url, faults)
        secret_key = environ.get("SECRET_KEY") or _kept_secret(instance)
        if len(secret_key) < 32:
            faults.append("SECRET_KEY is missing or shorter than 32 characters; ./run.sh makes one on the first start")
        mail_from = environ.get("MAIL_FROM") or f"diemcau@{_mail_domain(public_host)}"
        if not re.fullmatch(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9.-]+", mail_from):
            faults.append("MAIL_FROM must be an e-mail address such as lichhop@tinh.gov.vn")
        config = cls(
            instance=instance,
            database_url=_database_url(environ.get("DATABASE_URL") or f"sqlite:///{instance / 'diemcau.db'}", faults),
            secret_key=secret_key,
            public_url=public_url,
            mail=_mail(environ.get("MAIL_URL") or f"folder:{instance / 'outbox'}", faults),
            mail_from=mail_from,
            host=host,
            port=port,
            feed_networks=_networks(environ.get("FEED_PRIVATE_NETWORKS") or "", faults),
            mailbox=_mailbox(environ.get("MAILBOX_URL") or "", faults),
            mail_rate=_number("MAIL_RATE", environ.get("MAIL_RATE") or "0", 100_000, faults),
            mail_verp=_on("MAIL_VERP", environ.get("MAIL_VERP") or "on", faults),
            sms=_sms(environ, faults),
            platforms=_platforms(environ, faults),
            speech=_speech(environ, faults),
            roads=_service("OSRM_URL", environ.get("OSRM_URL") or "", faults),
            recording_most=_number("RECORDING_MOST_MB", environ.get("RECORDING_MOST_MB") or "2048", 20_480, faults)
            << 20,
            recording_days=_number("RECORDING_DAYS", environ.get("RECORDING_DAYS") or "30", 3650, faults),
            soffice=_program("SOFFICE", environ.get("SOFFICE") or "soffice", faults),
            seal=_signing_key(environ, "SIGNING_", faults),
            hand=_signing_key(environ, "SIGNING_PERSON_", faults),
            time_stamps=_service("SIGNING_TSA", environ.get("SIGNING_TSA") or "", faults),
            signing_roots=_folder("SIGNING_ROOTS", environ.get("SIGNING_ROOTS") or "", instance / "roots", faults),
            older_keys=_older_keys(environ.get("SECRET_KEY_FALLBACKS") or "", faults),
        )
        if faults:
            raise BadConfig("\n".join(faults))
        return config


def _port(text: str, faults: list[str]) -> int:
    if re.fullmatch("[0-9]{1,5}", text) and 0 < int(text) < 65536:
        return int(text)
    faults.append(f"PORT must be a number from 1 to 65535, not {text[:20]!r}")
    return 0


def _host_of(public_url: str, faults: list[str]) -> str | None:
    """The host name in the public address, None where it cannot be read as one."""
    try:
        parts = urlsplit(public_url)
        _ = parts.port  # a number that is no port is found out when it is asked for
    except ValueError:
        parts = urlsplit("")
    named = re.fullmatch(r"[\w.:-]+", parts.hostname or "")
    if parts.scheme not in ("http", "https") or not named or parts.query or parts.fragment:
        faults.append("PUBLIC_URL must be an address such as https://hop.tinh.gov.vn")
        return None
    return parts.hostname


def _spoken(host: str) -> str:
    return "127.0.0.1" if host in ("0.0.0.0", "::", "") else host


def _mail_domain(host: str | None) -> str:
    """An address at a bare IP or ``localhost`` is refused by mail programs; the reserved name is at least well-formed."""
    if not host or host == "localhost" or re.fullmatch(r"[\d.:]+", host):
        return "diemcau.example"
    return host


def _networks(text: str, faults: list[str]) -> tuple[IPv4Network | IPv6Network, ...]:
    found = []
    for word in text.replace(",", " ").split():
        try:
            found.append(ip_network(word))
        except ValueError:
            faults.append(f"FEED_PRIVATE_NETWORKS must name networks such as 10.20.0.0/16, not {word[:40]!r}")
    return tuple(found)


def _kept_secret(instance: Path) -> str:
    kept = instance / "secret_key"
    try:
        return kept.read_text(encoding="ascii").strip() if kept.is_file() else ""
    except (OSError, UnicodeDecodeError):
        return ""  # said as missing, in the sentence about SECRET_KEY


def _database_url(url: str, faults: list[str]) -> str:
    if url.startswith("sqlite:///"):
        return url
    for prefix in ("postgresql+psycopg://", "postgresql://", "postgres://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url[len(prefix) :]
    faults.append("DATABASE_URL must begin with sqlite:/// or postgresql://")
    return url


def _mail(url: str, faults: list[str]) -> MailFolder | MailServer:
    if url.startswith("folder:") and len(url) > len("folder:"):
        return MailFolder(Path(url[len("folder:") :]).resolve())
    try:
        parts = urlsplit(url)
        port = parts.port or 25
    except ValueError:
        parts, port = urlsplit(""), 0
    if parts.scheme in ("smtp", "smtp+starttls") and parts.hostname and port:
        user = unquote(parts.username) if parts.username else None
        password = unquote(parts.password) if parts.password else None
        return MailServer(parts.hostname, port, user, password, tls=parts.scheme == "smtp+starttls" or port == 587)
    faults.append("MAIL_URL must be folder:PATH or smtp://user:password@host:port")
    return MailFolder(Path("outbox"))


def _mailbox(url: str, faults: list[str]) -> MailboxFolder | MailboxServer | None:
    if not url:
        return None
    if url.startswith("folder:") and len(url) > len("folder:"):
        return MailboxFolder(Path(url[len("folder:") :]).resolve())
    try:
        parts = urlsplit(url)
        port = parts.port or (993 if parts.scheme == "imaps" else 143)
    except ValueError:
        parts, port = urlsplit(""), 0
    if parts.scheme in ("imap", "imap+starttls", "imaps") and parts.hostname and parts.username and port:
        tls = {"imap": "", "imap+starttls": "starttls", "imaps": "imaps"}[parts.scheme]
        folder = unquote(parts.path.strip("/")) or "INBOX"
        return MailboxServer(parts.hostname, port, unquote(parts.username), unquote(parts.password or ""), folder, tls)
    faults.append("MAILBOX_URL must be folder:PATH or imaps://user:password@host:port/INBOX")
    return None


def _number(name: str, text: str, most: int, faults: list[str]) -> int:
    if re.fullmatch("[0-9]{1,9}", text) and int(text) <= most:
        return int(text)
    faults.append(f"{name} must be a number from 0 to {most}, not {text[:20]!r}")
    return 0


def _on(name: str, text: str, faults: list[str]) -> bool:
    if text.lower() in ("on", "off"):
        return text.lower() == "on"
    faults.append(f"{name} must be on or off, not {text[:20]!r}")
    return True


def _sms(environ: Mapping[str, str], faults: list[str]) -> SmsGateway | None:
    url = environ.get("SMS_URL") or ""
    if not url:
        return None
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        faults.append("SMS_URL must be an address such as https://sms.tinh.gov.vn/send")
        return None
    return SmsGateway(url, environ.get("SMS_TOKEN") or None, environ.get("SMS_SENDER") or "")


def _platforms(environ: Mapping[str, str], faults: list[str]) -> tuple[Jitsi | BigBlueButton, ...]:
    found: list[Jitsi | BigBlueButton] = []
    if url := _service("JITSI_URL", environ.get("JITSI_URL") or "", faults):
        app_id, secret = environ.get("JITSI_APP_ID") or "", environ.get("JITSI_SECRET") or ""
        if not app_id or not secret:
            faults.append("JITSI_URL needs JITSI_APP_ID and JITSI_SECRET, the app_id and app_secret of Prosody")
        found.append(Jitsi(url, app_id, secret))
    if url := _service("BBB_URL", environ.get("BBB_URL") or "", faults):
        if not environ.get("BBB_SECRET"):
            faults.append("BBB_URL needs BBB_SECRET, the shared secret that `bbb-conf --secret` prints")
        found.append(BigBlueButton(url.removesuffix("/api"), environ.get("BBB_SECRET") or ""))
    return tuple(found)


_SPEECH_FORMS = ("verbose_json", "json", "diarized_json", "vtt", "srt", "text")


def _speech(environ: Mapping[str, str], faults: list[str]) -> Speech | None:
    url = _service("SPEECH_URL", environ.get("SPEECH_URL") or "", faults)
    form = environ.get("SPEECH_FORMAT") or "verbose_json"
    minutes = _number("SPEECH_WAIT_MINUTES", environ.get("SPEECH_WAIT_MINUTES") or "60", 1440, faults)
    if form not in _SPEECH_FORMS:
        faults.append(f"SPEECH_FORMAT must be one of {', '.join(_SPEECH_FORMS)}, not {form[:20]!r}")
    if not url:
        return None
    model = environ.get("SPEECH_MODEL") or ""
    if not re.fullmatch(r"[\w./:@+-]{1,200}", model):
        faults.append("SPEECH_URL needs SPEECH_MODEL, the name of the model as the service lists it")
    key = environ.get("SPEECH_KEY") or ""
    if not (key.isascii() and key.isprintable()):
        faults.append("SPEECH_KEY must be a key in plain letters")
    return Speech(url, model, key, form, max(minutes, 1) * 60)


def _service(name: str, url: str, faults: list[str]) -> str:
    """The address of a service without a slash at its end; "" where none is named, or none that can be used."""
    if not url:
        return ""
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if not good or parts.query or parts.fragment or parts.username:
        faults.append(f"{name} must be an address such as https://hop.tinh.gov.vn")
        return ""
    return url.rstrip("/")


def _program(name: str, said: str, faults: list[str]) -> str:
    """A program by its name or its path; one that was named by path must be there."""
    if "/" in said and not os.access(said, os.X_OK):
        faults.append(f"{name} must be off, the name of a program, or the path of one, not {said[:60]!r}")
    return said


def _folder(name: str, said: str, usual: Path, faults: list[str]) -> Path | None:
    """A folder that must be there where it is named; the usual one where it is there."""
    if said and not Path(said).is_dir():
        faults.append(f"{name} must be a folder of certificates (.pem, .crt), not {said[:60]!r}")
    return Path(said).resolve() if said else usual if usual.is_dir() else None


def _signing_key(environ: Mapping[str, str], prefix: str, faults: list[str]) -> SigningKey | None:
    file, module = environ.get(f"{prefix}P12") or "", environ.get(f"{prefix}PKCS11") or ""
    if not file and not module:
        return None
    held: KeyFile | KeyToken
    if file and module:
        faults.append(f"{prefix}P12 and {prefix}PKCS11 cannot both be set: a key is in a file or in a token")
    if file:
        held = KeyFile(Path(file).resolve(), _secret(environ, f"{prefix}P12_PASSWORD", faults))
        _opens(held, prefix, faults)
    else:
        held = KeyToken(
            Path(module).resolve(),
            environ.get(f"{prefix}TOKEN") or "",
            _secret(environ, f"{prefix}PIN", faults),
            environ.get(f"{prefix}KEY") or "",
        )
        if not held.module.is_file():
            faults.append(f"{prefix}PKCS11 must be the library of a token such as /usr/lib/softhsm/libsofthsm2.so")
        if not held.label or not held.pin:
            faults.append(
                f"{prefix}PKCS11 needs {prefix}TOKEN, the label of the token, and {prefix}PIN or {prefix}PIN_FILE"
            )
    email = (environ.get(f"{prefix}EMAIL") or "").lower()
    if prefix == "SIGNING_PERSON_" and "@" not in email:
        faults.append(
            "SIGNING_PERSON_EMAIL must be the account of the person whose key it is: nobody else may sign with it"
        )
    return SigningKey(held, environ.get(f"{prefix}UNIT") or "", email)


def _opens(held: KeyFile, prefix: str, faults: list[str]) -> None:
    """A key file that does not open is found out now and not when the first document is to be signed."""
    from cryptography.hazmat.primitives.serialization.pkcs12 import load_key_and_certificates

    try:
        key, certificate, _others = load_key_and_certificates(held.path.read_bytes(), held.password.encode() or None)
    except OSError as fault:
        faults.append(f"{prefix}P12 cannot be read: {fault.strerror}")
    except ValueError:
        faults.append(f"{prefix}P12 does not open: it is no PKCS#12 file, or {prefix}P12_PASSWORD is not its password")
    else:
        if key is None or certificate is None:
            faults.append(f"{prefix}P12 must hold a key and its certificate")


def _secret(environ: Mapping[str, str], name: str, faults: list[str]) -> str:
    """A secret out of the environment, or out of the file that ``…_FILE`` names, without the line's end."""
    path = environ.get(f"{name}_FILE") or ""
    if not path:
        return environ.get(name) or ""
    try:
        return Path(path).read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError):
        faults.append(f"{name}_FILE cannot be read")
        return ""


_HANOI = timezone(timedelta(hours=7))


def _older_keys(text: str, faults: list[str]) -> tuple[tuple[str, datetime], ...]:
    """``KEY@2026-12-31 …``: each holds until the end of its day in Hà Nội."""
    found = []
    for word in text.split():
        key, at, day = word.rpartition("@")
        try:
            until = datetime.strptime(day, "%Y-%m-%d").replace(tzinfo=_HANOI) + timedelta(days=1)
        except ValueError:
            until = None
        if not at or until is None or len(key) < 32:
            faults.append(
                "SECRET_KEY_FALLBACKS must name earlier keys as KEY@2026-12-31, each with the last day of its grace"
            )
            continue
        found.append((key, until.astimezone(UTC)))
    return tuple(found)
