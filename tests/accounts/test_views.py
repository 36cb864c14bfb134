"""Signing in and out by the pages, where a reader is sent, the language, and the users an administrator may touch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from meetings.accounts import queries
from meetings.accounts.models import LoginSession, SignInAttempt, User
from meetings.accounts.rules import Role
from meetings.database import db
from meetings.journal.models import Entry
from meetings.official.text import name_sort_key
from meetings.units.models import Unit
from tests import make
from tests.conftest import Clock
from tests.pages import Client, Page

WRONG = "sai mật khẩu rồi"


def try_to_sign_in(client: Client, email: str, password: str, address: str = "/sign-in") -> Page:
    return client.post(address, data={"email": email, "password": password})


# ------------------------------------------------------------------ signing in


def test_the_right_password_opens_the_product(client: Client, secretary: User) -> None:
    answer = try_to_sign_in(client, secretary.email, make.PASSWORD)
    assert (answer.status_code, answer.location) == (303, "/")
    cookie = next(c for c in answer.headers.getlist("Set-Cookie") if c.startswith("diemcau="))
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie
    assert client.get("/meetings").status_code == 200


@pytest.mark.parametrize("who", ["secretary", "nobody"])
def test_a_wrong_password_is_told_in_one_sentence_and_the_address_is_kept(
    client: Client, secretary: User, who: str
) -> None:
    email = secretary.email if who == "secretary" else "khong.ai@bdps.example"
    page = try_to_sign_in(client, email, WRONG)
    assert page.status_code == 422
    assert "Địa chỉ thư điện tử hoặc mật khẩu không đúng." in page.words
    assert page.soup.find(id="email")["value"] == email
    assert WRONG not in page.get_data(as_text=True)
    assert client.get("/meetings").status_code == 303


def test_the_sixth_try_within_five_minutes_is_turned_away_even_with_the_right_password(
    client: Client, secretary: User, clock: Clock
) -> None:
    clock.at("2026-12-01 09:00")
    for _ in range(5):
        assert try_to_sign_in(client, secretary.email, WRONG).status_code == 422
    assert db.session.query(SignInAttempt).filter_by(key=f"account:{secretary.email}").count() == 5
    assert try_to_sign_in(client, secretary.email, make.PASSWORD).status_code == 429
    clock.at("2026-12-01 09:05:01")
    assert try_to_sign_in(client, secretary.email, make.PASSWORD).status_code == 303


def test_writing_the_address_otherwise_gives_no_more_tries(client: Client, secretary: User) -> None:
    for email in (secretary.email, secretary.email.upper(), f"  {secretary.email} ", secretary.email.title()):
        try_to_sign_in(client, email, WRONG)
    try_to_sign_in(client, secretary.email, WRONG)
    assert try_to_sign_in(client, secretary.email, make.PASSWORD).status_code == 429


def test_one_who_forgot_the_password_closes_nobody_elses_account(
    client: Client, secretary: User, approver: User
) -> None:
    for _ in range(5):
        try_to_sign_in(client, secretary.email, WRONG)
    assert try_to_sign_in(client, approver.email, make.PASSWORD).status_code == 303


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("", ""),
        ("a" * 255 + "@x.example", "x"),
        ("a\x00b@x.example", "x"),
        ("\x1b[31m@x.example", "x"),
        ("a@x.example", "x" * 201),
        ("a@x.example", "x" * 100_000),
        ("a@x.example", "a\x00b"),
        ("%", "_"),
        ("'; drop table account; --", "x"),
        ("9" * 5000, "9" * 5000),
    ],
    ids=range(10),
)
def test_what_is_no_address_or_password_is_refused(client: Client, email: str, password: str) -> None:
    assert try_to_sign_in(client, email, password).status_code == 422
    assert db.session.query(LoginSession).count() == 0


def test_a_sign_in_begins_a_session_of_its_own(browser: Callable[..., Client], secretary: User) -> None:
    client = browser(secretary)
    client.get("/meetings")
    with client.session_transaction() as held:
        first = held["key"]
    try_to_sign_in(client, secretary.email, make.PASSWORD)
    with client.session_transaction() as held:
        assert held["key"] != first


def test_signing_out_ends_the_session_for_every_copy_of_the_cookie(
    browser: Callable[..., Client], secretary: User
) -> None:
    client, thief = browser(secretary), browser()
    with client.session_transaction() as held:
        key = held["key"]
    with thief.session_transaction() as stolen:
        stolen["key"] = key
    assert thief.get("/meetings").status_code == 200
    answer = client.post("/sign-out")
    assert (answer.status_code, answer.location) == (303, "/sign-in")
    assert client.get("/meetings").status_code == 303
    assert thief.get("/meetings").status_code == 303


def test_an_idle_browser_has_to_sign_in_again(browser: Callable[..., Client], secretary: User, clock: Clock) -> None:
    clock.at("2026-12-01 08:00")
    client = browser(secretary)
    clock.at("2026-12-01 19:59")
    assert client.get("/meetings").status_code == 200
    clock.at("2026-12-01 20:01")
    assert client.get("/meetings").status_code == 303


# ------------------------------------------------------------------ where a reader is sent


def test_a_page_that_was_wanted_opens_after_signing_in(client: Client, secretary: User) -> None:
    answer = client.get("/meetings?view=held&q=giao+ban")
    assert answer.status_code == 303 and answer.location.startswith("/sign-in?next=")
    answer = client.submit(answer.location, {"email": secretary.email, "password": make.PASSWORD}, follow=False)
    assert (answer.status_code, answer.location) == (303, "/meetings?view=held&q=giao+ban")


@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.example",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "http:evil.example",
        "javascript:alert(1)",
        "data:text/html,x",
        "%09//evil.example",
        "/%09/evil.example",
        "/%0a/evil.example",
        "/%0d%0aSet-Cookie:a=b",
        "%20//evil.example",
        "evil.example",
        "@evil.example",
        "%ff%fe",
        "",
        "9" * 5000,
    ],
    ids=range(18),
)
def test_nobody_is_sent_elsewhere_by_signing_in(client: Client, secretary: User, wanted: str) -> None:
    answer = try_to_sign_in(client, secretary.email, make.PASSWORD, f"/sign-in?next={wanted}")
    assert (answer.status_code, answer.location) == (303, "/")
    assert "a=b" not in str(answer.headers)


# ------------------------------------------------------------------ the language


def test_the_language_is_chosen_and_remembered_and_the_page_is_found_again(
    browser: Callable[..., Client], secretary: User
) -> None:
    client = browser(secretary)
    assert client.get("/meetings").soup.html["lang"] == "vi"
    answer = client.post("/language", data={"locale": "en"}, headers={"Referer": "http://localhost/meetings?view=held"})
    assert (answer.status_code, answer.location) == (303, "/meetings?view=held")
    assert client.get("/meetings").soup.html["lang"] == "en"
    db.session.rollback()
    assert secretary.locale == "en"
    assert browser(secretary).get("/meetings").soup.html["lang"] == "en"  # another browser of hers


def test_somebody_without_an_account_chooses_too(client: Client) -> None:
    client.post("/language", data={"locale": "en"})
    assert client.get("/sign-in").soup.html["lang"] == "en"


@pytest.mark.parametrize("locale", ["", "fr", "EN", "../vi", "a\x00b", "9" * 5000])
def test_a_language_that_is_not_there_is_refused(client: Client, locale: str) -> None:
    assert client.post("/language", data={"locale": locale}).status_code == 422
    assert client.get("/sign-in").soup.html["lang"] == "vi"


@pytest.mark.parametrize(
    "came", ["http://localhost//evil.example", "http://evil.example/meetings", "http://localhost/\\evil.example", "x"]
)
def test_the_language_sends_nobody_elsewhere(client: Client, came: str) -> None:
    answer = client.post("/language", data={"locale": "en"}, headers={"Referer": came})
    assert (answer.status_code, answer.location) == (303, "/")


# ------------------------------------------------------------------ one's own password


def test_a_password_is_changed_by_its_page(browser: Callable[..., Client], secretary: User) -> None:
    here, elsewhere = browser(secretary), browser(secretary)
    answer = here.submit("/accounts/password", {"old": make.PASSWORD, "password": "mật khẩu mới tinh"}, follow=False)
    assert answer.status_code == 303
    assert here.get("/meetings").status_code == 200
    assert elsewhere.get("/meetings").status_code == 303
    assert try_to_sign_in(browser(), secretary.email, make.PASSWORD).status_code == 422
    assert try_to_sign_in(browser(), secretary.email, "mật khẩu mới tinh").status_code == 303


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"old": "không phải nó", "password": "mật khẩu mới tinh"}, "old"),
        ({"old": make.PASSWORD, "password": "ngắn"}, "password"),
        ({"old": make.PASSWORD, "password": "x" * 201}, "password"),
        ({"old": make.PASSWORD, "password": make.PASSWORD}, "password"),
        ({"old": make.PASSWORD, "password": "mật khẩu\x00mới"}, "password"),
    ],
    ids=range(5),
)
def test_a_password_that_cannot_be_is_refused_at_its_field(
    browser: Callable[..., Client], secretary: User, values: dict[str, str], field: str
) -> None:
    page = browser(secretary).submit("/accounts/password", values)
    assert page.status_code == 422
    assert page.soup.find(id=f"{field}-error")
    assert not any(typed in page.get_data(as_text=True) for typed in values.values())
    assert try_to_sign_in(browser(), secretary.email, make.PASSWORD).status_code == 303


# ------------------------------------------------------------------ the administrator's users


NEW = {
    "honorific": "Bà",
    "name": "Vũ Thị Mới",
    "title": "Chuyên viên",
    "email": "moi@bdps.example",
    "phone": "024 000 1111",
    "role": "secretary",
    "unit": make.NGHE_AN,
}


def test_a_new_user_signs_in_with_the_password_shown_once_and_chooses_her_own(
    browser: Callable[..., Client], administrator: User
) -> None:
    page = browser(administrator).submit("/accounts/users/new", NEW)
    assert page.status_code == 201
    made = queries.by_email("moi@bdps.example")
    assert made is not None and made.must_change_password
    once = next(code.get_text().strip() for code in page.soup.find_all(["code", "b", "strong", "kbd"])
                if len(code.get_text().strip()) == 12)  # fmt: skip
    client = browser()
    assert try_to_sign_in(client, "moi@bdps.example", once).status_code == 303
    assert client.get("/meetings").location == "/accounts/password"
    client.submit("/accounts/password", {"old": once, "password": "của riêng tôi thôi"}, follow=False)
    assert client.get("/meetings").status_code == 200


@pytest.mark.parametrize(
    ("field", "value", "status"),
    [
        ("name", "", 422),
        ("name", "x" * 121, 422),
        ("name", "a\x00b", 422),
        ("title", "x" * 201, 422),
        ("email", "không phải thư", 422),
        ("email", "a\x00@b.example", 422),
        ("email", "a@b.example\r\nBcc: c@d.example", 422),
        ("email", "x" * 250 + "@b.example", 422),
        ("phone", "9" * 5000, 422),
        ("role", "emperor", 422),
        ("honorific", "Ngài", 422),
        ("unit", "không có", 422),
        ("unit", "a\x00b", 422),
        ("unit", "9" * 5000, 422),
        ("unit", "", 422),
    ],
    ids=range(15),
)
def test_a_user_who_cannot_be_is_refused_at_the_field_and_what_was_typed_stays(
    browser: Callable[..., Client], administrator: User, field: str, value: str, status: int
) -> None:
    page = browser(administrator).submit("/accounts/users/new", {**NEW, field: value})
    assert page.status_code == status
    assert page.soup.find(id=f"{field}-error")
    if field != "name":
        assert page.soup.find(id="name")["value"] == NEW["name"]
    assert queries.by_email("moi@bdps.example") is None
    assert db.session.query(User).count() == 1


def test_an_address_in_use_is_refused_at_its_field(
    browser: Callable[..., Client], administrator: User, secretary: User
) -> None:
    page = browser(administrator).submit("/accounts/users/new", {**NEW, "email": secretary.email.upper()})
    assert page.status_code == 422 and page.soup.find(id="email-error")


@pytest.mark.parametrize("unit", [make.HA_TINH, make.NATION, make.SAI_GON])
def test_an_administrator_of_a_province_gives_no_role_beyond_it(
    browser: Callable[..., Client], units: dict[str, Unit], unit: str
) -> None:
    client = browser(make.user(Role.ADMINISTRATOR, make.NGHE_AN))
    page = client.submit("/accounts/users/new", {**NEW, "role": "administrator", "unit": unit})
    assert page.status_code == 403
    assert page.soup.find(id="unit-error")
    assert queries.by_email("moi@bdps.example") is None
    assert client.submit("/accounts/users/new", {**NEW, "unit": make.KIM_LIEN}).status_code == 201


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("x-bdps", make.MINISTRY),
        ("BĐPS", make.MINISTRY),
        ("bộ điều phối số", make.MINISTRY),
        ("Bo Dieu phoi so", make.MINISTRY),
        ("Nghệ An", make.NGHE_AN),
        ("UBND tỉnh Nghệ An", make.NGHE_AN),
        ("tỉnh TP. Hồ Chí Minh", make.HO_CHI_MINH),
        ("Ủy ban nhân dân thành phố Hồ Chí Minh", make.HO_CHI_MINH),
        ("xã kim liên", make.KIM_LIEN),
        ("vn", make.NATION),
    ],
)
def test_the_unit_of_a_role_is_named_by_code_name_or_abbreviation(
    browser: Callable[..., Client], administrator: User, units: dict[str, Unit], typed: str, code: str
) -> None:
    chief = make.user(Role.ADMINISTRATOR, make.NATION)
    assert browser(chief).submit("/accounts/users/new", {**NEW, "unit": typed}).status_code == 201
    made = queries.by_email("moi@bdps.example")
    assert made is not None and [grant.unit.code for grant in queries.grants_of(made)] == [code]


def test_a_name_of_several_units_is_not_guessed_at_except_among_ones_own(
    browser: Callable[..., Client], units: dict[str, Unit]
) -> None:
    make.unit("18001", "Xã Kim Liên", parent=units[make.HA_TINH])
    page = browser(make.user(Role.ADMINISTRATOR, make.NATION)).submit(
        "/accounts/users/new", {**NEW, "unit": "Xã Kim Liên"}
    )
    assert page.status_code == 422
    assert "18001" in page.soup.find(id="unit-error").text and make.KIM_LIEN in page.soup.find(id="unit-error").text
    client = browser(make.user(Role.ADMINISTRATOR, make.NGHE_AN))
    assert client.submit("/accounts/users/new", {**NEW, "unit": "Xã Kim Liên"}).status_code == 201


def test_units_are_proposed_and_no_role_is_chosen_beforehand(
    browser: Callable[..., Client], administrator: User, secretary: User
) -> None:
    chief = make.user(Role.ADMINISTRATOR, make.NATION)
    for path in ("/accounts/users/new", f"/accounts/users/{secretary.id}"):
        page = browser(chief).get(path)
        proposed = {option["value"]: option.text for option in page.soup.select("datalist#units option")}
        assert proposed[make.MINISTRY] == "Bộ Điều phối số (BĐPS)" and proposed[make.NGHE_AN] == "Nghệ An"
        assert make.KIM_LIEN not in proposed
        assert page.soup.find(id="unit")["list"] == "units"
        assert page.soup.select_one("#role option")["value"] == ""
    page = browser(make.user(Role.ADMINISTRATOR, make.NGHE_AN)).get("/accounts/users/new")
    assert [option["value"] for option in page.soup.select("datalist#units option")] == [make.NGHE_AN]
    page = browser(chief).submit("/accounts/users/new", {**NEW, "role": ""})
    assert page.status_code == 422 and "Chọn vai trò." in page.soup.find(id="role-error").text


def test_what_is_written_of_a_user_is_corrected_and_journalled(
    browser: Callable[..., Client], administrator: User, secretary: User
) -> None:
    path = f"/accounts/users/{secretary.id}/details"
    new = {"honorific": "Ông", "name": "Nguyễn Văn Hòa", "title": "Phó Vụ trưởng", "phone": "024 000 2222"}
    new["email"] = "Hoa.NV@bdps.example"
    page = browser(administrator).submit(path, new)
    assert page.request.path == f"/accounts/users/{secretary.id}"
    assert all(said in page.words for said in ("Nguyễn Văn Hòa", "Ông · Phó Vụ trưởng", "024 000 2222"))
    found = queries.by_email("hoa.nv@bdps.example")
    assert found is not None and found.id == secretary.id and found.sort_key == name_sort_key("Nguyễn Văn Hòa")
    entry = db.session.query(Entry).filter_by(fact="user.corrected").one()
    assert entry.details["changed"] == ["honorific", "name", "title", "email", "phone"]
    assert entry.details["values"]["name"] == ["Nguyễn Thị Hoa", "Nguyễn Văn Hòa"]
    assert "2222" not in str(entry.details)
    browser(administrator).submit(path, {})
    assert db.session.query(Entry).filter_by(fact="user.corrected").count() == 1, "nothing changed, nothing told"
    assert try_to_sign_in(browser(), "hoa.nv@bdps.example", make.PASSWORD).status_code == 303


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", ""), ("email", "không phải thư"), ("email", "taken"), ("title", "x" * 201), ("phone", "9" * 31)],
)
def test_what_cannot_be_written_of_a_user_is_refused_at_its_field(
    browser: Callable[..., Client], administrator: User, secretary: User, approver: User, field: str, value: str
) -> None:
    value = approver.email.upper() if value == "taken" else value
    page = browser(administrator).submit(f"/accounts/users/{secretary.id}/details", {field: value})
    assert page.status_code == 422
    assert page.soup.find(id=f"{field}-error")
    assert page.soup.find(id=field)["value"] == value
    db.session.rollback()
    assert secretary.name == "Nguyễn Thị Hoa"


def test_a_role_is_given_and_taken_by_the_page_of_a_user(
    browser: Callable[..., Client], administrator: User, secretary: User
) -> None:
    client, path = browser(administrator), f"/accounts/users/{secretary.id}"
    client.submit(path, {"role": "finance", "unit": make.NGHE_AN})
    held = [grant for grant in queries.grants_of(secretary) if grant.role is Role.FINANCE]
    assert len(held) == 1
    number = held[0].id
    assert client.post(f"{path}/revoke", data={"grant": number}).status_code == 303
    db.session.rollback()
    assert [grant.role for grant in queries.grants_of(secretary)] == [Role.SECRETARY]


@pytest.mark.parametrize("number", ["", "x", "-1", "0", "999999", "9" * 5000, "\x00"])
def test_a_role_that_is_not_there_is_not_taken(
    browser: Callable[..., Client], administrator: User, secretary: User, number: str
) -> None:
    answer = browser(administrator).post(f"/accounts/users/{secretary.id}/revoke", data={"grant": number})
    assert 400 <= answer.status_code < 500
    assert len(queries.grants_of(secretary)) == 1


@pytest.mark.parametrize("number", ["0", "999999", "2147483647", "2147483648", "9" * 30, "9" * 5000, "-1", "x", "%00"])
def test_a_number_of_no_user_is_not_found(browser: Callable[..., Client], administrator: User, number: str) -> None:
    client = browser(administrator)
    assert client.get(f"/accounts/users/{number}").status_code in (404, 414)
    for verb in ("revoke", "active", "password"):
        answer = client.post(f"/accounts/users/{number}/{verb}", data={"active": "no", "grant": "1"})
        assert answer.status_code in (404, 414), verb


def test_stopping_an_account_shows_at_once(
    browser: Callable[..., Client], administrator: User, secretary: User
) -> None:
    hers = browser(secretary)
    assert hers.get("/meetings").status_code == 200
    browser(administrator).post(f"/accounts/users/{secretary.id}/active", data={"active": "no"})
    assert hers.get("/meetings").status_code == 303
    assert try_to_sign_in(browser(), secretary.email, make.PASSWORD).status_code == 422


def test_reading_the_pages_of_users_changes_nothing(
    browser: Callable[..., Client], administrator: User, secretary: User
) -> None:
    def held() -> list[Any]:
        db.session.rollback()
        return [
            db.session.query(User.id, User.password_hash, User.active).order_by(User.id).all(),
            db.session.query(LoginSession.id, LoginSession.expires_at, LoginSession.ended_at).order_by(LoginSession.id).all(),
            db.session.query(SignInAttempt).count(),
        ]  # fmt: skip

    client, number = browser(administrator), secretary.id
    before = held()
    for path in ("/accounts/users", f"/accounts/users/{number}", "/accounts/users/new", "/accounts/password"):
        assert client.get(path).status_code == 200
        assert client.head(path).status_code == 200
    for verb in ("revoke", "active", "password"):
        assert client.get(f"/accounts/users/{number}/{verb}").status_code == 405
    assert client.get("/sign-out").status_code == 405
    assert held() == before
