"""From a tapped card to a reader's number, and to his money.

The campus card service stands behind `CardResolver` and `Wallet`; a file of cards and the library's own print credit
will do where there is none.
"""

from kiosk.gateway.card.file import CardFile, CardFileError
from kiosk.gateway.card.house import Allowance, HouseWallet
from kiosk.gateway.card.resolver import CardResolver, Resolved, in_form, is_random
from kiosk.gateway.card.wallet import Approved, Declined, Found, Wallet, WalletAway, WalletSilent

__all__ = [
    "Allowance",
    "Approved",
    "CardFile",
    "CardFileError",
    "CardResolver",
    "Declined",
    "Found",
    "HouseWallet",
    "Resolved",
    "Wallet",
    "WalletAway",
    "WalletSilent",
    "in_form",
    "is_random",
]
