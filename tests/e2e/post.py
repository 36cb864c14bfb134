"""Reading the letters of the folder mailer, as a mail program would."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path

from icalendar import Calendar

LINK = re.compile(r"https?://[^\s\"<>]+/m/([A-Za-z0-9_-]+)")


@dataclass(frozen=True)
class Letter:
    """One letter as it was carried."""

    path: Path
    message: EmailMessage

    @classmethod
    def read(cls, path: Path) -> Letter:
        return cls(path, BytesParser(EmailMessage, policy=policy.default).parsebytes(path.read_bytes()))

    @property
    def to(self) -> str:
        return str(self.message["To"].addresses[0].addr_spec)

    @property
    def subject(self) -> str:
        return str(self.message["Subject"])

    @property
    def text(self) -> str:
        part = self.message.get_body(("plain",))
        assert part is not None, f"{self.path.name} has no plain text"
        return str(part.get_content())

    @property
    def tokens(self) -> set[str]:
        """The private links that stand anywhere in the letter."""
        found = set()
        for part in self.message.walk():
            if part.get_content_maintype() == "text":
                found |= set(LINK.findall(str(part.get_content())))
        return found

    @property
    def calendars(self) -> list[tuple[EmailMessage, Calendar]]:
        """The parts of the type ``text/calendar``, each with what it says."""
        return [
            (part, Calendar.from_ical(part.get_content()))
            for part in self.message.walk()
            if part.get_content_type() == "text/calendar"
        ]

    @property
    def enclosures(self) -> dict[str, bytes]:
        """Attached files, by name."""
        return {
            str(part.get_filename()): part.get_payload(decode=True)
            for part in self.message.iter_attachments()
            if part.get_filename()
        }
