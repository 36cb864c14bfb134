from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meetings.accounts.forms import ROLE_WORDS
from meetings.accounts.rules import NOBODY, PERMISSIONS, SYSTEM, Actor, Granted, Role

COLUMNS = (
    Role.ADMINISTRATOR,
    Role.SECRETARY,
    Role.APPROVER,
    Role.TECHNICIAN,
    Role.SITE_OFFICER,
    Role.RECORDS_CLERK,
    Role.FINANCE,
    Role.LEADER,
)

# The definitions' table of roles, drawn once more: a right that is given or taken without saying so here fails.
#                       A S P T O K F L
TABLE = """
user.administer         x . . . . . . .
unit.administer         x . . . . . . .
setting.administer      x . . . . . . .
outbox.read             x . . . . . . .
directory.see           x x . x x . . .
letterhead.see          x x . . . x . .
signatory.keep          x x . . . . . .
site.edit               x x . . x . . .
meeting.see             x x x x x x x x
meeting.arrange         . x . . . . . .
invitation.approve      . . x . . . . .
consent.record          . x . . . . . .
reply.record            . x . . . . . .
site.answer             . . . . x . . .
roster.record           . x . . x . . .
line_test.record        . x . x x . . .
roll.see                x x x x x x x x
roll.mark               . x . x . . . .
roll.close              . x . . . . . .
document.number         . x . . . x . .
record.write            . x . . . . . .
record.approve          . . x . . . . x
transcript.decide       . x x . . . . x
record.preview          . x x . . x x x
record.read             . x x . x x x x
task.see                . x x . x x x x
task.follow             . x . . . . . .
task.decide             . x x . . . . x
task.report             . x . . x . . .
savings.see             x x x . . . x x
savings.edit            . . . . . . x .
report.see              x x x . . . x x
journal.read            x x . . . . . .
phone.see               x x . x . . . .
meeting.export          . x . . . . . .
mailbox.read            x x . . . . . .
"""


def table() -> dict[str, set[Role]]:
    rows = (line.split() for line in TABLE.strip().splitlines())
    return {
        permission: {role for role, cell in zip(COLUMNS, cells, strict=True) if cell == "x"}
        for permission, *cells in rows
    }


def test_the_permissions_are_those_of_the_table() -> None:
    assert {permission: set(roles) for permission, roles in PERMISSIONS.items()} == table()


def test_the_case_file_is_for_whoever_may_read_all_that_it_holds() -> None:
    for held in ("record.preview", "savings.see", "journal.read"):
        assert PERMISSIONS["meeting.export"] <= PERMISSIONS[held], held


def test_every_role_has_a_column_and_a_word() -> None:
    assert set(COLUMNS) == set(Role) == set(ROLE_WORDS)


def holder(*grants: tuple[Role, str]) -> Actor:
    return Actor("user:1", "Nguyễn Thị Hoa", 1, tuple(Granted(role, path) for role, path in grants))


@pytest.mark.parametrize("permission", PERMISSIONS)
def test_what_was_not_granted_is_denied(permission: str) -> None:
    for actor in (NOBODY, SYSTEM, Actor.link(7, "Đầu mối"), holder()):
        assert not actor.may(permission)
        assert not actor.may(permission, "/1/")
        assert actor.paths(permission) == ()


@pytest.mark.parametrize("permission", PERMISSIONS)
@pytest.mark.parametrize("role", Role)
def test_a_role_may_what_the_table_gives_it_in_its_subtree_and_nowhere_else(role: Role, permission: str) -> None:
    actor, given_to_it = holder((role, "/1/35/")), role in PERMISSIONS[permission]
    assert actor.may(permission) is given_to_it
    assert actor.may(permission, "/1/35/") is given_to_it
    assert actor.may(permission, "/1/35/802/") is given_to_it
    for elsewhere in ("/1/", "/1/36/", "/1/3/", "/1/350/", "/2/1/35/", "/35/"):
        assert not actor.may(permission, elsewhere), elsewhere


def test_a_right_of_one_unit_is_not_lent_to_another_role_there() -> None:
    # secretary of one province, leader of another: she arranges in the first only
    actor = holder((Role.SECRETARY, "/1/35/"), (Role.LEADER, "/1/36/"))
    assert actor.may("meeting.arrange", "/1/35/")
    assert not actor.may("meeting.arrange", "/1/36/")
    assert not actor.may("record.approve", "/1/35/")
    assert actor.paths("meeting.arrange") == ("/1/35/",)
    assert actor.paths("meeting.see") == ("/1/35/", "/1/36/")


def test_a_permission_that_does_not_exist_is_a_mistake_and_no_denial() -> None:
    with pytest.raises(KeyError):
        holder((Role.ADMINISTRATOR, "/1/")).may("user.adminster")


PATHS = st.lists(st.integers(1, 40), min_size=1, max_size=5).map(lambda ids: f"/{'/'.join(map(str, ids))}/")


@given(PATHS, PATHS)
def test_a_grant_holds_exactly_where_the_unit_is_an_ancestor(granted: str, asked: str) -> None:
    above, below = granted.strip("/").split("/"), asked.strip("/").split("/")
    assert holder((Role.SECRETARY, granted)).may("meeting.see", asked) is (below[: len(above)] == above)


def test_a_link_is_nobody_who_signed_in() -> None:
    assert not Actor.link(7, "Đầu mối").signed_in
    assert Actor.link(7, "Đầu mối").key == "link:7"
    assert holder().signed_in
