"""Loans, choices, time-out, troubles, help."""

from __future__ import annotations

from kiosk.screen import (
    Art,
    Banner,
    Button,
    Clip,
    Countdown,
    Headline,
    Icon,
    Person,
    Row,
    Screen,
    Strip,
    Tone,
)
from tests.ui.gallery.parts import call, screen, t


def loans(lang: str) -> Screen:
    def book(i: int, zh: str, en: str, state: tuple[str, str], due: tuple[str, str], tone: Tone, icon: Icon) -> Row:
        return Row(
            id=f"N{i}",
            title=t(lang, zh, en),
            label=t(lang, "应还", "Due back"),
            value=t(lang, *due),
            tone=tone,
            icon=icon,
            reason=t(lang, *state),
            spine=i % 5,
        )

    can = ("可续借", "Can be renewed")
    return screen(
        lang,
        "loans",
        who=t(lang, "王*明", "Wang M**"),
        headline=Headline(text=t(lang, "我的借阅", "My loans"), numeral="8", unit=t(lang, "册在借", "books out")),
        person=Person(
            name=t(lang, "1 册预约书可取", "1 hold is ready"),
            kind=t(lang, "总服务台，保留至 11月25日", "Service desk, until 25 Nov"),
            tone=Tone.GO,
        ),
        rows=(
            book(
                4,
                "枢纽：3000年的中国",
                "The Hub: 3000 Years of China",
                ("超期 3 天，请先归还", "3 days late, please return it"),
                ("11月19日", "19 Nov"),
                Tone.CARE,
                Icon.CLOCK,
            ),
            book(
                0,
                "数据密集型应用系统设计",
                "Designing Data-Intensive Applications",
                ("3 天后到期，可续借", "Due in 3 days, can be renewed"),
                ("11月25日", "25 Nov"),
                Tone.GO,
                Icon.RENEW,
            ),
            book(
                1, "红楼梦（上）", "A Dream of Red Mansions, Volume One", can, ("12月2日", "2 Dec"), Tone.GO, Icon.RENEW
            ),
            book(2, "Fluent Python（第2版）", "Fluent Python", can, ("12月8日", "8 Dec"), Tone.GO, Icon.RENEW),
            book(
                3,
                "算法导论（原书第3版）",
                "Introduction to Algorithms, Third Edition",
                ("有人预约，不能续借", "Reserved, cannot be renewed"),
                ("12月11日", "11 Dec"),
                Tone.PLAIN,
                Icon.PERSON,
            ),
            book(6, "唐诗三百首", "Three Hundred Tang Poems", can, ("12月12日", "12 Dec"), Tone.GO, Icon.RENEW),
            book(7, "线性代数", "Linear Algebra", can, ("12月13日", "13 Dec"), Tone.GO, Icon.RENEW),
            book(8, "矿井通风与安全", "Mine Ventilation and Safety", can, ("12月14日", "14 Dec"), Tone.GO, Icon.RENEW),
        ),
        hint=t(lang, "每册可续借 1 次，从今天起再借 30 天", "Each can be renewed once, for 30 days from today"),
        primary=Button(
            id="renew.all",
            text=t(lang, "全部续借 6 册", "Renew all 6"),
            sub=t(lang, "新的应还日 12月22日", "New due date 22 Dec"),
            icon=Icon.RENEW,
        ),
        secondary=(
            Button(id="back", text=t(lang, "返回", "Back"), icon=Icon.BACK),
            Button(id="print.list", text=t(lang, "打印清单", "Print the list"), icon=Icon.PRINT),
        ),
        speech=t(lang, "您有八册在借。", "You have eight books out."),
    )


