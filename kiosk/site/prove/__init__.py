"""Safety claims at any size: each module tries one of them on random cases and counts what went wrong.

Every proof takes a count, a seed and the name of a mutant: a deliberately broken variant that it must catch.
"""

from kiosk.site.prove.report import ProveReport

__all__ = ["ProveReport"]
