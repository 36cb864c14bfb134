from __future__ import annotations

from typing import Any

import pytest
from argon2 import PasswordHasher
from flask import Flask

from meetings import journal
from meetings.accounts import queries, services
from meetings.accounts.models import LoginSession, SignInAttempt, User
from meetings.accounts.rules import SYSTEM, Actor, Granted, Role
from meetings.database import db
from meetings.errors import Refused
from meetings.units.models import Unit
from tests import make
from tests.conftest import Clock

HOME = "192.0.2.7"


def sign_in(who: User, password: str = make.PASSWORD, address: str = HOME) -> str:
    return services.sign_in(who.email, password, address)


def open_sessions(who: User) -> int:
    return db.session.query(LoginSession).filter_by(user_id=who.id, ended_at=None).count()


def told(who: User) -> list[str]:
    """The facts of the journal about *who*, oldest first."""
    db.session.flush()
    held = db.session.query(journal.models.Entry).filter_by(subject=who.journal_subject)
    return [entry.fact for entry in held.order_by(journal.models.Entry.id)]


# ------------------------------------------------------------------ passwords


def test_a_password_is_kept_as_an_argon2id_hash_and_nowhere_else(units: dict[str, Unit]) -> None:
    made = services.create_user(
        "  Hoa@BDPS.example ", "Nguyễn Thị Hoa", "mật khẩu rất dài", role=Role.SECRETARY, unit=units[make.MINISTRY]
    )
    assert made.email == "hoa@bdps.example"
    assert made.password_hash.startswith("$argon2id$")
    db.session.flush()
    for entry in db.session.query(journal.models.Entry):
        assert "mật khẩu" not in str(entry.details)
        assert made.password_hash not in str(entry.details)


def test_a_hash_of_older_parameters_is_renewed_when_its_owner_signs_in(secretary: User) -> None:
    older = PasswordHasher(time_cost=2, memory_cost=16, parallelism=1).hash(make.PASSWORD)
    secretary.password_hash = older
    db.session.flush()
    sign_in(secretary)
    assert secretary.password_hash != older
    sign_in(secretary)


@pytest.mark.parametrize("password", ["", "ngắn", "x" * 9, "x" * 201])
def test_a_password_too_short_or_too_long_is_refused(units: dict[str, Unit], password: str) -> None:
    with pytest.raises(Refused) as refused:
        services.create_user("a@bdps.example", "A", password, role=Role.LEADER, unit=units[make.MINISTRY])
    assert (refused.value.field, refused.value.status) == ("password", 422)
    assert queries.by_email("a@bdps.example") is None


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("email", "khong phai thu"),
        ("email", ""),
        ("email", "hoa@"),
        ("email", f"{'x' * 250}@bdps.example"),
        ("name", ""),
        ("name", " \u00a0 "),
        ("name", "N" * 121),
        ("title", "T" * 201),
        ("phone", "0" * 31),
        ("honorific", "Ông " * 3),
    ],
)
def test_a_user_without_a_sound_address_and_name_is_refused(units: dict[str, Unit], field: str, wrong: str) -> None:
    given = {"email": "hoa@bdps.example", "name": "Nguyễn Thị Hoa", field: wrong}
    email, name = given.pop("email"), given.pop("name")
    with pytest.raises(Refused) as refused:
        services.create_user(email, name, "mật khẩu rất dài", role=Role.LEADER, unit=units[make.MINISTRY], **given)
    assert (refused.value.field, refused.value.status) == (field, 422)
    assert db.session.query(User).count() == 0


@pytest.mark.parametrize(
    ("email", "name", "said"),
    [
        ("khong phai thu", "Nguyễn Thị Hoa", "Nhập địa chỉ thư điện tử, ví dụ"),
        ("hoa@bdps.example", "", "Nhập họ và tên."),
        ("hoa@bdps.example", "N" * 121, "Họ và tên có nhiều nhất 120 ký tự."),
    ],
)
def test_the_command_says_why_it_lets_nobody_in(
    app: Flask, units: dict[str, Unit], email: str, name: str, said: str
) -> None:
    make.done()
    args = ["create-user", email, "--name", name, "--role", "secretary", "--unit", make.MINISTRY]
    result = app.test_cli_runner().invoke(args=args, input="mật khẩu rất dài\n")
    assert result.exit_code == 1
    assert said in result.output and "Traceback" not in result.output
    assert db.session.query(User).count() == 0


