"""Library language: the platform that all three machines stand on, and the self-checkout machine itself.

Rooms, top to bottom: site, checkout, machine, (ui, diag, gateway), report, (ledger, flow, uplink), journal,
(messages, screen, bus, keys), domain. A room imports only from below; pyproject.toml enforces it.
"""
