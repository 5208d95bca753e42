"""Configuration files: read once, checked whole, every mistake at once with file and line, in a technician's words."""

from kiosk.settings.kinds import Kind, kind_of, must_be
from kiosk.settings.reading import Mistake, SettingsError, Sparse, read, read_sparse, refuse, text_of

__all__ = [
    "Kind",
    "Mistake",
    "SettingsError",
    "Sparse",
    "kind_of",
    "must_be",
    "read",
    "read_sparse",
    "refuse",
    "text_of",
]
