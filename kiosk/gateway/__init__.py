"""The library's end of the uplink: takes journals in, settles what they owe, and asks the library system by SIP2.

Records come in by `ingest` and are receipted once they are in the ledger; questions are answered by `desk`; effects go
to the library system one at a time an item, and doubt goes to people (docs/decisions/0003-exactly-once.md).
"""
