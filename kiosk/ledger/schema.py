"""The ledger's tables. Plain SQL types only, so that SQLite and PostgreSQL hold the same thing.

Times are milliseconds since 1970 of the gateway's clock unless a name says otherwise (`at_ms` is the machine's). What
names a reader is in here only sealed (`effects.bond_*`) or as a keyed hash; the private half of the day key opens it
until that key is destroyed.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import BigInteger, Column, Engine, Index, Integer, LargeBinary, MetaData, Table, Text, select, text

VERSION: Final = 1

metadata: Final = MetaData()


def _text(name: str, **options: Any) -> Column[str]:
    return Column(name, Text, nullable=False, server_default="", **options)


def _count(name: str) -> Column[int]:
    return Column(name, BigInteger, nullable=False, server_default=text("0"))


meta: Final = Table("meta", metadata, Column("name", Text, primary_key=True), _text("value"))

chains: Final = Table(
    "chains",
    metadata,
    Column("device", Text, primary_key=True),
    Column("epoch", Text, primary_key=True),
    _count("through"),  # newest record of the contiguous prefix
    _text("head"),  # its hash
    _count("told_last"),  # newest record the machine said it has
    _count("first_ms"),
    _count("seen_ms"),
    _count("quarantined"),
    _text("boot"),
    _count("online"),
    _count("clear_ms"),  # every record the machine made before this moment is in the inbox
    _text("offsets"),  # JSON, boot -> ms from the machine's wall clock to ours, for boots that were met
    _count("floor_ms"),  # no later record was written before this moment of the gateway's clock
)

inbox: Final = Table(
    "inbox",
    metadata,
    Column("device", Text, primary_key=True),
    Column("epoch", Text, primary_key=True),
    Column("seq", BigInteger, primary_key=True),
    _text("key"),
    _text("kind"),
    _text("op"),
    _text("item"),
    _text("outcome"),
    _count("offline"),
    _text("pseudonym"),
    _text("hash"),
    Column("bytes", LargeBinary, nullable=False),
    _count("at_ms"),
    _count("first_ms"),  # the record was written between these two moments of the gateway's clock
    _count("last_ms"),
    _count("received_ms"),
    Index("inbox_key", "key"),
    Index("inbox_received", "received_ms"),
)

effects: Final = Table(
    "effects",
    metadata,
    Column("key", Text, primary_key=True),
    _text("op"),
    _text("item"),
    _text("owner"),
    _text("device"),
    _text("epoch"),
    _count("seq"),
    _text("hash"),  # of the Intent
    _text("pseudonym"),
    _text("bond_kid"),
    _text("bond_box"),
    _text("security"),  # as read before anything was written
    _count("at_ms"),
    _text("due_before"),
    _count("amount_fen"),
    _text("of"),
    _text("state"),
    _text("doing"),  # what is attempted: "", do, undo, move
    _text("pre"),  # JSON: what 17/63 said before the attempt
    _count("attempts"),
    _text("due"),
    _text("answer_name"),
    Column("answer", LargeBinary, nullable=False),
    _count("asked_ms"),
    _count("asked_until_ms"),  # the asker waits no longer
    _count("done_ms"),  # when the library system was changed
    _text("booked"),  # how the effect was booked: online, line, pair, found
    _count("accepted"),  # an OfflineAccepted was seen
    _text("final"),  # outcome of the Final
    _count("final_seq"),
    _count("final_offline"),
    _text("final_security"),
    _text("final_proof"),
    _count("final_first_ms"),
    _count("final_last_ms"),
    _count("final_received_ms"),
    _text("todo"),  # what the settler owes: "", judge, final, line, look
    _count("todo_ms"),  # not before
    _count("since_ms"),  # owed since
    _count("changed_ms"),
    Index("effects_item", "item"),
    Index("effects_todo", "todo", "todo_ms"),
    Index("effects_device", "device", "epoch", "seq"),
)

attempts: Final = Table(
    "attempts",
    metadata,
    Column("key", Text, primary_key=True),
    Column("n", Integer, primary_key=True),
    _text("message"),  # SIP2 command: 11, 09, 29, 37
    _count("begun_ms"),
    _count("ended_ms"),
    _text("outcome"),
)

tasks: Final = Table(
    "tasks",
    metadata,
    Column("id", Text, primary_key=True),
    _text("kind"),
    _text("key"),
    _text("item"),
    _text("device"),
    _text("epoch"),
    _count("seq"),
    _text("detail"),  # JSON of the values its sentences need; never a reader
    _count("opened_ms"),
    _count("closed_ms"),
    _text("closed_by"),
    _text("resolution"),
    Index("tasks_open", "closed_ms", "device"),
    Index("tasks_key", "key"),
)

quarantine: Final = Table(
    "quarantine",
    metadata,
    Column("device", Text, primary_key=True),
    Column("epoch", Text, primary_key=True),
    Column("seq", BigInteger, primary_key=True),
    Column("hash", Text, primary_key=True),
    Column("bytes", LargeBinary, nullable=False),
    _text("reason"),
    _count("received_ms"),
)

day_keys: Final = Table(
    "day_keys",
    metadata,
    Column("kid", Text, primary_key=True),
    _text("day"),
    _text("public"),
    _text("private"),  # "" once destroyed
    _count("made_ms"),
    _count("destroyed_ms"),
)

pins: Final = Table(
    "pins",
    metadata,
    Column("who", Text, primary_key=True),  # keyed hash, one per reader and site
    _count("failures"),
    _count("first_ms"),
    _count("locked_until_ms"),
)

lease: Final = Table(
    "lease",
    metadata,
    Column("name", Text, primary_key=True),
    _text("holder"),
    _count("until_ms"),
)

patrons_seen: Final = Table(
    "patrons_seen",
    metadata,
    Column("who", Text, primary_key=True),  # keyed hash
    _count("room"),
    _text("blocks"),  # comma separated reasons
    _count("seen_ms"),
)

items_seen: Final = Table(
    "items_seen",
    metadata,
    Column("item", Text, primary_key=True),
    _text("title"),
    _text("call_number"),
    _text("location"),
    _text("blocked"),
    _count("discs"),
    _text("due"),  # of the loan it was on, when it was on one
    _count("charged"),
    _count("seen_ms"),
)

wallet_moves: Final = Table(
    "wallet_moves",
    metadata,
    Column("key", Text, primary_key=True),
    _text("who"),  # keyed hash of the reader
    _text("kind"),  # hold, capture, release
    _text("of"),  # the hold that a capture or release ends
    _text("state"),  # held, captured, released, declined
    _count("amount_fen"),
    _text("period"),
    _count("at_ms"),
    Index("wallet_who", "who", "period"),
)

happenings: Final = Table(
    "happenings",
    metadata,
    Column("id", Text, primary_key=True),
    _text("device"),
    _text("what"),
    _count("fault"),
    _text("part"),
    _text("detail"),
    _count("at_ms"),
    _count("received_ms"),
    Index("happenings_received", "received_ms"),
)


class SchemaTooNew(Exception):
    """The ledger was written by newer software: update this gateway first."""


def create(engine: Engine) -> None:
    """Makes what is missing; harmless when repeated. Raises SchemaTooNew."""
    with engine.begin() as connection:
        metadata.create_all(connection)
        found = connection.execute(select(meta.c.value).where(meta.c.name == "version")).scalar()
        if found is None:
            connection.execute(meta.insert().values(name="version", value=str(VERSION)))
        elif int(found) > VERSION:
            raise SchemaTooNew(f"the ledger has version {found}, this software knows {VERSION}")
