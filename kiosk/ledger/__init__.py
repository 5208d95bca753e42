"""The gateway's memory: what arrived, what was asked of the library system, what people must still look at.

`open_ledger` opens SQLite (one gateway) or PostgreSQL (many). `Ledger.run` commits, `Ledger.read` looks; the queries
live in `inbox`, `effects`, `tasks`, `secrets` and `seen`, each over its own tables in `schema`. Reports read through
`Ledger.engine`.
"""

from kiosk.ledger.schema import SchemaTooNew
from kiosk.ledger.store import Ledger, LedgerBroken, Tx, open_ledger

__all__ = ["Ledger", "LedgerBroken", "SchemaTooNew", "Tx", "open_ledger"]
