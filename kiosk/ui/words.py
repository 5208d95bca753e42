"""The few sentences the ui says on its own: paging, seconds, and that it has lost the machine.

A site's sentence table may carry the same keys and then wins.
"""

from __future__ import annotations

from kiosk.screen import Sentences

BUILT_IN = Sentences(
    {
        "ui.more": {"zh": "还有 {n} 项", "en": "{n} more"},
        "ui.next_page": {"zh": "下一页", "en": "Next page"},
        "ui.first_page": {"zh": "回到第一页", "en": "First page"},
        "ui.page": {"zh": "第 {page} 页，共 {pages} 页", "en": "Page {page} of {pages}"},
        "ui.seconds": {"zh": "{n} 秒", "en": "{n} s"},
        "ui.second_unit": {"zh": "秒", "en": "seconds"},
        "ui.digits": {"zh": "已输入 {n} 位", "en": "{n} digits typed"},
        "ui.digits#one": {"zh": "已输入 {n} 位", "en": "{n} digit typed"},
        "ui.erase": {"zh": "删除一位", "en": "Erase one digit"},
        "ui.reference": {"zh": "工作人员请看：编号 {code}", "en": "For staff: ref. {code}"},
        "ui.rest": {"zh": "休息", "en": "Resting"},
        "ui.lost.text": {"zh": "本机暂停服务", "en": "This machine is out of service"},
        "ui.lost.sub": {"zh": "请使用旁边的机器", "en": "Please use the one next to it"},
        "ui.lost.safe": {"zh": "已经借好、还好的图书都有记录", "en": "Books already borrowed or returned are recorded"},
        "ui.lost.other": {
            "zh": "刚才没有办完？请让工作人员核对一下",
            "en": "Not finished? Please let staff check your books",
        },
        "ui.lost.desk": {"zh": "着急请到总服务台", "en": "In a hurry? Please ask at the service desk"},
        "ui.language": {"zh": "English", "en": "中文"},
    }
)


def merged(site: Sentences | None) -> Sentences:
    """The site's sentences over the built-in ones."""
    return BUILT_IN if site is None else Sentences({**BUILT_IN.table, **site.table})
