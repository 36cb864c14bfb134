"""English sentences in the code, Vietnamese for the reader, chosen per reader."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextvars import Context

import pytest

from meetings import i18n
from meetings.i18n import gettext, in_locale, lazy_gettext, ngettext

KNOWN = "There is no such page."


@pytest.fixture(autouse=True)
def vietnamese() -> Iterator[None]:
    with in_locale("vi"):
        yield


def test_vietnamese_is_what_is_written_unless_another_is_chosen() -> None:
    assert Context().run(i18n.locale) == "vi"


def test_a_sentence_is_said_in_the_readers_language() -> None:
    assert gettext(KNOWN) == "Không tìm thấy trang này."
    with in_locale("en"):
        assert gettext(KNOWN) == KNOWN


def test_a_sentence_without_vietnamese_is_said_as_it_stands() -> None:
    assert gettext("A sentence nobody knows, 100 %.") == "A sentence nobody knows, 100 %."


def test_places_are_filled_and_a_per_cent_sign_without_places_stays() -> None:
    assert gettext("Nobody knows %(name)s.", name="Hoa") == "Nobody knows Hoa."
    assert gettext("50 % of all") == "50 % of all"


def test_a_place_that_is_not_filled_is_a_fault() -> None:
    with pytest.raises(KeyError):
        gettext("Nobody knows %(name)s.", other="Hoa")


def test_what_fills_a_place_is_not_read_as_a_sentence() -> None:
    assert gettext("Nobody knows %(name)s.", name="%(name)s") == "Nobody knows %(name)s."


@pytest.mark.parametrize(("number", "said"), [(0, "0 frogs"), (1, "1 frog"), (2, "2 frogs"), (3321, "3,321 frogs")])
def test_english_counts_one_and_many(number: int, said: str) -> None:
    with in_locale("en"):
        assert ngettext("%(num)s frog", "%(num)s frogs", number) == said


@pytest.mark.parametrize(("number", "said"), [(1, "1 điểm cầu"), (34, "34 điểm cầu"), (3321, "3.321 điểm cầu")])
def test_vietnamese_has_one_form_and_points_between_thousands(
    number: int, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(i18n, "catalogue", lambda: {"%(num)s site": ("%(num)s điểm cầu",)})
    assert ngettext("%(num)s site", "%(num)s sites", number) == said


def test_a_lazy_sentence_is_read_when_it_is_shown() -> None:
    lazy = lazy_gettext(KNOWN)
    assert str(lazy) == "Không tìm thấy trang này."
    with in_locale("en"):
        assert str(lazy) == KNOWN


@pytest.mark.parametrize("name", ["fr", "", "VI", "vi\x00", "../en"])
def test_a_language_we_do_not_write_is_vietnamese(name: str) -> None:
    with in_locale("en"), in_locale(name):
        assert i18n.locale() == "vi"


def test_the_language_goes_back_after_a_fault() -> None:
    with pytest.raises(ZeroDivisionError), in_locale("en"):
        raise ZeroDivisionError
    assert i18n.locale() == "vi"


def test_readers_do_not_change_each_others_language() -> None:
    heard: dict[str, str] = {}
    both = threading.Barrier(2)

    def read(name: str) -> None:
        i18n.choose(name)
        both.wait(10)
        heard[name] = gettext(KNOWN)

    threads = [threading.Thread(target=read, args=(name,)) for name in i18n.LOCALES]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert heard == {"vi": "Không tìm thấy trang này.", "en": KNOWN}


def test_the_catalogue_is_read_once_and_holds_something_of_every_package() -> None:
    assert i18n.catalogue() is i18n.catalogue()
    assert len(i18n.catalogue()) > 500
    assert all(said and said[0] for said in i18n.catalogue().values())
