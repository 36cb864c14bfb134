"""Video platforms. One file each; which of them an installation has is said in ``adapters.platforms_of``, a line each."""

from meetings.adapters.platforms.contract import (
    Capabilities,
    Failed,
    Occasion,
    Platform,
    Present,
    Room,
    Seat,
    Watched,
    Why,
)

__all__ = ["Capabilities", "Failed", "Occasion", "Platform", "Present", "Room", "Seat", "Watched", "Why"]
