"""1xx: wires and devices. Every family begins with the same six; what only it can have follows."""

from __future__ import annotations

from typing import Final

from kiosk.domain.faults.fault import Fault, Goes

GONE, FORBIDDEN, TAKEN, MUTE, GARBLED, REFUSED = range(1, 7)
"""Places of the six within a family's numbers."""

FAMILIES: Final = {"pad": 100, "card": 120, "scanner": 140, "printer": 160}


def _six(part: str, zh: str, en: str, reader: str) -> tuple[Fault, ...]:
    """Gone, forbidden, taken, mute, garbled, refused: what any wire can do to any device."""

    def fault(place: int, word: str, zh_what: str, en_what: str, do_zh: str, do_en: str) -> Fault:
        return Fault(
            number=FAMILIES[part] + place,
            name=f"{part}_{word}",
            goes=Goes.LESS,
            reader=reader,
            zh=zh + zh_what,
            en=f"{en} {en_what}",
            do_zh=do_zh,
            do_en=do_en,
        )

    return (
        fault(
            GONE,
            "gone",
            "断开",
            "is not there",
            "检查插头和电源；用 ls -l /dev/circdesk 看设备名在不在，再核对配置里的 link。",
            "Check plug and power; see with ls -l /dev/circdesk whether its name is there, then the link in the file.",
        ),
        fault(
            FORBIDDEN,
            "forbidden",
            "没有权限打开",
            "may not be opened",
            "安装 config/udev/70-circdesk.rules，执行 udevadm control --reload，再重新插拔。",
            "Install config/udev/70-circdesk.rules, run udevadm control --reload, then plug it in again.",
        ),
        fault(
            TAKEN,
            "taken",
            "被别的程序占用",
            "is held by another program",
            "用 fuser -v 加设备名找出占用者；常见的是 brltty 和 ModemManager，卸载它们。",
            "Find the holder with fuser -v and the device's name; often brltty or ModemManager: remove them.",
        ),
        fault(
            MUTE,
            "mute",
            "不应答",
            "does not answer",
            "断电十秒再通电；仍不应答就核对波特率和校验位，然后换线、换设备。",
            "Cut its power for ten seconds; still mute: check baud rate and parity, then change cable and device.",
        ),
        fault(
            GARBLED,
            "garbled",
            "应答是乱码",
            "answers rubbish",
            "多半是波特率或校验位不对，或线太长、离电源太近；先核对配置，再换屏蔽线。",
            "Mostly a wrong baud rate or parity, or a long cable near a power supply: check the file, then the cable.",
        ),
        fault(
            REFUSED,
            "refused",
            "拒绝了命令",
            "refuses a command",
            "核对型号与配置里的 driver 是否一致；在技术员屏幕看原始报文，记下状态码报修。",
            "Check that the model fits the driver in the file; note the status code in the raw wire and report it.",
        ),
    )


