"""python-escpos asked in another process says the same, and leaves nothing in this one."""

from __future__ import annotations

import subprocess
import sys

import pytest

from drivers.receipt import QrCode, ReceiptPage, Text
from drivers.receipt.escpos.apart import Apart
from drivers.receipt.escpos.encode import Encoder, EscposProfile
from drivers.receipt.escpos.library import Here

SMALL = "POS-5890"  # no QR codes of its own: they are drawn
SLIP = """
import sys
from drivers.receipt import Cut, Feed, ReceiptPage, Text
from drivers.receipt.escpos.apart import Apart
from drivers.receipt.escpos.encode import Encoder, EscposProfile
pieces = Encoder(EscposProfile(), Apart()).page(ReceiptPage((Text(text="借书"), Feed(lines=2), Cut())))
assert len(pieces) == 4, pieces
print([name for name in ("escpos", "PIL", "barcode", "qrcode", "yaml") if name in sys.modules])
"""


def test_another_process_says_the_same_as_this_one() -> None:
    assert Apart().phrases(SMALL) == Here().phrases(SMALL)
    page = ReceiptPage((Text(text="借书"), QrCode(data="https://l.cn/1")))
    profile = EscposProfile(model=SMALL)
    assert Encoder(profile, Apart()).page(page) == Encoder(profile).page(page)


def test_a_model_nobody_knows_is_refused_by_another_process_too() -> None:
    with pytest.raises(ValueError, match="TM-T0"):
        Apart().phrases("TM-T0")


def test_a_machine_that_prints_slips_never_loads_what_draws_pictures() -> None:
    said = subprocess.run([sys.executable, "-c", SLIP], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]", said.stdout
