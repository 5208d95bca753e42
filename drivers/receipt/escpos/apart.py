"""python-escpos asked in a process that ends at once: a machine runs for months and prints a QR code now and then.

Without it a core is 10 MiB smaller. Where no process can be had, this one does it itself.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import drivers
from drivers.receipt.escpos.library import Here, Phrases

ANSWER_S_MAX: Final = 20.0


class Apart:
    """The Library of a machine's core. What it has learned about a model it keeps."""

    def phrases(self, model: str) -> Phrases:
        return _phrases(model)

    def qr(self, model: str, data: str, size: int) -> bytes:
        said = _asked({"model": model, "qr": data, "size": size})
        return Here().qr(model, data, size) if said is None else bytes.fromhex(said)


@lru_cache(maxsize=4)
def _phrases(model: str) -> Phrases:
    said = _asked({"model": model})
    if said is None:
        return Here().phrases(model)
    return Phrases(
        columns=said["columns"],
        dots=said["dots"],
        begin=bytes.fromhex(said["begin"]),
        styles=tuple(map(bytes.fromhex, said["styles"])),
        feeds=tuple(map(bytes.fromhex, said["feeds"])),
        cut=bytes.fromhex(said["cut"]),
    )


def _asked(question: dict[str, Any]) -> Any:
    """The answer as it stands in JSON; None when there was none. Raises ValueError for a refusal."""
    folders = [str(Path(drivers.__path__[0]).parent), *filter(None, [os.environ.get("PYTHONPATH")])]
    try:
        ended = subprocess.run(
            [sys.executable, "-m", "drivers.receipt.escpos.library"],
            input=json.dumps(question).encode(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=ANSWER_S_MAX,
            check=True,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(folders)},
        )
        said = json.loads(ended.stdout)
    except (OSError, subprocess.SubprocessError, ValueError):
        return None
    if isinstance(said, dict) and "refused" in said:
        raise ValueError(said["refused"])
    return said
