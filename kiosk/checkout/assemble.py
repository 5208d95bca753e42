"""Plugs the self-checkout machine into the platform (entry point `circdesk.machines`, name "checkout")."""

from __future__ import annotations

from kiosk.checkout.policy import Desk
from kiosk.checkout.reduce import CheckoutReducer
from kiosk.checkout.settings import CheckoutSettings
from kiosk.checkout.states import Durable, Volatile
from kiosk.machine.core import Brain
from kiosk.screen import Sentences

__all__ = ["CheckoutSettings", "brain"]


def brain(desk: Desk, sentences: Sentences) -> Brain:
    """The reducer of one desk and the beginning of its states."""

    def durable(device: str, epoch: str, minted: int) -> Durable:
        return Durable(device=device, epoch=epoch, minted=minted)

    return Brain(
        reducer=CheckoutReducer(desk, sentences),
        durable=durable,
        volatile=lambda: Volatile(language=desk.language),
    )