PAD: Final = (
    *_six("pad", "感应区", "The pad", "system.reader_fault"),
    PAD_TOO_MANY := Fault(
        number=107,
        name="pad_too_many_tags",
        goes=Goes.ON,
        reader="item.too_many",
        zh="感应区上的图书太多，分不清",
        en="More books lie on the pad than it can tell apart",
        do_zh="请读者分两次放；若经常出现，把 [desk] items_max 调小。",
        do_en="The reader takes some off; if it happens often, lower items_max in [desk].",
    ),
    PAD_HARDWARE := Fault(
        number=108,
        name="pad_hardware",
        goes=Goes.LESS,
        reader="system.reader_fault",
        zh="感应区报告自身故障",
        en="The pad reports a fault of its own",
        do_zh="检查天线接头，移开附近的金属，断电重启；仍报错则更换阅读器。",
        do_en="Check the antenna plug, take metal away, cut its power; if it stays, change the reader.",
    ),
    PAD_RADIO := Fault(
        number=109,
        name="pad_radio",
        goes=Goes.ON,
        reader="",
        zh="感应区受到干扰",
        en="The pad's radio is disturbed",
        do_zh="移开金属、手机和别的天线；相邻两台机器的感应区至少相隔半米。",
        do_en="Take away metal, phones and other antennas; pads of two machines stand half a metre apart.",
    ),
)
CARD: Final = (
    *_six("card", "读卡器", "The card reader", "system.card_fault"),
    CARD_OTHER := Fault(
        number=127,
        name="card_other_device",
        goes=Goes.LESS,
        reader="system.card_fault",
        zh="读卡器的接口上是别的设备",
        en="Another device answers where the card reader should be",
        do_zh="核对 [parts.card] 的 link 和 driver；两个相同的转接头要按序列号区分。",
        do_en="Check link and driver of [parts.card]; tell two equal adapters apart by their serial numbers.",
    ),
    CARD_HUNG := Fault(
        number=128,
        name="card_hung",
        goes=Goes.LESS,
        reader="system.card_fault",
        zh="libnfc 卡死，已被终止并重启",
        en="libnfc hung; it was killed and started again",
        do_zh='断电重启读卡器；若反复出现，改用 driver = "pn532"。',
        do_en='Cut the reader\'s power; if it comes back, use driver = "pn532".',
    ),
)
SCANNER: Final = _six("scanner", "扫码器", "The scanner", "")
PRINTER: Final = (
    *_six("printer", "凭条机", "The receipt printer", "receipt.paper_out"),
    PAPER_LOW := Fault(
        number=167,
        name="paper_low",
        goes=Goes.ON,
        reader="",
        zh="凭条纸将尽",
        en="Receipt paper is low",
        do_zh="今天换纸。",
        do_en="Bring a new roll today.",
    ),
    PAPER_OUT := Fault(
        number=168,
        name="paper_out",
        goes=Goes.LESS,
        reader="receipt.paper_out",
        zh="凭条纸用完",
        en="Out of receipt paper",
        do_zh="换纸，热敏面朝打印头，合盖到听见响声。",
        do_en="Put in a new roll, heat side to the head, and close the cover until it clicks.",
    ),
    PRINTER_OPEN := Fault(
        number=169,
        name="printer_open",
        goes=Goes.LESS,
        reader="receipt.paper_out",
        zh="凭条机盖子没有合上，或处于脱机",
        en="The receipt printer's cover is open, or it is offline",
        do_zh="合上盖子；按一下 FEED 键让它联机。",
        do_en="Close the cover; press FEED to bring it online.",
    ),
    PRINTER_CUTTER := Fault(
        number=170,
        name="printer_cutter",
        goes=Goes.LESS,
        reader="receipt.paper_out",
        zh="凭条机切刀卡住",
        en="The receipt printer's knife is stuck",
        do_zh="断电，开盖取出碎纸，把刀轮拨回原位，再通电。",
        do_en="Cut the power, open it, take out scraps, turn the knife home, switch on.",
    ),
    PRINTER_HOT := Fault(
        number=171,
        name="printer_hot",
        goes=Goes.LESS,
        reader="receipt.paper_out",
        zh="凭条机打印头过热",
        en="The receipt printer's head is too hot",
        do_zh="会自行恢复；经常出现则检查通风口。",
        do_en="It goes on by itself; if it happens often, look at the ventilation.",
    ),
    PRINTER_BROKEN := Fault(
        number=172,
        name="printer_broken",
        goes=Goes.LESS,
        reader="receipt.paper_out",
        zh="凭条机报告电路或不明故障",
        en="The receipt printer reports a fault of its electronics, or one it does not explain",
        do_zh="断电一分钟再通电；仍报错则更换。",
        do_en="Cut its power for a minute; if it stays, change it.",
    ),
    RECEIPT_UNPROVEN := Fault(
        number=173,
        name="receipt_unproven",
        goes=Goes.ON,
        reader="done.print_failed",
        zh="凭条没有证实打完",
        en="Nobody knows whether a receipt came out whole",
        do_zh="无需处理；若经常出现，做一次自检并换线。",
        do_en="Nothing; if it happens often, run its self-test and change the cable.",
    ),
)
SCREEN: Final = (
    SCREEN_LOST := Fault(
        number=181,
        name="screen_lost",
        goes=Goes.RESTS,
        reader="",
        zh="触屏程序不在",
        en="The screen's program is gone",
        do_zh="等十秒，它会自动重启；黑屏不恢复就看 journalctl -u 'circdesk-ui@*'。",
        do_en="Wait ten seconds, it starts again; if it stays dark: journalctl -u 'circdesk-ui@*'.",
    ),
)
PACKAGES: Final = (
    PACKAGE_MISSING := Fault(
        number=191,
        name="package_missing",
        goes=Goes.LESS,
        reader="",
        zh="缺少这个设备需要的软件包",
        en="A software package that this device needs is missing",
        do_zh="按提示安装：libusb-1.0-0（USB）、libnfc6 和 libfreefare-dev（libnfc）、evdev-binary（键盘式扫码器）。",
        do_en="Install what it names: libusb-1.0-0 (USB), libnfc6 and libfreefare-dev (libnfc), evdev-binary (wedge).",
    ),
)
