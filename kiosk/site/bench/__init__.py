"""`circdesk bench`: how fast the machine and the gateway are, as ratios of raw limits measured in the same run.

Each area is a module with `measure(folder, hub) -> Area`: lines (measured, limit, ratio, must be) and counts, in which
what the bench believes it did stands beside an independent count. A bench that lost a record fails, however fast.
"""

from kiosk.site.bench.command import main

__all__ = ["main"]