def choose(lang: str) -> Screen:
    """Rows that are pressed: some ticked, one opens something."""
    return screen(
        lang,
        "choose",
        who=t(lang, "王*明", "Wang M**"),
        headline=Headline(text=t(lang, "请选择要续借的图书", "Choose the items to renew")),
        rows=tuple(
            Row(
                id=f"C{i}",
                title=t(lang, zh, en),
                label=t(lang, "应还", "Due back"),
                value=t(lang, f"12月{i + 2}日", f"{i + 2} Dec"),
                spine=-1,
                chosen=i != 1,
                button=f"choose.C{i}",
                tone=Tone.GO if i != 1 else Tone.PLAIN,
            )
            for i, (zh, en) in enumerate(
                (
                    ("红楼梦（上）", "A Dream of Red Mansions, Volume One"),
                    ("算法导论（原书第3版）", "Introduction to Algorithms, Third Edition"),
                    ("唐诗三百首", "Three Hundred Tang Poems"),
                )
            )
        ),
        primary=Button(id="renew", text=t(lang, "续借 2 册", "Renew 2 items"), icon=Icon.RENEW, confirms=("C0", "C2")),
        secondary=(Button(id="back", text=t(lang, "返回", "Back"), icon=Icon.BACK), call(lang)),
        speech=t(lang, "请选择要续借的图书。", "Choose the items to renew."),
    )


def timeout(lang: str) -> Screen:
    return screen(
        lang,
        "timeout",
        dark=True,
        headline=Headline(
            text=t(lang, "您还在吗？", "Still there?"),
            sub=t(lang, "点一下屏幕任意处，就能继续", "Touch anywhere to go on"),
        ),
        countdown=Countdown(left_s=17, total_s=20, full_screen=True),
        notes=(
            t(lang, "时间到后自动退出", "Then we sign you out"),
            t(
                lang,
                "感应区上的 5 册还没有借出，可以再来办。",
                "The 5 books on the pad are not borrowed; you can start again.",
            ),
        ),
        primary=Button(id="continue", text=t(lang, "继续", "Continue")),
        secondary=(
            Button(id="cancel", text=t(lang, "不借了", "Cancel"), icon=Icon.BACK),
            Button(id="double", text=t(lang, "时间加倍", "Double the time"), icon=Icon.CLOCK),
        ),
        clip=Clip.TIME,
        speech=t(lang, "您还在吗？点一下屏幕，就能继续。", "Still there? Touch the screen to go on."),
    )


def offline(lang: str) -> Screen:
    def service(id: str, icon: Icon, zh: str, en: str, sub_zh: str, sub_en: str) -> Row:
        return Row(
            id=id,
            title=t(lang, zh, en),
            sub=t(lang, sub_zh, sub_en),
            icon=icon,
            spine=-1,
            value=t(lang, "可用", "Open"),
            tone=Tone.GO,
        )

    return screen(
        lang,
        "offline",
        clock="14:06",
        banner=Banner(
            text=t(lang, "网络暂时中断，仍可借还", "The network is down; you can still borrow and return"),
            sub=t(lang, "记录先存在本机，恢复后自动登记。", "Records stay on this machine and are sent later."),
        ),
        rows=(
            service(
                "s1",
                Icon.BOOKS,
                "借书",
                "Borrow",
                "每人最多 3 册，应还日期以系统为准",
                "Up to 3 items; the system confirms the due date",
            ),
            service("s2", Icon.RETURN, "还书", "Return", "还书时间按现在计", "The time counts as now"),
        ),
        notes=(t(lang, "续借、我的借阅、缴费：恢复后再办", "Renewals, loans and fees: once the network is back"),),
        hint=t(lang, "急着缴费或续借？请到一楼总服务台。", "In a hurry to pay or renew? Please ask at the 1F desk."),
        primary=Button(id="start.checkout", text=t(lang, "开始借书", "Borrow books"), icon=Icon.BOOKS),
        secondary=(Button(id="start.checkin", text=t(lang, "还书", "Return"), icon=Icon.RETURN), call(lang)),
        speech=t(lang, "网络暂时中断，仍可借还。", "The network is down; you can still borrow and return."),
    )


