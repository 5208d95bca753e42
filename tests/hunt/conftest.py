from __future__ import annotations

from tests.unit.gateway.conftest import kiosk, site

__all__ = ["kiosk", "site"]
