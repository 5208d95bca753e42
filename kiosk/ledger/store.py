"""One writer at a time, many waiting: the database connection, its statements, and the commit they share.

Whoever finds the pen free commits for everyone who is waiting, so a lone request pays one fsync and no change of
thread, and a crowd shares one. Statements are written in SQLAlchemy Core and run on the driver's own cursor: Core
compiles each of them once.
"""

from __future__ import annotations

import contextlib
import math
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Generic, TypeVar

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import StaticPool
from sqlalchemy.sql import ClauseElement

from drivers.clock import Hub, Mailbox, MailboxFull
from kiosk.ledger import schema
from kiosk.ledger.log import CHANGES_MAX, LogStuck, cut, lay_out, move_into_database

T = TypeVar("T")
Work = Callable[["Tx"], T]
Row = tuple[Any, ...]

GROUP_MAX: Final = 64
"""Requests that share one commit. More would make the first of them wait for the last."""

CLEAN_ROUNDS_MAX: Final = 3
WIPE_AGAIN_S: Final = 60.0  # between two attempts to cut a log that somebody reads
TOKEN: Final = "pen"
LEAD: Final = "lead"
DONE: Final = "done"
_SQLITE_PRAGMAS: Final = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA busy_timeout=5000",
    "PRAGMA secure_delete=ON",  # a destroyed day key must not linger in a free page
)


class LedgerBroken(Exception):
    """The database failed under a transaction. Nothing of it was kept; this process should end and start again."""


class Tx:
    """The statements of one transaction. Rows come back as tuples in the order of the selected columns."""

    def __init__(self, cursor: Any, compiled: _Compiled) -> None:
        self._cursor = cursor
        self._compiled = compiled

    def run(self, statement: ClauseElement, **values: Any) -> int:
        """Executes; gives the number of rows changed."""
        sql, bind = self._compiled.of(statement)
        self._cursor.execute(sql, bind(values))
        return int(self._cursor.rowcount)

    def many(self, statement: ClauseElement, values: Iterable[Mapping[str, Any]]) -> None:
        sql, bind = self._compiled.of(statement)
        self._cursor.executemany(sql, [bind(each) for each in values])

    def row(self, statement: ClauseElement, **values: Any) -> Row | None:
        sql, bind = self._compiled.of(statement)
        self._cursor.execute(sql, bind(values))
        found = self._cursor.fetchone()
        return None if found is None else tuple(found)

    def rows(self, statement: ClauseElement, **values: Any) -> list[Row]:
        sql, bind = self._compiled.of(statement)
        self._cursor.execute(sql, bind(values))
        return [tuple(each) for each in self._cursor.fetchall()]


Bind = Callable[[Mapping[str, Any]], Sequence[Any] | dict[str, Any]]


class _Compiled:
    """Core statements as the driver's SQL text, compiled at first use. Statements are module constants: never freed."""

    def __init__(self, engine: Engine) -> None:
        self._dialect = engine.dialect
        self._known: dict[int, tuple[str, Bind]] = {}

    def of(self, statement: ClauseElement) -> tuple[str, Bind]:
        known = self._known.get(id(statement))
        if known is None:
            known = self._compile(statement)
            self._known[id(statement)] = known
        return known

    def _compile(self, statement: ClauseElement) -> tuple[str, Bind]:
        # Any: SQLCompiler's own attributes are not typed.
        compiled: Any = statement.compile(dialect=self._dialect)
        fixed = {name: value for name, value in compiled.params.items() if value is not None}
        if compiled.positiontup is None:
            return compiled.string, lambda values: {**fixed, **values}
        order = tuple(compiled.positiontup)

        def positional(values: Mapping[str, Any]) -> Sequence[Any]:
            return [values[name] if name in values else fixed[name] for name in order]

        return compiled.string, positional


class _Job(Generic[T]):
    """One piece of work. `box` tells its owner that it is done, or that it is his turn to commit for all."""

    __slots__ = ("box", "done", "error", "result", "work")

    def __init__(self, work: Work[T], box: Mailbox[str]) -> None:
        self.work = work
        self.box = box
        self.done = False
        self.result: T | None = None
        self.error: Exception | None = None


