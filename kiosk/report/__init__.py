"""Counts, shares and reconciliation out of a ledger: reads, writes nothing back."""
