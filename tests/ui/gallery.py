"""Sample screens in both languages: every kind of content the ui can be given, with the longest real titles.

They stand in for a machine's own pictures where the ui is tested for itself.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from kiosk.screen import (
    Art,
    Banner,
    Button,
    Clip,
    Countdown,
    Diagram,
    Headline,
    Icon,
    Keypad,
    Mark,
    Modes,
    Person,
    Qr,
    Row,
    Screen,
    Shape,
    Steps,
    Strip,
    Tile,
    Tone,
)

LIBRARY = ("大学图书馆", "University Library")


def _t(lang: str, zh: str, en: str) -> str:
    return zh if lang == "zh" else en


def dock(lang: str) -> tuple[Button, ...]:
    return (
        Button(id="dock.language", text=_t(lang, "English", "中文"), icon=Icon.LANGUAGE),
        Button(id="dock.large", text=_t(lang, "大字", "Text"), icon=Icon.LARGE),
        Button(id="dock.contrast", text=_t(lang, "对比", "Contrast"), icon=Icon.CONTRAST),
        Button(id="dock.low", text=_t(lang, "低位", "Reach"), icon=Icon.REACH),
        Button(id="dock.help", text=_t(lang, "帮助", "Help"), icon=Icon.HELP),
    )


def _steps(lang: str, now: int) -> Steps:
    return Steps(names=("刷卡", "放书", "完成") if lang == "zh" else ("Card", "Books", "Done"), now=now)


def _call(lang: str) -> Button:
    return Button(id="staff.call", text=_t(lang, "呼叫工作人员", "Call staff"), icon=Icon.BELL)


def _person(lang: str) -> Person:
    return Person(
        name=_t(lang, "王*明", "Wang M**"),
        kind=_t(lang, "智盟卡 · 访问读者", "Zhimeng Card · visitor"),
        label=_t(lang, "还可借", "You can borrow"),
        value=_t(lang, "7 册", "7"),
    )


def _screen(lang: str, name: str, **fields: object) -> Screen:
    base = Screen(turn=1, name=name, lang=lang, library=LIBRARY, dock=dock(lang))
    return replace(base, **fields)  # type: ignore[arg-type]  # fields of Screen, named by the caller


def attract(lang: str) -> Screen:
    return _screen(
        lang,
        "attract",
        clock="14:06",
        art=Art.SHELF,
        headline=Headline(
            text=_t(lang, "把书放上来，就能借走。", "Put your books down, and go."),
            sub=_t(lang, "Put your books down, and go.", "把书放上来，就能借走。"),
        ),
        primary=Button(id="start.checkout", text=_t(lang, "开始借书", "Borrow books"), icon=Icon.BOOKS),
        secondary=(
            Button(id="start.checkin", text=_t(lang, "还书", "Return"), icon=Icon.RETURN),
            Button(id="start.account", text=_t(lang, "我的借阅", "My loans"), icon=Icon.PERSON),
            Button(id="start.pickup", text=_t(lang, "取预约书", "My holds"), icon=Icon.HOLD),
        ),
        speech=_t(lang, "欢迎。把书放上来，就能借走。", "Welcome. Put your books down, and go."),
    )


def card(lang: str) -> Screen:
    return _screen(
        lang,
        "card",
        steps=_steps(lang, 1),
        headline=Headline(
            text=_t(lang, "请刷校园卡", "Present your card"),
            sub=_t(lang, "把卡平放在屏幕下方的读卡区", "Lay it on the reader below the screen"),
        ),
        art=Art.CARD,
        qr=Qr(
            content="https://sso.example.edu.cn/device?code=WDJB-MJHT",
            text=_t(lang, "智盟卡读者，请用手机扫码", "Zhimeng Card? Scan with your phone"),
            sub=_t(
                lang,
                "登录您学校的账号。已有身份码？请对准扫码窗。",
                "Sign in with your own university. Have a code? Show it to the scanner.",
            ),
        ),
        countdown=Countdown(left_s=58, total_s=120, text=_t(lang, "等待手机确认，", "Waiting for your phone:")),
        primary=Strip(
            text=_t(lang, "把卡放在下面", "Put your card below"),
            sub=_t(lang, "放好后自动继续", "We go on by ourselves"),
        ),
        secondary=(Button(id="back", text=_t(lang, "返回", "Back"), icon=Icon.BACK), _call(lang)),
        speech=_t(lang, "请把校园卡放在读卡区。", "Please lay your card on the reader."),
    )


def pin(lang: str) -> Screen:
    return _screen(
        lang,
        "pin",
        steps=_steps(lang, 1),
        headline=Headline(
            text=_t(lang, "请输入密码", "Enter your password"), sub=_t(lang, "王*明，您好", "Hello, Wang M**")
        ),
        keypad=Keypad(
            title=_t(lang, "六位数字", "Six digits"),
            enter="pin.enter",
            enter_text=_t(lang, "确认", "Enter"),
            digits_max=6,
            digits_min=6,
        ),
        secondary=(Button(id="back", text=_t(lang, "返回", "Back"), icon=Icon.BACK), _call(lang)),
        speech=_t(lang, "请输入密码。", "Please enter your password."),
    )


def _books(lang: str) -> tuple[Row, ...]:
    ok = {
        "value": _t(lang, "可借", "Can be borrowed") if lang == "zh" else "Available",
        "icon": Icon.CHECK,
    }
    return (
        Row(id="D1", title=_t(lang, "数据密集型应用系统设计", "Designing Data-Intensive Applications"), sub="TP311.13/128", spine=0, **ok),  # type: ignore[arg-type]
        Row(id="D2", title=_t(lang, "红楼梦（上）", "A Dream of Red Mansions, Volume One"), sub="I242.4/3:1", spine=1, **ok),  # type: ignore[arg-type]
        Row(id="D3", title=_t(lang, "Fluent Python（第2版）", "Fluent Python"), sub=_t(lang, "TP311.56/77", "Clear, Concise, and Effective Programming"), spine=2, **ok),  # type: ignore[arg-type]
        Row(id="D4", title=_t(lang, "算法导论（原书第3版）", "Introduction to Algorithms, Third Edition"), sub="TP301.6/15", spine=3, value=_t(lang, "正在核对", "Checking"), label=_t(lang, "马上就好", "one moment"), icon=Icon.WAIT),
        Row(
            id="D5",
            title=_t(lang, "江苏通志·卷三", "General Annals of Jiangsu, Volume Three"),
            sub="K295.3/9",
            spine=4,
            tone=Tone.STOP,
            icon=Icon.BANG,
            reason=_t(lang, "馆内阅览", "Library use"),
            remedy=_t(lang, "请放到右侧书架，其余图书照常借走。", "Please leave it on the shelf to your right. The others can be borrowed."),
            remedy_icon=Icon.SHELF,
        ),
    )  # fmt: skip


def pad(lang: str) -> Screen:
    return _screen(
        lang,
        "pad",
        steps=_steps(lang, 2),
        headline=Headline(text=_t(lang, "感应区上有", "On the pad"), numeral="5", unit=_t(lang, "册书", "books")),
        person=_person(lang),
        rows=_books(lang),
        hint=_t(lang, "数量不对？请分开重放，或改扫条码。", "Wrong number? Spread them out, or scan the barcodes."),
        primary=Button(
            id="borrow",
            text=_t(lang, "借走 3 册", "Borrow 3 books"),
            sub=_t(lang, "还有 1 册正在核对", "1 more is being checked"),
            confirms=("D1", "D2", "D3"),
        ),
        secondary=(Button(id="cancel", text=_t(lang, "不借了", "Cancel"), icon=Icon.BACK), _call(lang)),
        speech=_t(lang, "感应区上有五册书，三册可以借走。", "Five books on the pad, three can be borrowed."),
    )


def pad_long(lang: str) -> Screen:
    """The longest real titles, and a problem that needs a whole sentence."""
    rows = (
        Row(id="L1", title=_t(lang, "中国共产党与中华民族伟大复兴的历史进程研究：从新民主主义革命到社会主义现代化建设", "The Structure and Interpretation of Computer Programs: A Comprehensive Introduction, Second Edition"), sub="D23/188", spine=1, value=_t(lang, "可借", "Available"), icon=Icon.CHECK, tone=Tone.GO),
        Row(id="L2", title=_t(lang, "龘靐齉：疑难字考释与古文字构形研究（增订本）", "Magnetoencephalography: From Signals to Dynamic Cortical Networks"), sub="H12/7", spine=3, tone=Tone.STOP, icon=Icon.BANG, reason=_t(lang, "此书已被其他读者预约，暂不能借出。", "Another reader has reserved this item, so it cannot be lent now."), remedy=_t(lang, "请放到右侧书架。", "Please leave it on the shelf to your right."), remedy_icon=Icon.SHELF),
        Row(id="L3", title=_t(lang, "C语言程序设计", "The C Programming Language"), sub="TP312C/1", spine=0, tone=Tone.CARE, icon=Icon.DISC if lang == "" else Icon.BANG, value=_t(lang, "可借", "Available"), reason=_t(lang, "附光盘 1 张", "Comes with 1 disc"), remedy=_t(lang, "请确认光盘在书内。", "Please check the disc is inside."), remedy_icon=Icon.DISC),
    )  # fmt: skip
    return replace(
        pad(lang),
        name="pad.long",
        rows=rows,
        headline=Headline(text=_t(lang, "感应区上有", "On the pad"), numeral="3", unit=_t(lang, "册书", "books")),
        primary=Button(id="borrow", text=_t(lang, "借走 2 册", "Borrow 2 books"), confirms=("L1", "L3")),
    )


def working(lang: str) -> Screen:
    done = {"label": _t(lang, "应还", "Due back"), "icon": Icon.CHECK, "tone": Tone.GO}
    books = _books(lang)
    return _screen(
        lang,
        "working",
        steps=_steps(lang, 2),
        headline=Headline(
            text=_t(lang, "正在办理", "Working on it"), numeral="2", of="4", unit=_t(lang, "册", "books")
        ),
        person=_person(lang),
        rows=(
            replace(
                books[0],
                value=_t(lang, "12月22日", "22 Dec"),
                sub=_t(lang, "已借出，防盗已解除", "Borrowed, gate released"),
                **done,
            ),  # type: ignore[arg-type]
            replace(
                books[1],
                value=_t(lang, "12月22日", "22 Dec"),
                sub=_t(lang, "已借出，防盗已解除", "Borrowed, gate released"),
                **done,
            ),  # type: ignore[arg-type]
            replace(books[2], value=_t(lang, "办理中", "Working"), icon=Icon.WAIT, tone=Tone.PLAIN),
            replace(books[3], value=_t(lang, "等待", "Waiting"), label="", icon=Icon.QUEUED, tone=Tone.PLAIN),
        ),
        art=Art.STACK,
        hint=_t(lang, "办完会自动进入下一步", "We go on by ourselves when done"),
        primary=Strip(
            text=_t(lang, "请勿移动图书", "Please do not move the books"),
            sub=_t(lang, "大约还要 4 秒", "About 4 seconds to go"),
            tone=Tone.CARE,
        ),
        speech=_t(lang, "正在办理，请勿移动图书。", "Working on it. Please do not move the books."),
    )


def done(lang: str) -> Screen:
    return _screen(
        lang,
        "done",
        steps=_steps(lang, 3),
        headline=Headline(text=_t(lang, "王*明，借好了", "All set, Wang M**"), numeral="4", unit=_t(lang, "册已借出", "books borrowed"), stamp=_t(lang, "借讫", "借讫")),
        banner=Banner(text=_t(lang, "请带好您的卡和图书", "Please take your card and your books"), tone=Tone.CARE, icon=Icon.CARD),
        rows=(
            Row(id="due1", title=_t(lang, "12月22日前归还", "Due back 22 Dec"), value=_t(lang, "3 册", "3 books"), spine=-1, leaf=(_t(lang, "12月", "Dec"), "22", _t(lang, "星期二", "Tuesday")), items=(_t(lang, "数据密集型应用系统设计", "Designing Data-Intensive Applications"), _t(lang, "红楼梦（上）", "A Dream of Red Mansions, Volume One"), _t(lang, "Fluent Python（第2版）", "Fluent Python"))),
            Row(id="due2", title=_t(lang, "12月6日前归还", "Due back 6 Dec"), value=_t(lang, "1 册", "1 book"), spine=-1, leaf=(_t(lang, "12月", "Dec"), "6", _t(lang, "星期日", "Sunday")), items=(_t(lang, "算法导论（原书第3版）", "Introduction to Algorithms, Third Edition"),)),
        ),
        primary=Button(id="finish", text=_t(lang, "不用凭条，完成", "No receipt, finish"), ring_s=15),
        secondary=(
            Button(id="receipt.print", text=_t(lang, "打印凭条", "Print receipt"), icon=Icon.PRINT),
            Button(id="more", text=_t(lang, "继续借书", "Borrow more"), icon=Icon.PLUS),
        ),
        clip=Clip.DONE,
        speech=_t(lang, "借好了，共四册。", "All set: four books."),
    )  # fmt: skip


def put_back(lang: str) -> Screen:
    books = _books(lang)
    done_at = {"sub": "", "spine": -1, "icon": Icon.CHECK, "tone": Tone.GO}
    return _screen(
        lang,
        "put_back",
        steps=_steps(lang, 2),
        headline=Headline(text=_t(lang, "还差一册", "One still missing"), numeral="3", of="4", unit=_t(lang, "册已借出", "borrowed")),
        banner=Banner(text=_t(lang, "请把《红楼梦（上）》放回感应区", "Put “A Dream of Red Mansions, Volume One” back on the pad"), sub=_t(lang, "拿起得早了一点，还没有登记。超时则不借这册。", "It was lifted a little early and is not recorded yet. After that it will not be borrowed."), tone=Tone.STOP, icon=Icon.BANG),
        art=Art.PUT_BACK,
        countdown=Countdown(left_s=20, total_s=20),
        rows=(
            replace(books[0], value=_t(lang, "12月22日还", "by 22 Dec"), **done_at),  # type: ignore[arg-type]
            replace(books[2], value=_t(lang, "12月22日还", "by 22 Dec"), **done_at),  # type: ignore[arg-type]
            replace(books[3], value=_t(lang, "12月6日还", "by 6 Dec"), label="", **done_at),  # type: ignore[arg-type]
        ),
        primary=Strip(text=_t(lang, "把书放回，自动继续", "Put it back, we go on"), sub=_t(lang, "这 3 册已借好，不受影响", "The other 3 are yours already"), tone=Tone.GO),
        secondary=(Button(id="skip", text=_t(lang, "这册不借了", "Leave this one"), icon=Icon.CROSS), _call(lang)),
        clip=Clip.ATTENTION,
        speech=_t(lang, "请把红楼梦上册放回感应区。", "Please put the book back on the pad."),
    )  # fmt: skip


def loans(lang: str) -> Screen:
    def book(i: int, zh: str, en: str, state: tuple[str, str], due: tuple[str, str], tone: Tone, icon: Icon) -> Row:
        return Row(
            id=f"N{i}",
            title=_t(lang, zh, en),
            label=_t(lang, "应还", "Due back"),
            value=_t(lang, *due),
            tone=tone,
            icon=icon,
            reason=_t(lang, *state),
            spine=i % 5,
        )

    can = ("可续借", "Can be renewed")
    return _screen(
        lang,
        "loans",
        who=_t(lang, "王*明", "Wang M**"),
        headline=Headline(text=_t(lang, "我的借阅", "My loans"), numeral="8", unit=_t(lang, "册在借", "books out")),
        person=Person(name=_t(lang, "1 册预约书可取", "1 hold is ready"), kind=_t(lang, "总服务台，保留至 11月25日", "Service desk, until 25 Nov"), tone=Tone.GO),
        rows=(
            book(4, "枢纽：3000年的中国", "The Hub: 3000 Years of China", ("超期 3 天，请先归还", "3 days late, please return it"), ("11月19日", "19 Nov"), Tone.CARE, Icon.CLOCK),
            book(0, "数据密集型应用系统设计", "Designing Data-Intensive Applications", ("3 天后到期，可续借", "Due in 3 days, can be renewed"), ("11月25日", "25 Nov"), Tone.GO, Icon.RENEW),
            book(1, "红楼梦（上）", "A Dream of Red Mansions, Volume One", can, ("12月2日", "2 Dec"), Tone.GO, Icon.RENEW),
            book(2, "Fluent Python（第2版）", "Fluent Python", can, ("12月8日", "8 Dec"), Tone.GO, Icon.RENEW),
            book(3, "算法导论（原书第3版）", "Introduction to Algorithms, Third Edition", ("有人预约，不能续借", "Reserved, cannot be renewed"), ("12月11日", "11 Dec"), Tone.PLAIN, Icon.PERSON),
            book(6, "唐诗三百首", "Three Hundred Tang Poems", can, ("12月12日", "12 Dec"), Tone.GO, Icon.RENEW),
            book(7, "线性代数", "Linear Algebra", can, ("12月13日", "13 Dec"), Tone.GO, Icon.RENEW),
            book(8, "矿井通风与安全", "Mine Ventilation and Safety", can, ("12月14日", "14 Dec"), Tone.GO, Icon.RENEW),
        ),
        hint=_t(lang, "每册可续借 1 次，从今天起再借 30 天", "Each can be renewed once, for 30 days from today"),
        primary=Button(id="renew.all", text=_t(lang, "全部续借 6 册", "Renew all 6"), sub=_t(lang, "新的应还日 12月22日", "New due date 22 Dec"), icon=Icon.RENEW),
        secondary=(Button(id="back", text=_t(lang, "返回", "Back"), icon=Icon.BACK), Button(id="print.list", text=_t(lang, "打印清单", "Print the list"), icon=Icon.PRINT)),
        speech=_t(lang, "您有八册在借。", "You have eight books out."),
    )  # fmt: skip


def choose(lang: str) -> Screen:
    """Rows that are pressed: some ticked, one opens something."""
    return _screen(
        lang,
        "choose",
        who=_t(lang, "王*明", "Wang M**"),
        headline=Headline(text=_t(lang, "请选择要续借的图书", "Choose the items to renew")),
        rows=tuple(
            Row(id=f"C{i}", title=_t(lang, zh, en), label=_t(lang, "应还", "Due back"), value=_t(lang, f"12月{i + 2}日", f"{i + 2} Dec"), spine=-1, chosen=i != 1, button=f"choose.C{i}", tone=Tone.GO if i != 1 else Tone.PLAIN)
            for i, (zh, en) in enumerate((("红楼梦（上）", "A Dream of Red Mansions, Volume One"), ("算法导论（原书第3版）", "Introduction to Algorithms, Third Edition"), ("唐诗三百首", "Three Hundred Tang Poems")))
        ),
        primary=Button(id="renew", text=_t(lang, "续借 2 册", "Renew 2 items"), icon=Icon.RENEW, confirms=("C0", "C2")),
        secondary=(Button(id="back", text=_t(lang, "返回", "Back"), icon=Icon.BACK), _call(lang)),
        speech=_t(lang, "请选择要续借的图书。", "Choose the items to renew."),
    )  # fmt: skip


def timeout(lang: str) -> Screen:
    return _screen(
        lang,
        "timeout",
        dark=True,
        headline=Headline(text=_t(lang, "您还在吗？", "Still there?"), sub=_t(lang, "点一下屏幕任意处，就能继续", "Touch anywhere to go on")),
        countdown=Countdown(left_s=17, total_s=20, full_screen=True),
        notes=(_t(lang, "时间到后自动退出", "Then we sign you out"), _t(lang, "感应区上的 5 册还没有借出，可以再来办。", "The 5 books on the pad are not borrowed; you can start again.")),
        primary=Button(id="continue", text=_t(lang, "继续", "Continue")),
        secondary=(Button(id="cancel", text=_t(lang, "不借了", "Cancel"), icon=Icon.BACK), Button(id="double", text=_t(lang, "时间加倍", "Double the time"), icon=Icon.CLOCK)),
        clip=Clip.TIME,
        speech=_t(lang, "您还在吗？点一下屏幕，就能继续。", "Still there? Touch the screen to go on."),
    )  # fmt: skip


def offline(lang: str) -> Screen:
    def service(id: str, icon: Icon, zh: str, en: str, sub_zh: str, sub_en: str) -> Row:
        return Row(
            id=id,
            title=_t(lang, zh, en),
            sub=_t(lang, sub_zh, sub_en),
            icon=icon,
            spine=-1,
            value=_t(lang, "可用", "Open"),
            tone=Tone.GO,
        )

    return _screen(
        lang,
        "offline",
        clock="14:06",
        banner=Banner(text=_t(lang, "网络暂时中断，仍可借还", "The network is down; you can still borrow and return"), sub=_t(lang, "记录先存在本机，恢复后自动登记。", "Records stay on this machine and are sent later.")),
        rows=(
            service("s1", Icon.BOOKS, "借书", "Borrow", "每人最多 3 册，应还日期以系统为准", "Up to 3 items; the system confirms the due date"),
            service("s2", Icon.RETURN, "还书", "Return", "还书时间按现在计", "The time counts as now"),
        ),
        notes=(_t(lang, "续借、我的借阅、缴费：恢复后再办", "Renewals, loans and fees: once the network is back"),),
        hint=_t(lang, "急着缴费或续借？请到一楼总服务台。", "In a hurry to pay or renew? Please ask at the 1F desk."),
        primary=Button(id="start.checkout", text=_t(lang, "开始借书", "Borrow books"), icon=Icon.BOOKS),
        secondary=(Button(id="start.checkin", text=_t(lang, "还书", "Return"), icon=Icon.RETURN), _call(lang)),
        speech=_t(lang, "网络暂时中断，仍可借还。", "The network is down; you can still borrow and return."),
    )  # fmt: skip


def out_of_service(lang: str) -> Screen:
    return _screen(
        lang,
        "out_of_service",
        clock="14:06",
        headline=Headline(text=_t(lang, "本机暂停服务", "Out of service"), sub=_t(lang, "请使用旁边的机器", "Please use the machine next to it")),
        art=Art.RESTING,
        rows=(
            Row(id="o1", title=_t(lang, "您的图书是安全的", "Your books are safe"), sub=_t(lang, "已借好的都已登记；其余没有借出。", "What you borrowed is recorded; the rest was not lent."), icon=Icon.BOOKS, spine=-1),
            Row(id="o2", title=_t(lang, "一楼总服务台可以办理", "The 1F desk can help"), sub=_t(lang, "电话 8359 0000", "Phone 8359 0000"), icon=Icon.DESK, spine=-1),
            Row(id="o3", title=_t(lang, "只想还书？", "Only returning?"), sub=_t(lang, "门厅 24 小时还书口照常开放。", "The 24-hour slot in the entrance hall is open."), icon=Icon.RETURN, spine=-1),
        ),
        primary=Button(id="staff.call", text=_t(lang, "呼叫工作人员", "Call staff"), icon=Icon.BELL),
        reference="E-217",
        speech=_t(lang, "本机暂停服务，请使用旁边的机器。", "Out of service. Please use the machine next to it."),
    )  # fmt: skip


def clear_pad(lang: str) -> Screen:
    return _screen(
        lang,
        "clear_pad",
        clock="14:06",
        headline=Headline(text=_t(lang, "感应区上还有书", "Books are still here"), numeral="2", unit=_t(lang, "册忘了拿", "left behind")),
        art=Art.CLEAR_PAD,
        rows=(
            Row(id="k1", title=_t(lang, "红楼梦（上）", "A Dream of Red Mansions, Volume One"), reason=_t(lang, "已借好，请带走", "Borrowed: please take it"), icon=Icon.CHECK, tone=Tone.GO, spine=1),
            Row(id="k2", title=_t(lang, "江苏通志·卷三", "General Annals of Jiangsu, Volume Three"), reason=_t(lang, "没有借出", "Not borrowed"), remedy=_t(lang, "请放到右侧书架。", "Please leave it on the shelf to your right."), remedy_icon=Icon.SHELF, icon=Icon.BANG, tone=Tone.STOP, spine=4),
        ),
        primary=Strip(text=_t(lang, "请拿开感应区上的书", "Please clear the pad"), sub=_t(lang, "拿开后就能开始", "Then the next visit can start"), tone=Tone.GO),
        secondary=(_call(lang),),
        clip=Clip.ATTENTION,
        speech=_t(lang, "感应区上还有两册书，请拿走。", "Two books are still on the pad. Please take them."),
    )  # fmt: skip


def help_(lang: str) -> Screen:
    return _screen(
        lang,
        "help",
        clock="14:06",
        headline=Headline(text=_t(lang, "需要帮助？", "Need help?"), sub=_t(lang, "请到一楼总服务台，或拨打 8359 0000", "Ask at the 1F service desk or call 8359 0000")),
        rows=(
            Row(id="speech", title=_t(lang, "语音提示", "Voice prompts"), sub=_t(lang, "朗读每一屏", "Every screen is read aloud"), icon=Icon.SPEECH, spine=-1, value=_t(lang, "已关闭", "Off"), button="mode.speech"),
            Row(id="mirror", title=_t(lang, "左手布局", "Left-handed layout"), sub=_t(lang, "按钮换到左边", "Buttons move to the left"), icon=Icon.PERSON, spine=-1, value=_t(lang, "已关闭", "Off"), button="mode.mirrored"),
        ),
        notes=(
            _t(lang, "把书平放在感应区，最多 5 册", "Lay your books flat on the pad, up to 5 at a time"),
            _t(lang, "若出门报警，请带书到总服务台，不必担心", "If the gate sounds, just show the book at the desk"),
        ),
        primary=Button(id="staff.call", text=_t(lang, "呼叫工作人员", "Call staff"), icon=Icon.BELL),
        secondary=(Button(id="back", text=_t(lang, "返回", "Back"), icon=Icon.BACK),),
        speech=_t(lang, "需要帮助？请到一楼总服务台。", "Need help? Ask at the service desk."),
    )  # fmt: skip


def technician(lang: str) -> Screen:
    def tile(id: str, zh: str, en: str, word: tuple[str, str], number: tuple[str, str], tone: Tone = Tone.GO) -> Tile:
        return Tile(
            id=id, name=_t(lang, zh, en), word=_t(lang, *word), number=_t(lang, *number), tone=tone, button=f"tech.{id}"
        )

    good = ("正常", "Pass")
    return _screen(
        lang,
        "tech.overview",
        dark=True,
        clock="08:42",
        dock=(),
        headline=Headline(text=_t(lang, "硬件自检", "Hardware self-test"), sub=_t(lang, "自助借书机 03 · 一层大厅", "Self-checkout 03 · 1F hall")),
        tiles=(
            tile("pad", "感应区", "Pad", good, ("23 ms · 5 签", "23 ms · 5 tags")),
            tile("card", "读卡器", "Card reader", good, ("PN532 · 12 ms", "PN532 · 12 ms")),
            tile("receipt", "凭条机", "Receipt printer", ("纸将尽", "Paper low"), ("约剩 40 张", "About 40 left"), Tone.CARE),
            tile("barcode", "扫码窗", "Barcode window", good, ("今日 96 次", "96 today")),
            tile("ils", "馆务系统", "Library system", ("在线", "Online"), ("往返 86 ms", "86 ms round trip")),
            tile("uplink", "消息上联", "Uplink", ("断开 4 分", "Down 4 min"), ("已缓存 17 笔", "17 records held"), Tone.STOP),
            tile("journal", "本地账本", "Journal", good, ("0 笔待定", "0 open")),
            tile("touch", "触屏", "Touchscreen", good, ("延迟 38 ms", "38 ms")),
        ),
        banner=Banner(text=_t(lang, "消息上联断开：网关不应答", "Uplink down: the gateway does not answer"), sub=_t(lang, "借还照常，17 笔存在本机。先看：机柜网线灯亮不亮。", "Lending goes on, 17 records are held here. First: is the cabinet's network light on?"), tone=Tone.STOP, icon=Icon.BANG),
        primary=Button(id="tech.reconnect", text=_t(lang, "灯亮着，重连上联", "Light is on: reconnect")),
        secondary=(Button(id="tech.wire", text=_t(lang, "看线路", "Wires"), icon=Icon.WRENCH), Button(id="tech.exit", text=_t(lang, "退出", "Exit"), icon=Icon.BACK)),
        reference="0.4.0",
        speech="",
    )  # fmt: skip


def wire(lang: str) -> Screen:
    return _screen(
        lang,
        "tech.wire",
        dark=True,
        clock="08:42",
        dock=(),
        headline=Headline(text=_t(lang, "线路：感应区", "Wire: pad")),
        diagram=Diagram(
            w_mm=300,
            h_mm=110,
            shapes=(
                Shape(id="a1", x_mm=0, y_mm=0, w_mm=146, h_mm=50, label="A1", tone=Tone.GO, fill=0.8),
                Shape(id="a2", x_mm=154, y_mm=0, w_mm=146, h_mm=50, label="A2", tone=Tone.GO, fill=0.7),
                Shape(id="a3", x_mm=0, y_mm=58, w_mm=146, h_mm=50, label="A3", tone=Tone.GO, fill=0.75),
                Shape(id="a4", x_mm=154, y_mm=58, w_mm=146, h_mm=50, label=_t(lang, "A4 偏弱", "A4 weak"), tone=Tone.CARE, fill=0.3),
            ),
            marks=(Mark(id="m1", x_mm=60, y_mm=14, mm_per_s=0, label="81A"), Mark(id="m2", x_mm=250, y_mm=96, mm_per_s=0, label="2B6", tone=Tone.CARE)),
        ),
        lines=(
            "→ 02 FF 00 07 B0 01 00 00 16 8C",
            "← 02 00 1E B0 83 03 00 01 E0 04 01 53 84 85 D2 56 00 3F 7A",
            "→ 02 FF 00 09 B0 23 00 00 08 41 2E",
            "← 02 00 2C B0 00 08 04 00 11 03 01 4E 4C 01 01 01 41 57 45 00 00 00 61",
            "! 08:41:52.310 no answer in 250 ms, asked again",
            "→ 02 FF 00 07 B0 01 00 00 16 8C",
        ),
        primary=Button(id="tech.test", text=_t(lang, "试读一册", "Read one book")),
        secondary=(Button(id="tech.back", text=_t(lang, "返回", "Back"), icon=Icon.BACK),),
    )  # fmt: skip


ALL: dict[str, Callable[[str], Screen]] = {
    "attract": attract,
    "card": card,
    "pin": pin,
    "pad": pad,
    "pad-long": pad_long,
    "working": working,
    "done": done,
    "put-back": put_back,
    "loans": loans,
    "choose": choose,
    "timeout": timeout,
    "offline": offline,
    "out-of-service": out_of_service,
    "clear-pad": clear_pad,
    "help": help_,
    "tech-overview": technician,
    "tech-wire": wire,
}

MODES: dict[str, Modes] = {
    "plain": Modes(),
    "large": Modes(large=True),
    "contrast": Modes(contrast=True),
    "all": Modes(large=True, contrast=True, low=True, mirrored=True),
}


def screens() -> list[Screen]:
    """Every sample in both languages."""
    return [make(lang) for make in ALL.values() for lang in ("zh", "en")]
