"""`python -m kiosk` is `circdesk`."""

import sys

from kiosk.cli import main

sys.exit(main())
