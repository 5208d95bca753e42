"""From a tapped card to a reader's number. The campus card service stands behind `CardResolver`; a file will do."""

from kiosk.gateway.card.file import CardFile, CardFileError
from kiosk.gateway.card.resolver import CardResolver, Resolved, in_form, is_random

__all__ = ["CardFile", "CardFileError", "CardResolver", "Resolved", "in_form", "is_random"]