class Ledger:
    """All methods may be called from any task of the hub. `engine` is for reports, which only read."""

    def __init__(self, engine: Engine, hub: Hub) -> None:
        self.engine = engine
        self._compiled = _Compiled(engine)
        self._sqlite = engine.dialect.name == "sqlite"
        shared = isinstance(engine.pool, StaticPool)
        # The pool would take a connection back as soon as nobody holds its wrapper.
        self._held = [engine.raw_connection()] if shared else [engine.raw_connection(), engine.raw_connection()]
        # Any: the driver's own connection; the drivers share only PEP 249.
        self._writer: Any = self._held[0].driver_connection
        self._reader: Any = self._held[-1].driver_connection
        self._errors: Any = engine.dialect.dbapi  # Any: the driver's module, by PEP 249
        self._hub = hub
        self._pen = _token(hub)
        self._glasses = self._pen if shared else _token(hub)
        self._waiting: deque[_Job[Any]] = deque()
        self._broom: Any = None  # Any: a driver's connection; None: whoever commits moves the log, too
        self._sweeping = _token(hub)
        self._sweeps: Mailbox[bool] = hub.mailbox(1)
        self._swept_at = 0  # the writer's count of changed rows
        self._wipe_due = False  # the log's old frames may hold what was erased
        self.commits = 0

    def sweep_aside(self, database: Path) -> None:
        """From here on the log of this SQLite file is moved into it by a task of its own."""
        self._held.append(self.engine.raw_connection())
        self._broom = self._held[-1].driver_connection
        self._writer.execute("PRAGMA wal_autocheckpoint=0").close()
        self._database = database
        # An old log is that of a run which died, perhaps before it had wiped what it erased.
        self._wipe_due = self.run(lambda tx: lay_out(database))
        self._hub.spawn("ledger.sweep", self._sweep)

    def wipe_log(self) -> None:
        """What was erased must be gone from the log, too: done beside the writer, as soon as nobody reads from it.

        A ledger that is not swept loses its log when it is closed.
        """
        self._wipe_due = True
        self._call_sweeper(True)

    def run(self, work: Work[T]) -> T:
        """Runs `work` in a transaction and returns once it is committed. `work` may be run twice: it must only read
        and write the ledger. Raises what `work` raised (nothing of it is kept), or LedgerBroken."""
        job = _Job(work, self._hub.mailbox(1))
        self._waiting.append(job)
        if self._pen.get(-math.inf) is not None or job.box.get(math.inf) == LEAD:
            try:
                while not job.done:
                    self._commit_group()
            finally:
                self._pass_on()
        if job.error is not None:
            raise job.error
        return job.result  # type: ignore[return-value]  # done without error: the result is a T

    def read(self, work: Work[T]) -> T:
        """Runs `work`, which must only select, beside the writer: it sees what is committed."""
        self._glasses.get(math.inf)
        try:
            cursor = self._reader.cursor()
            try:
                return work(Tx(cursor, self._compiled))
            finally:
                cursor.close()
                if not self._sqlite:
                    self._reader.rollback()
        finally:
            self._glasses.put(TOKEN)

    def close(self) -> None:
        self._sweeping.get(math.inf)
        if self._broom is not None:
            self._broom = None
            self._call_sweeper(False)
        self._sweeping.put(TOKEN)
        for connection in self._held:
            connection.close()
        self.engine.dispose()

    def _sweep(self) -> None:
        """Beside the writer first. What was committed meanwhile is moved while no one writes: it is little, and only
        an empty log begins anew."""
        while self._sweeps.get(self._hub.now() + WIPE_AGAIN_S if self._wipe_due else math.inf) is not False:
            self._sweeping.get(math.inf)
            try:
                if self._broom is None:
                    return
                clean = move_into_database(self._broom)
                for _ in range(0 if clean else CLEAN_ROUNDS_MAX):
                    if self.run(lambda tx: move_into_database(self._broom)):
                        break
                if self._wipe_due:
                    self._wipe()
            finally:
                self._sweeping.put(TOKEN)

    def _wipe(self) -> None:
        self._wipe_due = False  # before the log is cut: what is erased from here on is wiped again
        if not cut(self._broom):
            self._wipe_due = True
            return
        try:
            self.run(lambda tx: lay_out(self._database))
        except OSError as error:
            raise LogStuck(f"the ledger's log cannot be laid out: {error.strerror}") from error

    def _call_sweeper(self, on: bool) -> None:
        with contextlib.suppress(MailboxFull):  # it has been called
            self._sweeps.put(on)

    def _pass_on(self) -> None:
        """Hands the pen to whoever waits longest. Without a successor somebody may queue up just before the pen is
        back on the table and find it gone: hence the second look."""
        while not self._waiting:
            self._pen.put(TOKEN)
            if not self._waiting or self._pen.get(-math.inf) is None:
                return
        self._waiting[0].box.put(LEAD)

    def _commit_group(self) -> None:
        group: list[_Job[Any]] = []
        while self._waiting and len(group) < GROUP_MAX:
            group.append(self._waiting.popleft())
        try:
            self._commit(group)
        except LedgerBroken as error:
            for job in group:
                job.error = error
        except Exception:
            # One of them failed and took the others' transaction along: each on its own, to find out which.
            for job in group:
                self._commit_alone(job)
        for job in group:
            job.done = True
            job.box.put(DONE)

    def _commit_alone(self, job: _Job[Any]) -> None:
        for last in (False, True):
            try:
                return self._commit([job])
            except self._errors.IntegrityError as error:
                # Another gateway wrote the same row first: what `work` reads the second time includes it.
                if last:
                    job.error = error
            except Exception as error:
                job.error = error
                return None
        return None

    def _commit(self, group: Sequence[_Job[Any]]) -> None:
        cursor = self._writer.cursor()
        results = []
        try:
            if self._sqlite:
                cursor.execute("BEGIN IMMEDIATE")
            tx = Tx(cursor, self._compiled)
            results = [job.work(tx) for job in group]
            self._end("commit")
        except self._errors.OperationalError as error:
            self._end("rollback")
            raise LedgerBroken(f"a transaction failed: {type(error).__name__}") from error
        except BaseException:
            self._end("rollback")
            raise
        finally:
            cursor.close()
        self.commits += 1
        if self._broom is not None and self._writer.total_changes - self._swept_at >= CHANGES_MAX:
            self._swept_at = self._writer.total_changes
            self._call_sweeper(True)
        for job, result in zip(group, results, strict=True):
            job.result = result

    def _end(self, how: str) -> None:
        try:
            self._writer.commit() if how == "commit" else self._writer.rollback()
        except self._errors.Error as error:
            raise LedgerBroken(f"{how} failed: {type(error).__name__}") from error


