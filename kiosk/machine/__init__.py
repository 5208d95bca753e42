"""A machine's own ground: settings, links, parts and the core that ties them to a reducer. Knows no particular machine.

`settings` is the platform's share of a machine file, `links` opens wires by address, `parts` runs one device each and
speaks library to the core, `core` joins journal, uplink, parts and screen around a reducer, `simulate` puts far ends
on the wires (demo, stories and tests only).
"""