def out_of_service(lang: str) -> Screen:
    return screen(
        lang,
        "out_of_service",
        clock="14:06",
        headline=Headline(
            text=t(lang, "本机暂停服务", "Out of service"),
            sub=t(lang, "请使用旁边的机器", "Please use the machine next to it"),
        ),
        art=Art.RESTING,
        rows=(
            Row(
                id="o1",
                title=t(lang, "您的图书是安全的", "Your books are safe"),
                sub=t(
                    lang, "已借好的都已登记；其余没有借出。", "What you borrowed is recorded; the rest was not lent."
                ),
                icon=Icon.BOOKS,
                spine=-1,
            ),
            Row(
                id="o2",
                title=t(lang, "一楼总服务台可以办理", "The 1F desk can help"),
                sub=t(lang, "电话 8359 0000", "Phone 8359 0000"),
                icon=Icon.DESK,
                spine=-1,
            ),
            Row(
                id="o3",
                title=t(lang, "只想还书？", "Only returning?"),
                sub=t(lang, "门厅 24 小时还书口照常开放。", "The 24-hour slot in the entrance hall is open."),
                icon=Icon.RETURN,
                spine=-1,
            ),
        ),
        primary=Button(id="staff.call", text=t(lang, "呼叫工作人员", "Call staff"), icon=Icon.BELL),
        reference="E-217",
        speech=t(lang, "本机暂停服务，请使用旁边的机器。", "Out of service. Please use the machine next to it."),
    )


def clear_pad(lang: str) -> Screen:
    return screen(
        lang,
        "clear_pad",
        clock="14:06",
        headline=Headline(
            text=t(lang, "感应区上还有书", "Books are still here"),
            numeral="2",
            unit=t(lang, "册忘了拿", "left behind"),
        ),
        art=Art.CLEAR_PAD,
        rows=(
            Row(
                id="k1",
                title=t(lang, "红楼梦（上）", "A Dream of Red Mansions, Volume One"),
                reason=t(lang, "已借好，请带走", "Borrowed: please take it"),
                icon=Icon.CHECK,
                tone=Tone.GO,
                spine=1,
            ),
            Row(
                id="k2",
                title=t(lang, "江苏通志·卷三", "General Annals of Jiangsu, Volume Three"),
                reason=t(lang, "没有借出", "Not borrowed"),
                remedy=t(lang, "请放到右侧书架。", "Please leave it on the shelf to your right."),
                remedy_icon=Icon.SHELF,
                icon=Icon.BANG,
                tone=Tone.STOP,
                spine=4,
            ),
        ),
        primary=Strip(
            text=t(lang, "请拿开感应区上的书", "Please clear the pad"),
            sub=t(lang, "拿开后就能开始", "Then the next visit can start"),
            tone=Tone.GO,
        ),
        secondary=(call(lang),),
        clip=Clip.ATTENTION,
        speech=t(lang, "感应区上还有两册书，请拿走。", "Two books are still on the pad. Please take them."),
    )


def help_(lang: str) -> Screen:
    return screen(
        lang,
        "help",
        clock="14:06",
        headline=Headline(
            text=t(lang, "需要帮助？", "Need help?"),
            sub=t(lang, "请到一楼总服务台，或拨打 8359 0000", "Ask at the 1F service desk or call 8359 0000"),
        ),
        rows=(
            Row(
                id="speech",
                title=t(lang, "语音提示", "Voice prompts"),
                sub=t(lang, "朗读每一屏", "Every screen is read aloud"),
                icon=Icon.SPEECH,
                spine=-1,
                value=t(lang, "已关闭", "Off"),
                button="mode.speech",
            ),
            Row(
                id="mirror",
                title=t(lang, "左手布局", "Left-handed layout"),
                sub=t(lang, "按钮换到左边", "Buttons move to the left"),
                icon=Icon.PERSON,
                spine=-1,
                value=t(lang, "已关闭", "Off"),
                button="mode.mirrored",
            ),
        ),
        notes=(
            t(lang, "把书平放在感应区，最多 5 册", "Lay your books flat on the pad, up to 5 at a time"),
            t(lang, "若出门报警，请带书到总服务台，不必担心", "If the gate sounds, just show the book at the desk"),
        ),
        primary=Button(id="staff.call", text=t(lang, "呼叫工作人员", "Call staff"), icon=Icon.BELL),
        secondary=(Button(id="back", text=t(lang, "返回", "Back"), icon=Icon.BACK),),
        speech=t(lang, "需要帮助？请到一楼总服务台。", "Need help? Ask at the service desk."),
    )
