"""The ledger's connection: one writer, many waiting, and a commit they share."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, inspect
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateTable
from sqlalchemy.sql import ClauseElement

from drivers.clock import Hub, ThreadHub, VirtualHub
from kiosk.domain import ItemBarcode, Key
from kiosk.ledger import Ledger, LedgerBroken, SchemaTooNew, Tx, audit_rows, effects, inbox, open_ledger, schema
from kiosk.ledger import secrets as secret_rows
from kiosk.ledger import seen as seen_rows
from kiosk.ledger import tasks as task_rows
from kiosk.ledger.effects import Effect, State, Todo
from kiosk.ledger.log import CHANGES_MAX, LOG_BYTES
from kiosk.ledger.tasks import Task
from kiosk.messages.records import Op

POSTGRESQL: Any = postgresql.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy gives it no types


def url(folder: Path) -> str:
    return f"sqlite:///{folder / 'ledger.db'}"


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return open_ledger(url(tmp_path), ThreadHub(), synchronous="OFF")


def row(n: int) -> Effect:
    return Effect(key=Key(f"kiosk-1-e1-{n}"), op=Op.CHECKOUT, item=ItemBarcode(f"D{n}"))


def add(ledger: Ledger, effect: Effect) -> None:
    ledger.run(lambda tx: effects.add(tx, effect))


def has(ledger: Ledger, n: int) -> bool:
    return ledger.read(lambda tx: effects.get(tx, row(n).key)) is not None


def test_what_was_committed_is_there_after_a_restart(tmp_path: Path) -> None:
    first = open_ledger(url(tmp_path), VirtualHub())
    first.run(lambda tx: effects.add(tx, row(1)))
    first.close()

    again = open_ledger(url(tmp_path), VirtualHub())
    assert again.read(lambda tx: effects.get(tx, Key("kiosk-1-e1-1"))) == row(1)


def test_the_tables_may_be_created_twice(tmp_path: Path) -> None:
    open_ledger(url(tmp_path), VirtualHub()).close()
    open_ledger(url(tmp_path), VirtualHub()).close()


def test_a_ledger_of_newer_software_is_left_alone(tmp_path: Path) -> None:
    ledger = open_ledger(url(tmp_path), VirtualHub())
    ledger.run(lambda tx: tx.run(schema.meta.update().values(value="999")))
    ledger.close()

    with pytest.raises(SchemaTooNew):
        open_ledger(url(tmp_path), VirtualHub())


def test_a_ledger_that_cannot_be_opened_says_so_without_its_password(tmp_path: Path) -> None:
    with pytest.raises(LedgerBroken, match="does not open"):
        open_ledger(f"sqlite:///{tmp_path}/no/such/folder/ledger.db", VirtualHub())


def test_a_ledger_in_memory_serves_a_demo() -> None:
    ledger = open_ledger("sqlite://", VirtualHub())
    ledger.run(lambda tx: effects.add(tx, row(1)))

    assert ledger.read(lambda tx: effects.get(tx, row(1).key)) is not None


def swept(folder: Path, hub: Hub | None = None) -> Ledger:
    return open_ledger(url(folder), hub or ThreadHub(), synchronous="OFF", swept=True)


def log_bytes(folder: Path) -> int:
    return (folder / "ledger.db-wal").stat().st_size


def test_the_log_of_a_gateway_that_books_all_day_does_not_grow(tmp_path: Path) -> None:
    """It is moved into the database beside the writer and begins anew: no commit pays for that or for a longer file."""
    hub = VirtualHub()
    ledger = swept(tmp_path, hub)
    assert log_bytes(tmp_path) == LOG_BYTES

    for n in range(8 * CHANGES_MAX):
        add(ledger, row(n))
        hub.run(hub.now() + 0.001)

    assert log_bytes(tmp_path) == LOG_BYTES
    assert has(ledger, 0)
    assert has(ledger, 8 * CHANGES_MAX - 1)
    ledger.close()


def test_a_report_that_reads_long_makes_the_log_grow_only_until_it_ends(tmp_path: Path) -> None:
    hub = VirtualHub()
    ledger = swept(tmp_path, hub)
    other = open_ledger(url(tmp_path), hub, synchronous="OFF")

    def begin_reading() -> Any:
        connection: Any = other.engine.raw_connection().driver_connection
        connection.execute("BEGIN").close()
        connection.execute("SELECT count(*) FROM effects").fetchone()
        return connection

    for n in range(CHANGES_MAX - 1):
        add(ledger, row(n))
    reading = begin_reading()  # as far as this one has read, and no further, the log can be moved
    add(ledger, row(CHANGES_MAX))
    hub.run(hub.now() + 1)
    reading.execute("ROLLBACK").close()
    for n in range(CHANGES_MAX + 1, 8 * CHANGES_MAX):
        add(ledger, row(n))
        hub.run(hub.now() + 0.001)

    assert log_bytes(tmp_path) < 2 * LOG_BYTES
    assert has(ledger, 8 * CHANGES_MAX - 1)
    ledger.close()
    other.close()


def test_what_was_committed_behind_the_laid_out_log_is_there_after_a_crash(tmp_path: Path) -> None:
    first = swept(tmp_path)
    for n in range(5):
        add(first, row(n))
    crashed = tmp_path / "crashed"
    crashed.mkdir()
    for name in ("ledger.db", "ledger.db-wal"):
        shutil.copy(tmp_path / name, crashed / name)
    first.close()

    again = swept(crashed)
    assert [has(again, n) for n in range(6)] == [True] * 5 + [False]
    add(again, row(5))
    assert has(again, 5)
    again.close()


def test_a_log_is_lengthened_without_touching_what_is_in_it(tmp_path: Path) -> None:
    """Another process has the ledger open and has written: its frames stay, and what it writes next is read."""
    other = open_ledger(url(tmp_path), ThreadHub())
    add(other, row(1))
    assert 0 < log_bytes(tmp_path) < LOG_BYTES

    ledger = swept(tmp_path)
    add(other, row(2))
    add(ledger, row(3))
    assert log_bytes(tmp_path) == LOG_BYTES
    assert all(has(each, n) for each in (ledger, other) for n in (1, 2, 3))
    ledger.close()
    other.close()


def test_a_transaction_that_fails_keeps_nothing(ledger: Ledger) -> None:
    def work(tx: Tx) -> None:
        effects.add(tx, row(1))
        raise ValueError("changed my mind")

    with pytest.raises(ValueError, match="changed my mind"):
        ledger.run(work)
    assert ledger.read(lambda tx: effects.get(tx, row(1).key)) is None


def test_many_who_wait_share_commits_and_one_who_fails_takes_nobody_along(ledger: Ledger) -> None:
    failed: list[int] = []

    def one(n: int) -> None:
        def work(tx: Tx) -> None:
            effects.add(tx, row(n))
            if n % 10 == 3:
                raise ValueError(n)

        try:
            ledger.run(work)
        except ValueError:
            failed.append(n)

    begin = threading.Barrier(40)

    def start(n: int) -> None:
        begin.wait()
        one(n)

    threads = [threading.Thread(target=start, args=(n,)) for n in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    kept = {n for n in range(40) if has(ledger, n)}
    assert sorted(failed) == [3, 13, 23, 33]
    assert kept == set(range(40)) - set(failed)


def test_a_busy_writer_does_not_starve_the_others(ledger: Ledger) -> None:
    """Whoever holds the pen hands it on: a thread that writes all the time must not keep it."""
    stop = threading.Event()

    def writer() -> None:
        n = 1_000
        while not stop.is_set():
            n += 1
            add(ledger, row(n))

    busy = threading.Thread(target=writer)
    busy.start()
    done: list[int] = []

    def other() -> None:
        for n in range(50):
            add(ledger, row(n))
            done.append(n)

    patient = threading.Thread(target=other)
    patient.start()
    patient.join(timeout=20)
    stop.set()
    busy.join()
    assert len(done) == 50


def test_reading_does_not_see_what_is_not_committed(ledger: Ledger) -> None:
    seen: list[object] = []

    def work(tx: Tx) -> None:
        effects.add(tx, row(1))
        seen.append(ledger.read(lambda other: effects.get(other, row(1).key)))

    ledger.run(work)
    assert seen == [None]


def test_a_task_is_opened_once_and_closed_once(ledger: Ledger) -> None:
    task = Task(id=task_rows.reference("doubt", "k"), kind="doubt", key="k", opened_ms=1)

    assert ledger.run(lambda tx: task_rows.open_once(tx, task))
    assert not ledger.run(lambda tx: task_rows.open_once(tx, task))
    assert ledger.run(lambda tx: task_rows.close(tx, task.id, "staff", "found it", 2))
    assert not ledger.run(lambda tx: task_rows.close(tx, task.id, "staff", "again", 3))
    assert ledger.read(task_rows.open_count) == 0


def test_a_lease_has_one_holder_until_it_ends(ledger: Ledger) -> None:
    def take(who: str, now_ms: int) -> bool:
        return ledger.run(lambda tx: secret_rows.take_lease(tx, "applier", who, now_ms, now_ms + 30))

    assert take("a", 0)
    assert not take("b", 29)
    assert take("a", 29)
    assert not take("b", 58)
    assert take("b", 59)


def test_keys_that_are_owed_something_come_longest_waiting_first(ledger: Ledger) -> None:
    for n, todo_ms in ((1, 30), (2, 10), (3, 20), (4, 99)):
        effect = row(n)
        effect.todo, effect.todo_ms = Todo.LINE, todo_ms
        add(ledger, effect)

    assert ledger.read(lambda tx: effects.due(tx, 50, 10)) == [row(2).key, row(3).key, row(1).key]
    assert ledger.read(effects.next_due_ms) == 10


def test_old_finished_keys_are_forgotten_and_open_ones_kept(ledger: Ledger) -> None:
    for n, (final, todo) in enumerate([("delivered", Todo.NOTHING), ("delivered", Todo.LINE), ("", Todo.NOTHING)]):
        effect = row(n)
        effect.state, effect.final, effect.todo, effect.changed_ms = State.SETTLED, final, todo, 5
        add(ledger, effect)

    assert ledger.run(lambda tx: effects.forget(tx, 6)) == 1
    assert ledger.read(lambda tx: effects.get(tx, row(0).key)) is None


def statements() -> dict[str, ClauseElement]:
    modules = (effects, inbox, task_rows, secret_rows, seen_rows, audit_rows)
    return {
        f"{module.__name__}.{name}": value
        for module in modules
        for name, value in vars(module).items()
        if name.startswith("_") and isinstance(value, ClauseElement)
    }


@pytest.mark.parametrize("name", sorted(statements()))
def test_every_statement_has_a_form_in_postgresql(name: str) -> None:
    text = str(statements()[name].compile(dialect=POSTGRESQL))

    assert text
    assert "POSTCOMPILE" not in text


def test_every_table_has_a_form_in_postgresql() -> None:
    engine = create_engine("sqlite://")
    schema.create(engine)
    assert set(inspect(engine).get_table_names()) == set(schema.metadata.tables)
    for table in schema.metadata.tables.values():
        assert "CREATE TABLE" in str(CreateTable(table).compile(dialect=POSTGRESQL))
    engine.dispose()
