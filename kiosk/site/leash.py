"""Children that end when whoever started them ends, however that came about: kill -9, or an exit inside Xlib, which
runs no clean-up of Python's when the display goes away.

The kernel does it (prctl(2), PR_SET_PDEATHSIG; it outlasts execve), asked by setpriv(1) of util-linux, which Debian
calls essential: so nothing of ours runs between fork and exec. Two limits, both of prctl(2): the child hangs on the
*thread* that started it, so a thread that ends before its children must start them without; and a program that changes
its user drops the leash (the demo's broker stays who it is).
"""

from __future__ import annotations

from typing import Final

LEASH: Final = ("setpriv", "--pdeathsig", "KILL", "--")  # goes before the command
