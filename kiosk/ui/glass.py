"""The window's picture: draws again only the box that changed, where the driver keeps the rest.

With software GL a whole frame of a portrait panel takes 50 to 100 ms, nearly all of it for pixels that stay as they
are. Mesa's software renderer copies the back buffer to the screen and keeps it (`drisw_swap_buffers` sets a buffer age
of 1; a pbuffer is never swapped). A graphics processor may hand out any buffer, and is fast enough to draw all of it.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, Final

from kiosk.ui.scene import Box, around

SOFTWARE: Final = (b"llvmpipe", b"softpipe")
MARGIN_PX: Final = 1
DRIVER: Final = "SDL_VIDEODRIVER"


class Glass:
    """Collects what changed until the next frame. Boxes are in GL's coordinates: y upwards, in pixels."""

    def __init__(self, window: Any, *, keeps: bool) -> None:
        self._window, self._keeps = window, keeps
        self._changed: list[Box] = []
        self._whole = True
        self._bound: dict[str, Callable[..., None]] = {"on_draw": self._begin, "on_flip": self._end}
        self._bound |= dict.fromkeys(("on_resize", "on_show", "on_restore", "on_maximize"), self._all)
        window.bind(**self._bound)

    def close(self) -> None:
        self._window.unbind(**self._bound)
        _scissor(None)

    @property
    def waiting(self) -> Box | None:
        """What the next frame draws; None: everything."""
        return around(self._changed) if self._keeps and not self._whole and self._changed else None

    def changed(self, box: Box | None) -> None:
        """Something inside `box` is to be drawn again; None: everything."""
        if box is None:
            self._whole = True
        else:
            self._changed.append(box)
        self._window.canvas.ask_update()

    def _all(self, *_: Any) -> None:
        self._whole = True

    def _begin(self, *_: Any) -> None:
        """Before the window is cleared. A frame that nobody here asked for is drawn whole."""
        _scissor(self.waiting)

    def _end(self, *_: Any) -> None:
        _scissor(None)
        self._changed.clear()
        self._whole = False


def keeps_picture(window: Any) -> bool:
    """Whether a swap leaves the back buffer as it is: Mesa's software renderer on X11 or without a display."""
    from kivy.graphics.opengl import GL_RENDERER, glGetString

    shown = type(window.get_window_info()).__name__ == "WindowInfoX11" or os.environ.get(DRIVER) == "offscreen"
    return shown and bytes(glGetString(GL_RENDERER) or b"").startswith(SOFTWARE)


def _scissor(box: Box | None) -> None:
    """Limits drawing and clearing to whole pixels around a box (GL 2.0, 4.1.2)."""
    from kivy.graphics.opengl import GL_SCISSOR_TEST, glDisable, glEnable, glScissor

    if box is None:
        glDisable(GL_SCISSOR_TEST)
        return
    x, y = int(max(0.0, box.x - MARGIN_PX)), int(max(0.0, box.y - MARGIN_PX))
    right, top = max(x, int(box.right + MARGIN_PX) + 1), max(y, int(box.bottom + MARGIN_PX) + 1)
    glEnable(GL_SCISSOR_TEST)
    glScissor(x, y, right - x, top - y)
