"""What the numbers were measured on. Never a host name."""

from __future__ import annotations

import os
import platform
import re
import sqlite3
import subprocess

from kiosk.site.mosquitto import PROGRAM


def machine_facts() -> dict[str, str]:
    return {
        "cores": str(len(os.sched_getaffinity(0))),
        "kernel": platform.release(),
        "Python": platform.python_version(),
        "SQLite": sqlite3.sqlite_version,
        "mosquitto": _mosquitto(),
        "load average": f"{load():.2f}",
    }


def load() -> float:
    """Processes that want to run, averaged over the last minute."""
    return os.getloadavg()[0]


def _mosquitto() -> str:
    try:
        said = subprocess.run([PROGRAM, "-h"], capture_output=True, text=True, check=False).stdout
    except FileNotFoundError:
        return "not installed"
    found = re.search(r"version ([\d.]+)", said)
    return found[1] if found else "unknown"
