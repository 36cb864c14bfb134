"""What the documents of a unit look like: its letterhead, who signs as what, its own Word templates.

Nothing is overwritten: a letterhead that is changed is followed by another row, so it can be told what a document of May had.
"""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from meetings.database import Base
from meetings.official.signing import Capacity
from meetings.official.vocabulary import DocumentKind
from meetings.units.models import Unit


class Letterhead(Base):
    """The head of a unit's documents in one version; the one that was not *ended* holds.

    Texts of several lines keep their breaks. What is "" is taken from the unit. *for_below*: the units under it that have none
    of their own use it too.
    """

    __tablename__ = "letterhead"

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(sa.ForeignKey("unit.id"), index=True)
    form: Mapped[str] = mapped_column(sa.String(40))  # the key of a data file of official/layouts
    superior: Mapped[str] = mapped_column(sa.String(400), default="")
    has_superior: Mapped[bool] = mapped_column(default=True)  # False: no line stands above, whatever the unit says
    issuer: Mapped[str] = mapped_column(sa.String(400), default="")
    called: Mapped[str] = mapped_column(sa.String(250), default="")
    symbol: Mapped[str] = mapped_column(sa.String(40), default="")
    place: Mapped[str] = mapped_column(sa.String(100), default="")
    address: Mapped[str] = mapped_column(sa.String(300), default="")
    honorific: Mapped[str] = mapped_column(sa.String(20), default="")  # "Đồng chí" before everybody; "": each her own
    titled_names: Mapped[bool] = mapped_column(default=False)  # ranks and degrees before the name of a signer
    for_below: Mapped[bool] = mapped_column(default=False)
    made_at: Mapped[datetime]
    made_by: Mapped[str] = mapped_column(sa.String(200), default="")
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str] = mapped_column(sa.String(200), default="")

    unit: Mapped[Unit] = relationship()

    @property
    def journal_subject(self) -> str:
        return f"unit:{self.unit.code}"

    @property
    def journal_root(self) -> str:
        return ""


class Signatory(Base):
    """Somebody who signs documents of a unit, and as what (``official.signing``). *kinds*: "" for all kinds of document."""

    __tablename__ = "signatory"

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(sa.ForeignKey("unit.id"), index=True)
    capacity: Mapped[Capacity]
    above: Mapped[str] = mapped_column(sa.String(120), default="")
    whose: Mapped[str] = mapped_column(sa.String(120), default="")
    title: Mapped[str] = mapped_column(sa.String(120))
    name: Mapped[str] = mapped_column(sa.String(120))
    kinds: Mapped[str] = mapped_column(sa.String(100), default="")  # names of kinds, a blank between them
    act_number: Mapped[str] = mapped_column(sa.String(60), default="")
    act_on: Mapped[date | None]
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]  # the last day
    made_at: Mapped[datetime]
    made_by: Mapped[str] = mapped_column(sa.String(200), default="")
    stopped_at: Mapped[datetime | None]
    stopped_by: Mapped[str] = mapped_column(sa.String(200), default="")

    unit: Mapped[Unit] = relationship()

    @property
    def journal_subject(self) -> str:
        return f"signatory:{self.id}"

    @property
    def journal_root(self) -> str:
        return ""


class DocumentTemplate(Base):
    """A Word template of a unit for one kind of document; its bytes stand in the post under their SHA-256.

    It was found fit when it came. It is printed with from *used_from* to *stopped_at*; one of a kind at a time.
    """

    __tablename__ = "document_template"

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(sa.ForeignKey("unit.id"), index=True)
    kind: Mapped[DocumentKind]
    name: Mapped[str] = mapped_column(sa.String(200))
    sha256: Mapped[str] = mapped_column(sa.String(64))
    size: Mapped[int]
    for_below: Mapped[bool] = mapped_column(default=False)
    made_at: Mapped[datetime]
    made_by: Mapped[str] = mapped_column(sa.String(200), default="")
    used_from: Mapped[datetime | None]
    used_by: Mapped[str] = mapped_column(sa.String(200), default="")
    stopped_at: Mapped[datetime | None]
    stopped_by: Mapped[str] = mapped_column(sa.String(200), default="")
    failed_at: Mapped[datetime | None]  # when it last gave no document, and ours was printed instead
    failed_why: Mapped[str] = mapped_column(sa.String(400), default="")

    unit: Mapped[Unit] = relationship()

    @property
    def journal_subject(self) -> str:
        return f"template:{self.id}"

    @property
    def journal_root(self) -> str:
        return ""
