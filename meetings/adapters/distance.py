"""Distance between two places without a map service: great circle times a winding factor.

The factor stands for roads that are longer than the crow flies. 1.3 is the usual mean of road networks (circuity 1.2 to 1.4
in the literature); mountains are worse. It is an assumption, shown as such beside every estimate.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import asin, cos, radians, sin, sqrt
from typing import Final

EARTH_KM: Final = 6371.0088  # mean radius (IUGG)


@dataclass(frozen=True)
class Place:
    """Degrees north and east."""

    latitude: float
    longitude: float


def great_circle_km(a: Place, b: Place) -> float:
    """Kilometres along the surface (haversine formula)."""
    north, east = radians(b.latitude - a.latitude), radians(b.longitude - a.longitude)
    h = sin(north / 2) ** 2 + cos(radians(a.latitude)) * cos(radians(b.latitude)) * sin(east / 2) ** 2
    return 2 * EARTH_KM * asin(min(1.0, sqrt(h)))


def road_km(a: Place, b: Place, winding_percent: int) -> int:
    """Whole kilometres by road; *winding_percent* is 130 for a road 1.3 times the great circle."""
    return round(great_circle_km(a, b) * winding_percent / 100)
