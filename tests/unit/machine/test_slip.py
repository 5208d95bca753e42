"""The slip a reader takes home says which copies it speaks of."""

from __future__ import annotations

from drivers.receipt.layout import page_text, width
from kiosk.flow.orders import Receipt, ReceiptLine
from kiosk.machine.parts.printer import page

COLUMNS = 42


def slip(*lines: ReceiptLine) -> list[str]:
    receipt = Receipt(
        library="示例大学图书馆",
        title="借书凭条",
        time="2026-11-22 14:06",
        reader="王*明 ****0001",
        lines=lines,
        count=f"{len(lines)} 册已借出",
        notes=(),
        reference="k1-e1-1",
    )
    return page_text(page(receipt), COLUMNS).splitlines()


def test_two_copies_of_one_title_can_be_told_apart() -> None:
    printed = slip(
        ReceiptLine(title="红楼梦", due="2026-12-22", word="应还", call_number="I242.4/1", item="D1000001"),
        ReceiptLine(title="红楼梦", due="2026-12-22", word="应还", call_number="I242.4/1", item="D1000002"),
    )
    assert [line.split() for line in printed if "I242.4/1" in line] == [
        ["I242.4/1", "D1000001"],
        ["I242.4/1", "D1000002"],
    ]
    assert all(width(line) <= COLUMNS for line in printed)


def test_an_item_without_a_title_is_named_once() -> None:
    printed = slip(ReceiptLine(title="D1000001", due="2026-12-22", word="应还"))
    assert sum("D1000001" in line for line in printed) == 1


def test_the_head_of_the_slip_stands_in_the_middle() -> None:
    for line in slip(ReceiptLine(title="红楼梦", due="", word=""))[:4]:
        left = len(line) - len(line.lstrip())
        assert abs(left - (COLUMNS - width(line))) <= 1, line
