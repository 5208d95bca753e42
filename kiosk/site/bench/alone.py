"""`python -m kiosk.site.bench.alone SITE DEVICE`: one core with simulated devices, and nothing else, in this process.

Says "open" when the machine is open, and ends when its standard input does.
"""

from __future__ import annotations

import random
import sys
from pathlib import Path

from drivers.clock import ThreadHub
from kiosk.site.desktop import Desktop
from kiosk.site.folder import Ports, SiteFolder
from kiosk.site.wiring import load_settings

OPEN_S_MAX = 30.0


def main() -> None:
    folder = SiteFolder(root=Path(sys.argv[1]), ports=Ports(broker=0, ils=0), devices=(sys.argv[2],))
    desk = Desktop(ThreadHub(), load_settings(folder.machine(sys.argv[2])), random.Random(1), boot="bench")
    desk.start()
    desk.wait("an open machine", lambda s: s.name == "attract" and s.banner is None, OPEN_S_MAX)
    print("open", flush=True)
    sys.stdin.readline()
    desk.stop()


if __name__ == "__main__":
    main()
