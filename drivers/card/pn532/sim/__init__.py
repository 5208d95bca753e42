"""A simulated PN532: `CardField` is what lies on it, `Pn532Sim` what answers on the wire.

field, wire = CardField(), ...
hub.spawn("pn532", Pn532Sim(wire, hub, field).serve)
field.put(m1_card("04A1B2C3"))
"""

from drivers.card.pn532.sim.chip import Faults, Pn532Sim
from drivers.card.pn532.sim.field import Card, CardField, cpu_card, m1_card, phone

__all__ = ["Card", "CardField", "Faults", "Pn532Sim", "cpu_card", "m1_card", "phone"]
