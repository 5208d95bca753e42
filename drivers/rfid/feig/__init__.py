"""FEIG OBID i-scan and classic-pro readers in ISO host mode: one protocol from the desk pad to the long-range slot.

`FeigPad` is the driver (see `drivers.rfid.contract.Pad`), `FeigOptions` what a site may have to change. The simulator
is `drivers.rfid.feig.sim`; sources, wiring and quirks are in README.md beside this file.
"""

from drivers.rfid.feig.driver import FeigPad
from drivers.rfid.feig.exchange import FeigOptions

__all__ = ["FeigOptions", "FeigPad"]
