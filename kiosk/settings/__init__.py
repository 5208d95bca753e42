"""Configuration files: read once, checked whole, every mistake at once with file and line, in a technician's words."""

from kiosk.settings.reading import Mistake, SettingsError, Sparse, read, read_sparse, refuse, text_of

__all__ = ["Mistake", "SettingsError", "Sparse", "read", "read_sparse", "refuse", "text_of"]