def test_users_stand_by_given_name_as_in_a_vietnamese_dictionary(units: dict[str, Unit]) -> None:
    for number, name in enumerate(("Trần Thị Đào", "Lê Minh Dũng", "Phạm Ân", "Vũ Văn Ba", "Hồ An"), 1):
        made = services.create_user(
            f"u{number}@bdps.example", name, "mật khẩu rất dài", role=Role.APPROVER, unit=units[make.MINISTRY]
        )
    of_all = Actor("user:0", "", 0, (Granted(Role.ADMINISTRATOR, units[make.NATION].path),))
    ordered = ["Hồ An", "Phạm Ân", "Vũ Văn Ba", "Lê Minh Dũng", "Trần Thị Đào"]
    assert [user.name for user in db.session.scalars(queries.users(of_all))] == ordered
    assert [user.name for user in queries.holders(Role.APPROVER, units[make.MINISTRY].path)] == ordered
    services.set_active(made, False, actor=SYSTEM)
    assert [user.name for user in db.session.scalars(queries.users(of_all))][-1] == "Hồ An", "a stopped one comes last"


def test_an_address_belongs_to_one_user_whatever_its_case(secretary: User, units: dict[str, Unit]) -> None:
    with pytest.raises(Refused) as refused:
        services.create_user(
            secretary.email.upper(), "Người Khác", "mật khẩu rất dài", role=Role.LEADER, unit=units[make.MINISTRY]
        )
    assert refused.value.field == "email"


# ------------------------------------------------------------------ signing in


def test_who_signs_in_has_a_session_of_which_only_a_digest_is_kept(secretary: User) -> None:
    key = sign_in(secretary)
    found = queries.session_of(key)
    assert found is not None and found.user_id == secretary.id
    assert key not in found.key_digest and len(found.key_digest) == 64
    assert told(secretary) == ["user.signed_in"]


@pytest.mark.parametrize("email", ["secretary", "nobody@bdps.example", ""])
def test_a_wrong_password_and_an_unknown_address_read_the_same(secretary: User, email: str) -> None:
    with pytest.raises(Refused) as refused:
        services.sign_in(secretary.email if email == "secretary" else email, "sai mật khẩu", HOME)
    assert refused.value.status == 422
    with pytest.raises(Refused) as other:
        services.sign_in("khong.co@bdps.example", make.PASSWORD, HOME)
    assert str(refused.value.message) == str(other.value.message)
    assert open_sessions(secretary) == 0


def test_a_stopped_account_reads_as_a_wrong_password(secretary: User) -> None:
    secretary.active = False
    db.session.flush()
    with pytest.raises(Refused) as refused:
        sign_in(secretary)
    assert refused.value.status == 422


def test_the_case_of_the_address_does_not_matter(secretary: User) -> None:
    assert queries.session_of(services.sign_in(f" {secretary.email.upper()} ", make.PASSWORD, HOME))


def fail(key: str, times: int) -> None:
    for _ in range(times):
        services.note_failure(key)
    db.session.flush()


def test_five_failures_close_an_account_for_five_minutes_to_everybody(secretary: User, clock: Clock) -> None:
    clock.at("2026-12-01 09:00")
    account = f"account:{secretary.email}"
    fail(account, 4)
    sign_in(secretary)
    fail(account, 1)
    for address in (HOME, "198.51.100.1"):
        with pytest.raises(Refused) as refused:
            sign_in(secretary, address=address)
        assert refused.value.status == 429
    clock.at("2026-12-01 09:04:59")
    with pytest.raises(Refused):
        sign_in(secretary)
    clock.at("2026-12-01 09:05:01")
    sign_in(secretary)


def test_fifty_failures_close_an_address_and_no_other(secretary: User) -> None:
    fail(f"address:{HOME}", 49)
    sign_in(secretary)
    fail(f"address:{HOME}", 1)
    with pytest.raises(Refused) as refused:
        sign_in(secretary)
    assert refused.value.status == 429
    sign_in(secretary, address="198.51.100.1")


def test_failures_are_forgotten_after_a_day(secretary: User, clock: Clock) -> None:
    clock.at("2026-12-01 09:00")
    fail("account:ai.do@bdps.example", 3)
    clock.at("2026-12-02 09:01")
    services.note_failure("account:ai.do@bdps.example")
    assert db.session.query(SignInAttempt).count() == 1


# ------------------------------------------------------------------ sessions


def test_signing_out_ends_this_session_and_no_other(secretary: User) -> None:
    first, second = sign_in(secretary), sign_in(secretary)
    found = queries.session_of(first)
    assert found is not None
    services.sign_out(found, make.actor(secretary))
    assert queries.session_of(first) is None
    assert queries.session_of(second) is not None


def test_stopping_an_account_ends_all_its_sessions_at_once(secretary: User, administrator: User) -> None:
    keys = [sign_in(secretary), sign_in(secretary)]
    services.set_active(secretary, False, actor=make.actor(administrator))
    db.session.flush()
    assert [queries.session_of(key) for key in keys] == [None, None]
    services.set_active(secretary, True, actor=make.actor(administrator))
    assert [queries.session_of(key) for key in keys] == [None, None]
    assert told(secretary)[-2:] == ["user.stopped", "user.resumed"]


