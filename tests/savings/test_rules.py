"""Which values of a norm can be meant."""

from __future__ import annotations

import pytest

from meetings.i18n import in_locale
from meetings.official.verified import VERIFIED_WORDS, Verified
from meetings.savings.rules import KEYS, SPECS, Way, fault


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


def test_every_degree_of_verification_has_its_label_in_both_languages() -> None:
    for verified in Verified:
        with in_locale("vi"):
            vi = str(VERIFIED_WORDS[verified])
        with in_locale("en"):
            assert str(VERIFIED_WORDS[verified]) != vi
        assert not {"VERIFIED", "MEMORY", "ASSUMPTION"} & set(vi.replace("-", " ").replace(":", " ").split())
