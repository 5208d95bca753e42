"""Hardware language: bytes, uids, sheets. Knows no library, no journal, no screen.

A driver reads top to bottom and blocks only in `Link.read`; its simulator sits beside it and is the far end of the
same wire. Time comes in as a `Hub`, the wire as a `Link`, and every request has a deadline.
"""