def test_a_new_password_ends_every_session_but_the_one_that_chose_it(secretary: User) -> None:
    here, elsewhere = sign_in(secretary), sign_in(secretary)
    services.change_password(
        secretary, make.PASSWORD, "mật khẩu mới tinh", actor=make.actor(secretary), session=queries.session_of(here)
    )
    db.session.expire_all()
    assert queries.session_of(here) is not None
    assert queries.session_of(elsewhere) is None
    with pytest.raises(Refused):
        sign_in(secretary)
    sign_in(secretary, "mật khẩu mới tinh")


def test_a_password_that_was_handed_out_ends_all_sessions_and_must_be_changed(
    secretary: User, administrator: User
) -> None:
    key = sign_in(secretary)
    services.set_password(secretary, "một lần rồi thôi", actor=make.actor(administrator), must_change=True)
    db.session.expire_all()
    assert queries.session_of(key) is None
    assert secretary.must_change_password
    services.change_password(
        secretary, "một lần rồi thôi", "mật khẩu của tôi", actor=make.actor(secretary), session=None
    )
    assert not secretary.must_change_password


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("không phải nó", "mật khẩu mới tinh", "old"),
        (make.PASSWORD, make.PASSWORD, "password"),
        (make.PASSWORD, "ngắn", "password"),
    ],
)
def test_a_change_of_password_is_refused_at_its_field_and_the_old_one_stays(
    secretary: User, old: str, new: str, field: str
) -> None:
    with pytest.raises(Refused) as refused:
        services.change_password(secretary, old, new, actor=make.actor(secretary), session=None)
    assert (refused.value.field, refused.value.status) == (field, 422)
    sign_in(secretary)


def test_an_idle_session_ends_after_twelve_hours_and_use_renews_it(secretary: User, clock: Clock) -> None:
    clock.at("2026-12-01 09:00")
    key = sign_in(secretary)
    clock.at("2026-12-01 20:59")
    found = queries.session_of(key)
    assert found is not None
    services.keep_alive(found)
    clock.at("2026-12-02 08:58")
    assert queries.session_of(key) is not None
    clock.at("2026-12-02 08:59")
    assert queries.session_of(key) is None


# ------------------------------------------------------------------ roles


def test_a_role_is_given_once_and_taken_back(secretary: User, administrator: User, units: dict[str, Unit]) -> None:
    by = make.actor(administrator)
    services.grant(secretary, Role.FINANCE, units[make.NGHE_AN], actor=by)
    services.grant(secretary, Role.FINANCE, units[make.NGHE_AN], actor=by)
    held = [grant for grant in queries.grants_of(secretary) if grant.role is Role.FINANCE]
    assert len(held) == 1
    assert queries.actor_of(secretary).may("savings.edit", units[make.KIM_LIEN].path)
    assert not queries.actor_of(secretary).may("savings.edit", units[make.HA_TINH].path)
    services.revoke(secretary, held[0].id, actor=by)
    db.session.flush()
    assert not queries.actor_of(secretary).may("savings.edit")
    assert told(secretary) == ["user.granted", "user.revoked"]
    with pytest.raises(Refused):
        services.revoke(secretary, held[0].id, actor=by)


def test_a_role_of_somebody_else_is_not_taken_by_its_number(
    secretary: User, stranger: User, administrator: User
) -> None:
    (held,) = queries.grants_of(stranger)
    with pytest.raises(Refused):
        services.revoke(secretary, held.id, actor=make.actor(administrator))
    assert len(queries.grants_of(stranger)) == 1


def test_an_administrator_locks_herself_out_in_no_way(administrator: User) -> None:
    by, (held,) = make.actor(administrator), queries.grants_of(administrator)
    with pytest.raises(Refused):
        services.revoke(administrator, held.id, actor=by)
    with pytest.raises(Refused):
        services.set_active(administrator, False, actor=by)
    assert administrator.active and queries.grants_of(administrator)


def test_the_holders_of_a_role_are_those_of_the_unit_and_of_the_units_above(app: Any, units: dict[str, Unit]) -> None:
    above = make.user(Role.SECRETARY, make.NATION, name="Ở trung ương")
    there = make.user(Role.SECRETARY, make.NGHE_AN, name="Ở tỉnh")
    make.user(Role.SECRETARY, make.HA_TINH, name="Ở tỉnh bên")
    make.user(Role.SECRETARY, make.KIM_LIEN, name="Ở xã")
    make.user(Role.LEADER, make.NGHE_AN, name="Lãnh đạo tỉnh")
    make.user(Role.SECRETARY, make.NGHE_AN, name="Đã nghỉ", active=False)
    found = queries.holders(Role.SECRETARY, units[make.NGHE_AN].path)
    assert {user.id for user in found} == {above.id, there.id}
