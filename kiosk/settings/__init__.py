"""Configuration files: read once, checked whole, every mistake at once with file and line, in a technician's words."""

from kiosk.settings.reading import Mistake, SettingsError, read

__all__ = ["Mistake", "SettingsError", "read"]
