"""`python -m kiosk.site.bench.drains SITE KEYS DEVICE...`: machines that were offline, and come back on command.

Writes KEYS returns (three records each) into every journal, says "ready", and waits for a line on standard input.
Then all connect. Says "drained RECORDS SECONDS" once every record has its receipt.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Final

from drivers.clock import Hub, ThreadHub
from kiosk.messages.records import Op
from kiosk.site.bench.machine_end import MachineEnd
from kiosk.site.bench.place import barcode
from kiosk.site.folder import Ports, SiteFolder

AT_ONCE: Final = 50
POLITE: Final = 10  # these machines stand elsewhere: they must not take the gateway's processor from it
DRAIN_S_MAX: Final = 100.0


def main() -> None:
    root, keys, devices = Path(sys.argv[1]), int(sys.argv[2]), tuple(sys.argv[3:])
    hub = ThreadHub()
    folder = SiteFolder(root=root, ports=Ports(broker=0, ils=0), devices=devices)
    ends = [MachineEnd(hub, folder, device) for device in devices]
    for number, end in enumerate(ends):
        write_offline(end, range(number * keys, (number + 1) * keys))
    os.nice(POLITE)
    print("ready", flush=True)
    sys.stdin.readline()
    _drain(hub, ends)
    for end in ends:
        end.stop()


def write_offline(end: MachineEnd, items: range) -> None:
    """A return of each item, as a machine writes it while nobody can be asked."""
    for first in range(items.start, items.stop, AT_ONCE):
        numbers = range(first, min(first + AT_ONCE, items.stop))
        end.journal.append([body for n in numbers for body in end.offline(Op.CHECKIN, barcode(n), "")])


def _drain(hub: Hub, ends: list[MachineEnd]) -> None:
    begin = hub.now()
    for end in ends:
        end.connect()
    for end in ends:
        if not end.wait_receipted(end.journal.last[0], DRAIN_S_MAX):
            print(f"receipts are missing: {end.receipted} of {end.journal.last[0]}", flush=True)
            sys.exit(1)
    records = sum(end.journal.last[0] for end in ends)
    print(f"drained {records} {hub.now() - begin:.6f}", flush=True)


if __name__ == "__main__":
    main()
