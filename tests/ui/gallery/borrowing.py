"""From the resting picture to the receipt."""

from __future__ import annotations

from dataclasses import replace

from kiosk.screen import (
    Art,
    Banner,
    Button,
    Clip,
    Countdown,
    Headline,
    Icon,
    Keypad,
    Qr,
    Row,
    Screen,
    Strip,
    Tone,
)
from tests.ui.gallery.parts import call, person, screen, steps, t


def attract(lang: str) -> Screen:
    return screen(
        lang,
        "attract",
        clock="14:06",
        art=Art.SHELF,
        headline=Headline(
            text=t(lang, "把书放上来，就能借走。", "Put your books down, and go."),
            sub=t(lang, "Put your books down, and go.", "把书放上来，就能借走。"),
        ),
        primary=Button(id="start.checkout", text=t(lang, "开始借书", "Borrow books"), icon=Icon.BOOKS),
        secondary=(
            Button(id="start.checkin", text=t(lang, "还书", "Return"), icon=Icon.RETURN),
            Button(id="start.account", text=t(lang, "我的借阅", "My loans"), icon=Icon.PERSON),
            Button(id="start.pickup", text=t(lang, "取预约书", "My holds"), icon=Icon.HOLD),
        ),
        speech=t(lang, "欢迎。把书放上来，就能借走。", "Welcome. Put your books down, and go."),
    )


def card(lang: str) -> Screen:
    return screen(
        lang,
        "card",
        steps=steps(lang, 1),
        headline=Headline(
            text=t(lang, "请刷校园卡", "Present your card"),
            sub=t(lang, "把卡平放在屏幕下方的读卡区", "Lay it on the reader below the screen"),
        ),
        art=Art.CARD,
        qr=Qr(
            content="https://sso.example.edu.cn/device?code=WDJB-MJHT",
            text=t(lang, "智盟卡读者，请用手机扫码", "Zhimeng Card? Scan with your phone"),
            sub=t(
                lang,
                "登录您学校的账号。已有身份码？请对准扫码窗。",
                "Sign in with your own university. Have a code? Show it to the scanner.",
            ),
        ),
        countdown=Countdown(left_s=58, total_s=120, text=t(lang, "等待手机确认，", "Waiting for your phone:")),
        primary=Strip(
            text=t(lang, "把卡放在下面", "Put your card below"),
            sub=t(lang, "放好后自动继续", "We go on by ourselves"),
        ),
        secondary=(Button(id="back", text=t(lang, "返回", "Back"), icon=Icon.BACK), call(lang)),
        speech=t(lang, "请把校园卡放在读卡区。", "Please lay your card on the reader."),
    )


def pin(lang: str) -> Screen:
    return screen(
        lang,
        "pin",
        steps=steps(lang, 1),
        headline=Headline(
            text=t(lang, "请输入密码", "Enter your password"), sub=t(lang, "王*明，您好", "Hello, Wang M**")
        ),
        keypad=Keypad(
            title=t(lang, "六位数字", "Six digits"),
            enter="pin.enter",
            enter_text=t(lang, "确认", "Enter"),
            digits_max=6,
            digits_min=6,
        ),
        secondary=(Button(id="back", text=t(lang, "返回", "Back"), icon=Icon.BACK), call(lang)),
        speech=t(lang, "请输入密码。", "Please enter your password."),
    )


def _books(lang: str) -> tuple[Row, ...]:
    return (
        Row(
            id="D1",
            title=t(lang, "数据密集型应用系统设计", "Designing Data-Intensive Applications"),
            sub="TP311.13/128",
            spine=0,
            value=t(lang, "可借", "Available"),
            icon=Icon.CHECK,
        ),
        Row(
            id="D2",
            title=t(lang, "红楼梦（上）", "A Dream of Red Mansions, Volume One"),
            sub="I242.4/3:1",
            spine=1,
            value=t(lang, "可借", "Available"),
            icon=Icon.CHECK,
        ),
        Row(
            id="D3",
            title=t(lang, "Fluent Python（第2版）", "Fluent Python"),
            sub=t(lang, "TP311.56/77", "Clear, Concise, and Effective Programming"),
            spine=2,
            value=t(lang, "可借", "Available"),
            icon=Icon.CHECK,
        ),
        Row(
            id="D4",
            title=t(lang, "算法导论（原书第3版）", "Introduction to Algorithms, Third Edition"),
            sub="TP301.6/15",
            spine=3,
            value=t(lang, "正在核对", "Checking"),
            label=t(lang, "马上就好", "one moment"),
            icon=Icon.WAIT,
        ),
        Row(
            id="D5",
            title=t(lang, "江苏通志·卷三", "General Annals of Jiangsu, Volume Three"),
            sub="K295.3/9",
            spine=4,
            tone=Tone.STOP,
            icon=Icon.BANG,
            reason=t(lang, "馆内阅览", "Library use"),
            remedy=t(
                lang,
                "请放到右侧书架，其余图书照常借走。",
                "Please leave it on the shelf to your right. The others can be borrowed.",
            ),
            remedy_icon=Icon.SHELF,
        ),
    )


