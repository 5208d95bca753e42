"""The machines this gateway listens to: whose signature counts, and where each of them stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kiosk.gateway.config import GatewayConfig
from kiosk.keys import Verifier
from kiosk.messages.topics import Address


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    address: Address
    place: str
    verifier: Verifier

    @property
    def name(self) -> str:
        return self.address.device


@dataclass(frozen=True, slots=True)
class Registry:
    """Devices by name; a name is unique in the consortium."""

    devices: Mapping[str, Device]

    def at(self, address: Address) -> Device | None:
        """The device that may speak from this address, or None."""
        device = self.devices.get(address.device)
        return device if device is not None and device.address == address else None

    def addresses(self) -> Iterable[Address]:
        return (device.address for device in self.devices.values())


def registry_of(config: GatewayConfig) -> Registry:
    return Registry(
        {
            each.id: Device(
                address=Address(consortium=config.gateway.consortium, site=each.site, device=each.id),
                place=each.place,
                verifier=Verifier(each.key),
            )
            for each in config.device
        }
    )
