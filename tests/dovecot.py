"""A real IMAP server for the tests: Debian's dovecot, on a port of its own, with one mailbox in a folder of its own."""

from __future__ import annotations

import getpass
import grp
import imaplib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

BINARY = Path("/usr/sbin/dovecot")
USER, PASSWORD = "hop@hop.example", "mật-khẩu-của-hộp-thư"

CONFIG = """
protocols = imap
listen = 127.0.0.1
base_dir = {base}/run
state_dir = {base}/state
log_path = {base}/log
ssl = {ssl}
disable_plaintext_auth = no
auth_mechanisms = plain login
mail_fsync = never
mail_location = maildir:{base}/mail
default_internal_user = {internal}
default_login_user = {login}
default_internal_group = {group}
first_valid_uid = 1
first_valid_gid = 1
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={base}/home allow_all_users=yes
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {secure}
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""


@dataclass
class Dovecot:
    """A running server. *port* speaks plainly and offers STARTTLS where there is a certificate, *secure* begins with TLS."""

    base: Path
    port: int
    secure: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """As ``MAILBOX_URL`` names it."""
        return f"imap://{quote(USER, safe='')}:{quote(PASSWORD)}@127.0.0.1:{self.port}/INBOX"

    def start(self) -> None:
        self.process = subprocess.Popen(
            [str(BINARY), "-F", "-c", str(self.base / "dovecot.conf")],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        end = time.monotonic() + 20
        while True:
            with suppress(OSError, imaplib.IMAP4.error):
                imaplib.IMAP4("127.0.0.1", self.port, timeout=5).logout()
                return
            if time.monotonic() > end or self.process.poll() is not None:
                raise AssertionError(f"dovecot did not start:\n{self.log()}")
            time.sleep(0.05)

    def stop(self) -> None:
        process, self.process = self.process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait(10)

    def log(self) -> str:
        log = self.base / "log"
        return log.read_text(encoding="utf-8", errors="replace")[-4000:] if log.exists() else ""

    @contextmanager
    def opened(self) -> Iterator[imaplib.IMAP4]:
        client = imaplib.IMAP4("127.0.0.1", self.port, timeout=20)
        client.authenticate("PLAIN", lambda _asked: f"\0{USER}\0{PASSWORD}".encode())
        try:
            yield client
        finally:
            with suppress(OSError, imaplib.IMAP4.error):
                client.logout()

    def deliver(self, *messages: bytes) -> None:
        """Put *messages* into the inbox, as a mail server's delivery does."""
        with self.opened() as client:
            for message in messages:
                kind, said = client.append("INBOX", None, None, message)
                assert kind == "OK", said

    def drop(self, *messages: bytes) -> None:
        """As :meth:`deliver` for thousands: files in its folder, as a local delivery leaves them."""
        with self.opened() as client:
            client.select("INBOX", readonly=True)  # the folders are made by whoever looks first
        owner = (self.base / "mail").stat()
        for number, message in enumerate(messages):
            path = self.base / "mail" / "tmp" / f"{time.time_ns() // 10**9}.M{number:06d}.drop"
            path.write_bytes(message)
            os.chown(path, owner.st_uid, owner.st_gid)
            path.rename(self.base / "mail" / "new" / path.name)

    def number_anew(self) -> None:
        """Make the server give every message another number: UIDVALIDITY changes."""
        self.stop()
        for path in (self.base / "mail").glob("dovecot*"):
            path.unlink() if path.is_file() else shutil.rmtree(path)
        time.sleep(1.1)  # its numberings are told apart by the second in which they began
        self.start()

    def flags(self) -> list[str]:
        """The flags of every message in the inbox, in their order."""
        with self.opened() as client:
            client.select("INBOX", readonly=True)
            _kind, found = client.fetch("1:*", "(FLAGS)")
            return [str(line) for line in found if line]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@contextmanager
def running(certificate: tuple[Path, Path] | None = None) -> Iterator[Dovecot]:
    """A server with an empty inbox, gone afterwards. *certificate*: files of it and of its key."""
    # short, because sockets have paths of 100 characters at most; open to the user that reads the mail
    base = Path(tempfile.mkdtemp(prefix="dovecot-", dir="/tmp"))
    base.chmod(0o755)
    try:
        found = Dovecot(base, free_port(), free_port())
        (base / "dovecot.conf").write_text(_config(found, certificate), encoding="utf-8")
        found.start()
        try:
            yield found
        finally:
            found.stop()
    finally:
        shutil.rmtree(base, ignore_errors=True)


def _config(server: Dovecot, certificate: tuple[Path, Path] | None) -> str:
    if os.geteuid() == 0:  # mail must not be root's: its own users do the work
        owner, internal, login = pwd.getpwnam("nobody"), "dovecot", "dovenull"
    else:
        owner = pwd.getpwnam(getpass.getuser())
        internal = login = owner.pw_name
    for name in ("mail", "home"):
        (server.base / name).mkdir()
        os.chown(server.base / name, owner.pw_uid, owner.pw_gid)
    written = CONFIG.format(
        base=server.base,
        port=server.port,
        secure=server.secure if certificate else 0,
        ssl="yes" if certificate else "no",
        internal=internal,
        login=login,
        group=grp.getgrgid(pwd.getpwnam(internal).pw_gid).gr_name,
        uid=owner.pw_uid,
        gid=owner.pw_gid,
        password=PASSWORD,
    )
    if certificate:
        written += f"ssl_cert = <{certificate[0]}\nssl_key = <{certificate[1]}\n"
    return written
