"""The 48 requirements of the screen, as a table that a command can run over every screen of a machine.

`check(screens, studio)` lays every screen out in four modes on three panels and returns a `Report`. What a screen alone
cannot show (flows, hardware) comes in as `proofs`: a mapping from the number of a requirement to a function that
returns its findings. `crew` spreads the same work over processes.
"""

from kiosk.ui.check.case import Finding
from kiosk.ui.check.run import MODES, Proof, Report, check
from kiosk.ui.check.table import REQUIREMENTS, How, Requirement

__all__ = ["MODES", "REQUIREMENTS", "Finding", "How", "Proof", "Report", "Requirement", "check"]
