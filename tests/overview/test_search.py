"""A search finds what its reader may know of, and nothing else."""

from __future__ import annotations

from typing import Any

from meetings.accounts.models import User
from tests import make


def test_a_site_officer_finds_the_sites_of_her_own_units_only(
    browser: Any, units: dict[str, Any], site_officer: User, secretary: User
) -> None:
    make.site(make.KIM_LIEN)
    make.site(make.SAI_GON)
    hers, office = browser(site_officer), browser(secretary)
    assert "Kim Liên" in hers.get("/search?q=kim+lien").words
    assert "/directory/sites/" not in hers.get("/search?q=sai+gon").get_data(as_text=True)
    assert "/directory/sites/" in office.get("/search?q=sai+gon").get_data(as_text=True)
