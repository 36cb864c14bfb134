"""Tables of the directory: sites, people and imports; and what the documents of a unit look like."""

from meetings.directory.models.documents import DocumentTemplate, Letterhead, Signatory
from meetings.directory.models.sites import (
    BatchStatus,
    Contact,
    Duty,
    ImportBatch,
    ImportRow,
    Person,
    Room,
    Site,
    SiteGroup,
    SiteGroupMember,
)

__all__ = [
    "BatchStatus",
    "Contact",
    "DocumentTemplate",
    "Duty",
    "ImportBatch",
    "ImportRow",
    "Letterhead",
    "Person",
    "Room",
    "Signatory",
    "Site",
    "SiteGroup",
    "SiteGroupMember",
]