def pad(lang: str) -> Screen:
    return screen(
        lang,
        "pad",
        steps=steps(lang, 2),
        headline=Headline(text=t(lang, "感应区上有", "On the pad"), numeral="5", unit=t(lang, "册书", "books")),
        person=person(lang),
        rows=_books(lang),
        hint=t(lang, "数量不对？请分开重放，或改扫条码。", "Wrong number? Spread them out, or scan the barcodes."),
        primary=Button(
            id="borrow",
            text=t(lang, "借走 3 册", "Borrow 3 books"),
            sub=t(lang, "还有 1 册正在核对", "1 more is being checked"),
            confirms=("D1", "D2", "D3"),
        ),
        secondary=(Button(id="cancel", text=t(lang, "不借了", "Cancel"), icon=Icon.BACK), call(lang)),
        speech=t(lang, "感应区上有五册书，三册可以借走。", "Five books on the pad, three can be borrowed."),
    )


def pad_long(lang: str) -> Screen:
    """The longest real titles, and a problem that needs a whole sentence."""
    rows = (
        Row(
            id="L1",
            title=t(
                lang,
                "中国共产党与中华民族伟大复兴的历史进程研究：从新民主主义革命到社会主义现代化建设",
                "The Structure and Interpretation of Computer Programs: A Comprehensive Introduction, Second Edition",
            ),
            sub="D23/188",
            spine=1,
            value=t(lang, "可借", "Available"),
            icon=Icon.CHECK,
            tone=Tone.GO,
        ),
        Row(
            id="L2",
            title=t(
                lang,
                "龘靐齉：疑难字考释与古文字构形研究（增订本）",
                "Magnetoencephalography: From Signals to Dynamic Cortical Networks",
            ),
            sub="H12/7",
            spine=3,
            tone=Tone.STOP,
            icon=Icon.BANG,
            reason=t(
                lang,
                "此书已被其他读者预约，暂不能借出。",
                "Another reader has reserved this item, so it cannot be lent now.",
            ),
            remedy=t(lang, "请放到右侧书架。", "Please leave it on the shelf to your right."),
            remedy_icon=Icon.SHELF,
        ),
        Row(
            id="L3",
            title=t(lang, "C语言程序设计", "The C Programming Language"),
            sub="TP312C/1",
            spine=0,
            tone=Tone.CARE,
            icon=Icon.DISC if lang == "" else Icon.BANG,
            value=t(lang, "可借", "Available"),
            reason=t(lang, "附光盘 1 张", "Comes with 1 disc"),
            remedy=t(lang, "请确认光盘在书内。", "Please check the disc is inside."),
            remedy_icon=Icon.DISC,
        ),
    )
    return replace(
        pad(lang),
        name="pad.long",
        rows=rows,
        headline=Headline(text=t(lang, "感应区上有", "On the pad"), numeral="3", unit=t(lang, "册书", "books")),
        primary=Button(id="borrow", text=t(lang, "借走 2 册", "Borrow 2 books"), confirms=("L1", "L3")),
    )


def _lent(lang: str, book: Row) -> Row:
    note = t(lang, "已借出，防盗已解除", "Borrowed, gate released")
    due, label = t(lang, "12月22日", "22 Dec"), t(lang, "应还", "Due back")
    return replace(book, value=due, sub=note, label=label, icon=Icon.CHECK, tone=Tone.GO)


def _short(book: Row, due: str) -> Row:
    return replace(book, value=due, sub="", label="", spine=-1, icon=Icon.CHECK, tone=Tone.GO)


