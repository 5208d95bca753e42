"""The gateway with a mistake in it: GATEWAY.toml MUTANT. Run by `storm`."""

from __future__ import annotations

import sys

from kiosk.site.commands import run_gateway
from kiosk.site.prove.mutants import Mutant, broken

if __name__ == "__main__":
    with broken(Mutant(sys.argv[2])):
        sys.exit(run_gateway(sys.argv[1:2]))
