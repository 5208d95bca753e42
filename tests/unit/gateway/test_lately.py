"""What was asked a moment ago, while many threads ask."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator

import pytest

from drivers.clock import ThreadHub, VirtualHub
from kiosk.domain import ItemBarcode
from kiosk.gateway.lately import ITEMS_MAX, Lately
from kiosk.gateway.sip2 import ItemReply
from kiosk.gateway.sip2.replies import Circulation, Reason

THREADS = 4
EACH = 2_000


def reply(item: str) -> ItemReply:
    return ItemReply(
        item=ItemBarcode(item),
        known=True,
        title="T",
        circulation=Circulation.AVAILABLE,
        due=None,
        hold_queue=None,
        owner="",
        permanent_location="",
        current_location="",
        call_number="",
        media_type="",
        fee_fen=None,
        recall_day=None,
        pickup_day=None,
        reason=Reason(),
    )


@pytest.fixture
def hasty() -> Iterator[None]:
    """Threads take turns as often as they can."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(usual)


@pytest.mark.usefixtures("hasty")
def test_more_items_than_there_is_room_for_may_be_asked_about_from_many_threads() -> None:
    lately, broken = Lately(ThreadHub()), list[BaseException]()
    for n in range(ITEMS_MAX):
        lately.learned(reply(f"full-{n}"), 0.0)
        lately.moved(ItemBarcode(f"full-{n}"))

    def ask(name: int) -> None:
        try:
            for n in range(EACH):
                lately.learned(reply(f"{name}-{n}"), 0.0)
                lately.moved(ItemBarcode(f"{name}-{n}"))
        except Exception as error:
            broken.append(error)

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert broken == []


def test_an_item_that_moved_since_it_was_asked_about_is_read_again_even_after_it_was_forgotten() -> None:
    hub = VirtualHub()
    lately = Lately(hub)
    lately.learned(reply("1"), hub.now())
    lately.moved(ItemBarcode("1"))
    for n in range(ITEMS_MAX):
        lately.moved(ItemBarcode(f"other-{n}"))
    assert lately.take(ItemBarcode("1")) is None
