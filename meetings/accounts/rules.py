"""Who may do what: eight roles, each given for a unit and everything below it; what is not granted is denied."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Role(StrEnum):
    ADMINISTRATOR = "administrator"
    SECRETARY = "secretary"
    APPROVER = "approver"
    TECHNICIAN = "technician"
    SITE_OFFICER = "site_officer"
    RECORDS_CLERK = "records_clerk"
    FINANCE = "finance"
    LEADER = "leader"


_A, _S, _P, _T, _O, _K, _F, _L = Role
_ALL: Final = frozenset(Role)

PERMISSIONS: Final[dict[str, frozenset[Role]]] = {
    "user.administer": frozenset({_A}),
    "unit.administer": frozenset({_A}),
    "setting.administer": frozenset({_A}),
    "outbox.read": frozenset({_A}),
    "mailbox.read": frozenset({_A, _S}),
    "directory.see": frozenset({_A, _S, _T, _O}),
    "letterhead.see": frozenset({_A, _S, _K}),
    "signatory.keep": frozenset({_A, _S}),
    "site.edit": frozenset({_A, _S, _O}),
    "meeting.see": _ALL,
    "meeting.arrange": frozenset({_S}),
    "invitation.approve": frozenset({_P}),
    "consent.record": frozenset({_S}),
    "reply.record": frozenset({_S}),
    "site.answer": frozenset({_O}),
    "roster.record": frozenset({_S, _O}),
    "line_test.record": frozenset({_S, _T, _O}),
    "roll.see": _ALL,
    "roll.mark": frozenset({_S, _T}),
    "roll.close": frozenset({_S}),
    "document.number": frozenset({_S, _K}),
    "record.write": frozenset({_S}),
    "record.approve": frozenset({_P, _L}),
    "transcript.decide": frozenset({_S, _P, _L}),
    "record.preview": frozenset({_S, _P, _K, _F, _L}),
    "record.read": frozenset({_S, _P, _O, _K, _F, _L}),
    "task.see": frozenset({_S, _P, _O, _K, _F, _L}),
    "task.follow": frozenset({_S}),
    "task.decide": frozenset({_S, _P, _L}),
    "task.report": frozenset({_S, _O}),
    "savings.see": frozenset({_A, _S, _P, _F, _L}),
    "savings.edit": frozenset({_F}),
    "report.see": frozenset({_A, _S, _P, _F, _L}),
    "journal.read": frozenset({_A, _S}),
    "phone.see": frozenset({_A, _S, _T}),
    "meeting.export": frozenset({_S}),
}
"""definitions.md's table of roles. A site officer's rights over her own site come with her private link as well.

``record.read`` is of what was issued, ``record.preview`` of what was not. The case file holds the record, the savings and the
journal, so only the one role that may read all three takes it away.
"""


@dataclass(frozen=True)
class Granted:
    """A role, and the path of the unit under which it holds."""

    role: Role
    path: str


@dataclass(frozen=True)
class Actor:
    """Whoever acts: a user, the holder of a private link, or the product itself. *key* is what the journal keeps."""

    key: str
    name: str
    user_id: int | None = None
    grants: tuple[Granted, ...] = ()
    locale: str = "vi"

    @classmethod
    def link(cls, link_id: int, name: str) -> Actor:
        """The holder of a private link: may nothing by permission, only what the link's own pages offer."""
        return cls(f"link:{link_id}", name)

    @property
    def signed_in(self) -> bool:
        return self.user_id is not None

    def may(self, permission: str, path: str | None = None) -> bool:
        """Whether a grant allows *permission*; with *path*, for a unit at that path."""
        roles = PERMISSIONS[permission]
        return any(g.role in roles and (path is None or path.startswith(g.path)) for g in self.grants)

    def paths(self, permission: str) -> tuple[str, ...]:
        """Paths of the units under which *permission* is granted."""
        roles = PERMISSIONS[permission]
        return tuple(sorted({g.path for g in self.grants if g.role in roles}))

    def may_everywhere(self, permission: str) -> bool:
        """Whether *permission* is granted for the head of the tree, the nation, and so for whatever belongs to no unit."""
        return any(path.count("/") == 2 for path in self.paths(permission))

    def has(self, role: Role) -> bool:
        return any(g.role is role for g in self.grants)


NOBODY: Final = Actor("nobody", "")
SYSTEM: Final = Actor("system", "Điểm Cầu")
