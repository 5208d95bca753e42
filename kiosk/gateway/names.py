"""A reader's name as a public screen may show it. Pure."""

from __future__ import annotations

import re
from typing import Final

from kiosk.gateway.config import Mask, PatronSection

_HAN: Final = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]")
_COMPOUND_TEXT: Final = (
    "欧阳太史端木上官司马东方独孤南宫万俟闻人夏侯诸葛尉迟公羊赫连澹台皇甫宗政濮阳公冶太叔申屠公孙慕容仲孙钟离长孙宇文"
    "司徒鲜于司空闾丘子车亓官司寇巫马公西颛孙壤驷公良漆雕乐正宰父谷梁拓跋夹谷轩辕令狐段干百里呼延东郭南门羊舌微生梁丘"
    "左丘东门西门第五"
)
_COMPOUND: Final = frozenset(_COMPOUND_TEXT[i : i + 2] for i in range(0, len(_COMPOUND_TEXT), 2))
"""Surnames of two characters from the list of hundred surnames."""


def masked(name: str, patron_class: str, rules: PatronSection) -> str:
    """王同学, 李老师 or 王*明; a name in other letters keeps its first letter only. Never the whole name."""
    name = name.strip()
    if not name:
        return ""
    if not _HAN.match(name):
        return f"{name[0].upper()}***"
    surname = name[:2] if name[:2] in _COMPOUND and len(name) > 2 else name[0]
    if rules.mask is Mask.STAR:
        hidden = max(1, len(name) - len(surname) - 1)
        last = name[-1] if len(name) > len(surname) + 1 else ""
        return f"{surname}{'*' * hidden}{last}"
    if patron_class in rules.teachers:
        return f"{surname}老师"
    return f"{surname}同学" if patron_class in rules.students else f"{surname}读者"
