"""A day key that was destroyed is in no byte of the ledger's files: not in its log either, whose file is kept."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from drivers.clock import VirtualHub
from kiosk.domain import ItemBarcode, Key
from kiosk.gateway.daykeys import DayKeys
from kiosk.ledger import Ledger, effects, open_ledger
from kiosk.ledger.effects import Effect
from kiosk.ledger.log import CHANGES_MAX, LOG_BYTES
from kiosk.ledger.store import WIPE_AGAIN_S
from kiosk.messages.records import Op

DAY_S = 86_400


def opened(folder: Path, hub: VirtualHub) -> tuple[Ledger, DayKeys]:
    ledger = open_ledger(f"sqlite:///{folder / 'ledger.db'}", hub, synchronous="OFF", swept=True)
    hub.run(hub.now() + 2 * WIPE_AGAIN_S)
    return ledger, DayKeys(ledger, hub, utc_offset_s=8 * 3600, ahead_days=3, sealed_days=10)


def book(ledger: Ledger, n: int) -> None:
    effect = Effect(key=Key(f"kiosk-1-e1-{n}"), op=Op.CHECKOUT, item=ItemBarcode(f"D{n}"))
    ledger.run(lambda tx: effects.add(tx, effect))


def first_key(keys: DayKeys) -> bytes:
    pair = keys.pair(keys.public()[0].kid)
    assert pair is not None
    return pair.private.encode()


def files_with(secret: bytes, folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("ledger.db*") if secret in path.read_bytes())


def test_a_destroyed_day_key_is_gone_from_the_log_and_no_booking_with_it(tmp_path: Path) -> None:
    hub = VirtualHub()
    ledger, keys = opened(tmp_path, hub)
    for n in range(30):  # the key's page lies deep in the log, where a quiet night's commits never come
        book(ledger, n)
    keys.tend()
    secret = first_key(keys)
    assert files_with(secret, tmp_path)

    hub.run(11 * DAY_S)
    keys.tend()
    book(ledger, 30)
    hub.run(hub.now() + 1)

    assert files_with(secret, tmp_path) == []
    assert (tmp_path / "ledger.db-wal").stat().st_size == LOG_BYTES
    book(ledger, 31)
    for n in range(32):
        key = Key(f"kiosk-1-e1-{n}")
        assert ledger.read(lambda tx, key=key: effects.get(tx, key)) is not None  # type: ignore[misc]
    ledger.close()


def test_a_report_that_reads_on_puts_off_the_end_of_a_key_and_nothing_else(tmp_path: Path) -> None:
    hub = VirtualHub()
    ledger, keys = opened(tmp_path, hub)
    keys.tend()
    secret = first_key(keys)
    hub.run(11 * DAY_S)
    report: Any = ledger.engine.raw_connection().driver_connection
    report.execute("BEGIN").close()
    report.execute("SELECT count(*) FROM day_keys").fetchone()

    keys.tend()
    for n in range(2 * CHANGES_MAX):
        book(ledger, n)
        hub.run(hub.now() + 0.001)
    assert files_with(secret, tmp_path)

    report.execute("ROLLBACK").close()
    hub.run(hub.now() + WIPE_AGAIN_S)
    assert files_with(secret, tmp_path) == []
    ledger.close()


def test_a_power_cut_right_after_a_key_was_destroyed_keeps_no_copy_of_it(tmp_path: Path) -> None:
    hub = VirtualHub()
    ledger, keys = opened(tmp_path, hub)
    keys.tend()
    secret = first_key(keys)
    hub.run(11 * DAY_S)
    keys.tend()
    crashed = tmp_path / "crashed"
    crashed.mkdir()
    for name in ("ledger.db", "ledger.db-wal"):
        shutil.copy(tmp_path / name, crashed / name)
    assert files_with(secret, crashed)
    ledger.close()

    again, later = opened(crashed, hub)
    later.tend()
    assert files_with(secret, crashed) == []
    again.close()
