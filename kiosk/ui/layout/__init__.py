"""From a Screen to a Scene: `compose` chooses, the other modules draw one kind of thing each. Pure.

The places that never move (primary, secondaries, dock) come from `frame`; what stands above them is a stack of blocks
that share the height that is left.
"""

from kiosk.ui.layout.compose import compose

__all__ = ["compose"]
