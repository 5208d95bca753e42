"""Documents that are written by the code, so that they cannot lie: `python -m kiosk.site.papers` writes them anew."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from kiosk.domain.faults import FAULTS, Fault, Goes
from kiosk.screen import Sentences
from kiosk.screen.sentences import parse
from kiosk.site.asyncapi import asyncapi_yaml
from kiosk.site.folder import CONFIG

DOCS: Final = CONFIG.parent / "docs"
_SECTIONS: Final = {
    1: "1xx 线路与设备 · Wires and devices",
    2: "2xx 机器 · The machine",
    3: "3xx 读者与机器之间 · Between machine and reader",
    4: "4xx 上联 · Uplink",
    5: "5xx 账本、磁盘与时钟 · Journal, disk and clock",
}
_GOES: Final = {
    Goes.ON: "照常 · goes on",
    Goes.LESS: "缺这一项，其余照常 · goes on without it",
    Goes.RETURNS: "只收还书 · returns only",
    Goes.RESTS: "暂停服务 · rests",
}
_HEAD: Final = """# 故障编号 · Faults by number

`circdesk diag` 和技术员屏幕用这些编号。编号一经使用，含义不变。
`circdesk diag` and the technician's screens use these numbers. A number keeps its meaning.

本文件由代码生成：`python -m kiosk.site.papers`。Written by the code.
"""


def faults_md() -> str:
    """docs/faults.md."""
    sentences = parse((CONFIG / "locale" / "sentences.csv").read_text("utf-8"))
    lines = [_HEAD]
    for section, title in _SECTIONS.items():
        lines += [
            f"## {title}",
            "",
            "| | 是什么 · What | 机器 · Machine | 读者看到 · Reader sees | 怎么办 · What to do |",
        ]
        lines += ["|---|---|---|---|---|"]
        lines += [_row(fault, sentences) for fault in FAULTS if fault.number // 100 == section]
        lines.append("")
    return "\n".join(lines)


def _row(fault: Fault, sentences: Sentences) -> str:
    reader = sentences.table[fault.reader]["zh"] if fault.reader else "—"
    cells = (
        f"**{fault.code}**<br>`{fault.name}`",
        f"{fault.zh}<br>{fault.en}",
        _GOES[fault.goes],
        reader,
        f"{fault.do_zh}<br>{fault.do_en}",
    )
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"


PAPERS: Final[Mapping[Path, Callable[[], str]]] = {
    DOCS / "faults.md": faults_md,
    DOCS / "asyncapi.yaml": asyncapi_yaml,
}

if __name__ == "__main__":
    for path, write in PAPERS.items():
        path.write_text(write(), encoding="utf-8")
