"""Which values of a norm can be meant."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from meetings.i18n import in_locale
from meetings.official.verified import VERIFIED_WORDS, Verified
from meetings.savings.rules import KEYS, SPECS, NormValue, Way, disagrees, fault


@pytest.mark.parametrize("key", KEYS)
def test_a_value_outside_its_bounds_is_refused_at_its_own_field(key: str) -> None:
    spec = SPECS[key]
    wrong = fault(key, spec.least, spec.least, spec.most + 1)
    assert wrong is not None
    assert wrong[0] == "high"
    wrong = fault(key, spec.least - 1, spec.least, spec.most)
    assert wrong is not None
    assert wrong[0] == "low"


@pytest.mark.parametrize("key", KEYS)
def test_three_values_must_stand_in_the_order_of_the_saving(key: str) -> None:
    spec = SPECS[key]
    rising, falling = (spec.least, spec.least + 1, spec.least + 2), (spec.least + 2, spec.least + 1, spec.least)
    assert (fault(key, *rising) is None) is (spec.way is Way.MORE)
    assert (fault(key, *falling) is None) is (spec.way is Way.LESS)
    assert fault(key, spec.least, spec.least, spec.least) is None


def test_nothing_can_divide_by_zero() -> None:
    assert fault("people_per_car", 0, 0, 0) is not None
    assert fault("road_kmh", 0, 0, 0) is not None
    assert fault("hours_per_month", 0, 0, 0) is not None


def test_only_a_norm_of_the_law_may_be_without_a_value_and_then_all_three_are() -> None:
    assert fault("invoice_c_city", None, None, None) is None
    assert fault("delegation", None, None, None) is not None
    assert fault("min_km", None, None, None) is not None, "without it nobody could be said to travel"
    wrong = fault("invoice_c_city", 1, None, 3)
    assert wrong is not None
    assert wrong[0] == "mid"


def test_what_is_paid_by_invoice_is_not_less_than_the_lump_sum_for_the_same_people() -> None:
    lump = NormValue("lodging_c_city", 600_000, 600_000, 600_000, "TT", "", Verified.MEMORY, date(2025, 5, 4))
    others = {"lodging_c_city": lump}
    assert disagrees("invoice_c_city", (1_200_000,) * 3, others) is None, "two people share the room"
    wrong = disagrees("invoice_c_city", (1_199_999, 1_200_000, 1_200_000), others)
    assert wrong is not None
    assert wrong[0] == "low"
    paid = {"invoice_b_city": replace(lump, key="invoice_b_city", low=700_000, mid=700_000, high=700_000)}
    assert disagrees("lodging_b_city", (700_000,) * 3, paid) is None
    assert disagrees("lodging_b_city", (700_001,) * 3, paid) is not None
    assert disagrees("tea", (1, 2, 3), paid) is None


def test_every_degree_of_verification_has_its_label_in_both_languages() -> None:
    for verified in Verified:
        with in_locale("vi"):
            vi = str(VERIFIED_WORDS[verified])
        with in_locale("en"):
            assert str(VERIFIED_WORDS[verified]) != vi
        assert not {"VERIFIED", "MEMORY", "ASSUMPTION"} & set(vi.replace("-", " ").replace(":", " ").split())