def open_ledger(url: str, hub: Hub, *, synchronous: str = "FULL", swept: bool = False) -> Ledger:
    """Opens the ledger at an SQLAlchemy URL and creates its tables. Raises LedgerBroken, SchemaTooNew.

    `synchronous` is SQLite's; anything below FULL loses acknowledged rows when the power goes. `swept` is for the
    gateway itself, on whose commits people wait: the log is laid out beforehand and moved by a task of its own.
    """
    sqlite = make_url(url).get_backend_name() == "sqlite"
    try:
        engine = _sqlite_engine(url, synchronous) if sqlite else create_engine(url)
        schema.create(engine)
        ledger = Ledger(engine, hub)
        if swept and sqlite and not _in_memory(url):
            ledger.sweep_aside(Path(make_url(url).database or ""))
        return ledger
    except OperationalError as error:
        raise LedgerBroken(f"the ledger at {make_url(url).render_as_string()} does not open: {error.orig}") from error
    except OSError as error:
        raise LedgerBroken(f"the ledger's log cannot be laid out: {error.strerror}") from error


def _sqlite_engine(url: str, synchronous: str) -> Engine:
    options: dict[str, Any] = {"poolclass": StaticPool} if _in_memory(url) else {}
    engine = create_engine(url, connect_args={"check_same_thread": False, "isolation_level": None}, **options)

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        for pragma in (*_SQLITE_PRAGMAS, f"PRAGMA synchronous={synchronous}"):
            connection.execute(pragma).close()

    return engine


def _in_memory(url: str) -> bool:
    return make_url(url).database in (None, "", ":memory:")


def _token(hub: Hub) -> Mailbox[str]:
    box: Mailbox[str] = hub.mailbox(1)
    box.put(TOKEN)
    return box
