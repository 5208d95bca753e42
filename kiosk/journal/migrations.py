"""The tables of a journal file: one numbered SQL file per version, applied by sqlite-utils."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from importlib.resources import files
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sqlite_utils import Database, Migrations

LATEST: Final = 1
APPLICATION_ID: Final = 0x43444A31  # "CDJ1" in the file's header: tells a journal from any other SQLite file


def migrate(connection: sqlite3.Connection) -> None:
    """Brings the tables of an open file to LATEST, each version in a transaction of its own."""
    # Only creation and upgrades pay for this import; every other start of a machine does without.
    from sqlite_utils import Database, Migrations

    migrations = Migrations("journal")
    for version in range(1, LATEST + 1):
        _register(migrations, version)
    migrations.apply(Database(connection))
    # Both live in the file's header and cannot be bound as values.
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {LATEST}")


def sql(version: int) -> str:
    return files("kiosk.journal").joinpath(f"schema/{version:03}.sql").read_text(encoding="utf-8")


def statements(text: str) -> Iterator[str]:
    """The single statements of an SQL file. (`executescript` would commit the migration's transaction.)"""
    statement = ""
    for line in text.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement.strip()
            statement = ""


def expected_schema() -> dict[str, str]:
    """Name and SQL of every table, index and trigger of ours, as SQLite stores them."""
    connection = sqlite3.connect(":memory:")
    try:
        for version in range(1, LATEST + 1):
            for statement in statements(sql(version)):
                connection.execute(statement)
        found = connection.execute("SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL").fetchall()
    finally:
        connection.close()
    return dict(found)


def _register(migrations: Migrations, version: int) -> None:
    def run(db: Database) -> None:
        for statement in statements(sql(version)):
            db.execute(statement)

    migrations(name=f"{version:03}")(run)
