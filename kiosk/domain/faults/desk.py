"""3xx: what happens between machine and reader."""

from __future__ import annotations

from typing import Final

from kiosk.domain.faults.fault import Fault, Goes

DESK: Final = (
    TAG_NOT_SWITCHED := Fault(
        number=301,
        name="tag_not_switched",
        goes=Goes.ON,
        reader="checkout.security_retry",
        zh="借出时防盗位没有解除",
        en="A book's theft mark did not go off while it was lent",
        do_zh="同一册反复出现则换标签；不同的书都出现则做感应区自检。",
        do_en="Always the same book: change its tag. Different books: test the pad.",
    ),
    TAG_NOT_ARMED := Fault(
        number=302,
        name="tag_not_armed",
        goes=Goes.ON,
        reader="",
        zh="归还时防盗位没有打开，书已收下",
        en="A book's theft mark did not go on while it was returned; the book was taken",
        do_zh="上架前在馆员工作站打开防盗位；反复出现则换标签。",
        do_en="Switch it on at a staff station before shelving; if it comes back, change the tag.",
    ),
    LOAN_STANDS := Fault(
        number=303,
        name="loan_stands_unproven",
        goes=Goes.ON,
        reader="checkout.security_failed",
        zh="借阅成立，但防盗位状态没有证实",
        en="A loan stands although nobody saw its theft mark go off",
        do_zh="馆员任务单里有这一册：核对书在谁手里，必要时解除防盗位。",
        do_en="The staff's task names the book: find who has it, switch its mark off if need be.",
    ),
    TECHNICIAN_REFUSED := Fault(
        number=304,
        name="technician_refused",
        goes=Goes.ON,
        reader="tech.refused",
        zh="有人用错误的卡或密码试图进入技术员界面",
        en="Somebody tried the technician's door with a wrong card or PIN",
        do_zh="询问是否自己人；不是则查看监控，并更换技术员密码。",
        do_en="Ask whether it was one of you; if not, look who it was and change the PINs.",
    ),
    BOOKS_LEFT := Fault(
        number=305,
        name="books_left",
        goes=Goes.RESTS,
        reader="clear.title",
        zh="读者走后感应区上还有书，本机等人取走",
        en="Books lie on the pad after their reader has left: the machine waits for them to go",
        do_zh="把书拿走；屏幕写明是否已借出，未借出的放到待上架处。",
        do_en="Take them away; the screen says whether they were lent. What was not goes to be shelved.",
    ),
    TECHNICIAN_LOCKED := Fault(
        number=306,
        name="technician_locked",
        goes=Goes.ON,
        reader="tech.locked",
        zh="三次没有通过，技术员登录锁定十分钟",
        en="Three tries at the technician's door failed: it stays shut for ten minutes",
        do_zh="询问是否自己人；不是则查看监控，并更换技术员密码。十分钟后自动解锁，读者不受影响。",
        do_en="Ask whether it was one of you; if not, look who it was and change the PINs. It opens after ten minutes.",
    ),
)