def working(lang: str) -> Screen:
    books = _books(lang)
    return screen(
        lang,
        "working",
        steps=steps(lang, 2),
        headline=Headline(text=t(lang, "正在办理", "Working on it"), numeral="2", of="4", unit=t(lang, "册", "books")),
        person=person(lang),
        rows=(
            _lent(lang, books[0]),
            _lent(lang, books[1]),
            replace(books[2], value=t(lang, "办理中", "Working"), icon=Icon.WAIT, tone=Tone.PLAIN),
            replace(books[3], value=t(lang, "等待", "Waiting"), label="", icon=Icon.QUEUED, tone=Tone.PLAIN),
        ),
        art=Art.STACK,
        hint=t(lang, "办完会自动进入下一步", "We go on by ourselves when done"),
        primary=Strip(
            text=t(lang, "请勿移动图书", "Please do not move the books"),
            sub=t(lang, "大约还要 4 秒", "About 4 seconds to go"),
            tone=Tone.CARE,
        ),
        speech=t(lang, "正在办理，请勿移动图书。", "Working on it. Please do not move the books."),
    )


def done(lang: str) -> Screen:
    return screen(
        lang,
        "done",
        steps=steps(lang, 3),
        headline=Headline(
            text=t(lang, "王*明，借好了", "All set, Wang M**"),
            numeral="4",
            unit=t(lang, "册已借出", "books borrowed"),
            stamp=t(lang, "借讫", "借讫"),
        ),
        banner=Banner(
            text=t(lang, "请带好您的卡和图书", "Please take your card and your books"), tone=Tone.CARE, icon=Icon.CARD
        ),
        rows=(
            Row(
                id="due1",
                title=t(lang, "12月22日前归还", "Due back 22 Dec"),
                value=t(lang, "3 册", "3 books"),
                spine=-1,
                leaf=(t(lang, "12月", "Dec"), "22", t(lang, "星期二", "Tuesday")),
                items=(
                    t(lang, "数据密集型应用系统设计", "Designing Data-Intensive Applications"),
                    t(lang, "红楼梦（上）", "A Dream of Red Mansions, Volume One"),
                    t(lang, "Fluent Python（第2版）", "Fluent Python"),
                ),
            ),
            Row(
                id="due2",
                title=t(lang, "12月6日前归还", "Due back 6 Dec"),
                value=t(lang, "1 册", "1 book"),
                spine=-1,
                leaf=(t(lang, "12月", "Dec"), "6", t(lang, "星期日", "Sunday")),
                items=(t(lang, "算法导论（原书第3版）", "Introduction to Algorithms, Third Edition"),),
            ),
        ),
        primary=Button(id="finish", text=t(lang, "不用凭条，完成", "No receipt, finish"), ring_s=15),
        secondary=(
            Button(id="receipt.print", text=t(lang, "打印凭条", "Print receipt"), icon=Icon.PRINT),
            Button(id="more", text=t(lang, "继续借书", "Borrow more"), icon=Icon.PLUS),
        ),
        clip=Clip.DONE,
        speech=t(lang, "借好了，共四册。", "All set: four books."),
    )


def put_back(lang: str) -> Screen:
    books = _books(lang)
    return screen(
        lang,
        "put_back",
        steps=steps(lang, 2),
        headline=Headline(
            text=t(lang, "还差一册", "One still missing"), numeral="3", of="4", unit=t(lang, "册已借出", "borrowed")
        ),
        banner=Banner(
            text=t(lang, "请把《红楼梦（上）》放回感应区", "Put “A Dream of Red Mansions, Volume One” back on the pad"),
            sub=t(
                lang,
                "拿起得早了一点，还没有登记。超时则不借这册。",
                "It was lifted a little early and is not recorded yet. After that it will not be borrowed.",
            ),
            tone=Tone.STOP,
            icon=Icon.BANG,
        ),
        art=Art.PUT_BACK,
        countdown=Countdown(left_s=20, total_s=20),
        rows=(
            _short(books[0], t(lang, "12月22日还", "by 22 Dec")),
            _short(books[2], t(lang, "12月22日还", "by 22 Dec")),
            _short(books[3], t(lang, "12月6日还", "by 6 Dec")),
        ),
        primary=Strip(
            text=t(lang, "把书放回，自动继续", "Put it back, we go on"),
            sub=t(lang, "这 3 册已借好，不受影响", "The other 3 are yours already"),
            tone=Tone.GO,
        ),
        secondary=(Button(id="skip", text=t(lang, "这册不借了", "Leave this one"), icon=Icon.CROSS), call(lang)),
        clip=Clip.ATTENTION,
        speech=t(lang, "请把红楼梦上册放回感应区。", "Please put the book back on the pad."),
    )
