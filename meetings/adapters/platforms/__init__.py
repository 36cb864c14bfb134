"""Video platforms. One file each; which of them an installation has is said in ``adapters.platforms_of``, a line each."""

from meetings.adapters.platforms.contract import (
    Capabilities,
    Failed,
    Occasion,
    Platform,
    Room,
    Seat,
    Why,
)

__all__ = ["Capabilities", "Failed", "Occasion", "Platform", "Room", "Seat", "Why"]
