"""The broker as both ends see it. `PahoBus` speaks MQTT 5 to a real one; `MemoryBus` carries the same bytes in tests.

A bus promises little: QoS 1 may double, delay and reorder, a PUBACK means nothing about disk, and a lost connection
loses what was under way. Everything that must hold is built above it (receipts, keys, hashes). `Acl` says who may
speak where; `kiosk.bus.mosquitto` writes it down for a real broker. Only this room imports paho: take `PahoBus` from
`kiosk.bus.paho_bus` and `MemoryBroker` from `kiosk.bus.memory`.
"""

from kiosk.bus.acl import Access, Acl
from kiosk.bus.contract import Bus, BusEvent, BusGone, Connected, Delivered, Disconnected, PublishRefused, Will

__all__ = [
    "Access",
    "Acl",
    "Bus",
    "BusEvent",
    "BusGone",
    "Connected",
    "Delivered",
    "Disconnected",
    "PublishRefused",
    "Will",
]
