"""The desk decides. `decide` dispatches to one function a view or a device; `evolve` is the fold of the journal.

visit.py   who stands here: cards, PINs, touches, time-outs, the end of a visit
items.py   what lies here: the pad, barcodes, lookups
tasks.py   one item through its steps: intent, grant, mark, final (rules 1 to 16 of the exactly-once protocol)
recover.py what a restart owes
tech.py    the technician
"""

from kiosk.checkout.reduce.core import CheckoutReducer, evolve

__all__ = ["CheckoutReducer", "evolve"]
