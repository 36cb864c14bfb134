"""Distance between two places without a map service: the great circle.

What is longer about a road than the crow's flight is an assumption with a range, so it stands with the norms of the savings
("winding", 1.2 to 1.4 times), not here.
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
