"""The machines this gateway listens to: whose signature counts, and where each of them stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from kiosk.gateway.config import DeviceSection, GatewayConfig
from kiosk.keys import Verifier, is_public_key
from kiosk.messages.topics import Address

KEY_OF_EXAMPLE: Final = "A" * 43 + "="  # 32 zero bytes, as config/gateway.example.toml shows the form


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


def key_told(device: DeviceSection) -> str:
    """What is wrong with the key that a machine's signatures are checked by, or ""."""
    if device.key == KEY_OF_EXAMPLE:
        return f"key of {device.id} is the one of the example: circdesk config key makes the machine's own"
    if not is_public_key(device.key):
        return f"key of {device.id} is no machine's public key: take the line that circdesk config key prints"
    return ""
