"""What people are asked to look at: kinds, what happened, what to do. Never who: only items, machines, dates, sums."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from kiosk.ledger import Tx, tasks
from kiosk.ledger.effects import Effect
from kiosk.ledger.tasks import Task


class Kind(enum.StrEnum):
    CALL = "call"
    DOUBT = "doubt"
    CHECKIN_REFUSED = "checkin_refused"
    OFFLINE_REFUSED = "offline_refused"
    SEVERAL_HOLDERS = "several_holders"
    NO_ORDER = "no_order"
    OTHER_LOAN = "other_loan"
    BIN_TAKEN = "bin_taken"
    MARK_UNPROVEN = "mark_unproven"
    UNDO_FAILED = "undo_failed"
    WHOSE_LOAN = "whose_loan"
    RETURN_CANCELLED = "return_cancelled"
    RENEWAL_STANDS = "renewal_stands"
    DISAGREES = "disagrees"
    NO_READER = "no_reader"
    UNSETTLED = "unsettled"
    FINE_CORRECTION = "fine_correction"
    MONEY = "money"
    FORK = "fork"
    JOURNAL_LOST = "journal_lost"
    JOURNAL_SET_ASIDE = "journal_set_aside"
    JOURNAL_BROKEN = "journal_broken"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """Placeholders: {item} {device} {place} {when} {amount} {count} {due} {note}."""

    happened_zh: str
    todo_zh: str
    happened_en: str
    todo_en: str


SENTENCES: Final[Mapping[Kind, Sentence]] = {
    Kind.CALL: Sentence(
        happened_zh="读者在 {place}（{device}）呼叫工作人员。",
        todo_zh="请到机器旁协助，然后关闭此任务。",
        happened_en="A reader at {place} ({device}) asks for help.",
        todo_en="Go to the machine and help, then close this task.",
    ),
    Kind.DOUBT: Sentence(
        happened_zh="图书系统没有回答 {item} 的办理请求，读回状态后仍无法判断。",
        todo_zh="请在图书系统中查看 {item}：若与机器记录不符，请按机器记录改正。",
        happened_en="The library system did not answer about {item}, and its state does not tell what it did.",
        todo_en="Look up {item} in the library system; where it differs from the machine's record, correct it.",
    ),
    Kind.CHECKIN_REFUSED: Sentence(
        happened_zh="{item} 已在 {device} 收回，但图书系统拒绝还书。",
        todo_zh="请取出 {item}，在总台办理还书，归还时间按 {when}。",
        happened_en="{item} was taken in at {device}, but the library system refused the return.",
        todo_en="Fetch {item} and check it in at the desk, with {when} as the time of return.",
    ),
    Kind.OFFLINE_REFUSED: Sentence(
        happened_zh="断网期间在 {device} 借出的 {item}，图书系统不予登记。",
        todo_zh="书已被带走。请在总台人工登记借出，或联系读者。",
        happened_en="{item} was lent at {device} during an outage; the library system refuses the loan.",
        todo_en="The book has left. Book the loan at the desk by hand, or call the reader.",
    ),
    Kind.SEVERAL_HOLDERS: Sentence(
        happened_zh="断网期间 {item} 在多台机器借还，记录允许不止一个结果。",
        todo_zh="请先到书架和还书箱查找 {item}，再在图书系统中改正。",
        happened_en="{item} was lent and returned on several machines during an outage; more than one end is possible.",
        todo_en="Look for {item} on the shelf and in the bins, then correct the library system.",
    ),
    Kind.NO_ORDER: Sentence(
        happened_zh="{item} 的借还记录互相矛盾，可能有一次借还未经机器办理。",
        todo_zh="请先查找 {item}，再在图书系统中改正。",
        happened_en="The records of {item} contradict one another; one loan or return may have passed the machines by.",
        todo_en="Look for {item}, then correct the library system.",
    ),
    Kind.OTHER_LOAN: Sentence(
        happened_zh="{item} 在图书系统中借给了另一位读者，与机器记录不符。",
        todo_zh="请不要直接还书。先查找 {item}，确认在谁手中。",
        happened_en="The library system has {item} on loan to somebody the machines' records do not know.",
        todo_en="Do not check it in yet. Look for {item} and find out who has it.",
    ),
    Kind.BIN_TAKEN: Sentence(
        happened_zh="{item} 已在 {device} 收回，登记之前书箱已被取走，图书系统仍显示借出。",
        todo_zh="请从书箱中取出 {item} 办理还书，归还时间按 {when}。",
        happened_en="{item} was taken in at {device}; its bin was taken away before the return was booked.",
        todo_en="Take {item} from the bin and check it in, with {when} as the time of return.",
    ),
    Kind.MARK_UNPROVEN: Sentence(
        happened_zh="{item} 已在 {device} 借出，防盗状态未能确认。",
        todo_zh="借阅有效。读者出门若报警请放行并消磁；书若留在机器旁，请办理还书。",
        happened_en="{item} was lent at {device}; the state of its security mark is not known.",
        todo_en="The loan stands. If the gate sounds, release the mark; if the book lies by the machine, check it in.",
    ),
    Kind.UNDO_FAILED: Sentence(
        happened_zh="{item} 没有从 {device} 借走，但图书系统仍显示借出。",
        todo_zh="请在 {device} 旁的书架找到 {item}，在总台办理还书。",
        happened_en="{item} did not leave {device}, yet the library system has it on loan.",
        todo_en="Find {item} on the shelf beside {device} and check it in at the desk.",
    ),
    Kind.WHOSE_LOAN: Sentence(
        happened_zh="{item} 没有从 {device} 借走，图书系统却显示已借给该读者：可能是请求延迟生效，或在总台借出。",
        todo_zh="请查看书是否在读者手中：在则借阅有效；书若在馆内，请办理还书。然后关闭此任务。",
        happened_en="{item} was not lent at {device}, yet its reader has it on loan: by a late message, or at a desk.",
        todo_en="See whether the reader has the book: then the loan is right. If it is in the house, check it in.",
    ),
    Kind.RETURN_CANCELLED: Sentence(
        happened_zh="{device} 取消了 {item} 的还书，但图书系统已登记归还。",
        todo_zh="请查找 {item}：若在读者手中，请在总台重新办理借出。",
        happened_en="{device} gave {item} back to its reader, but the library system has booked the return.",
        todo_en="Look for {item}; if the reader has it, lend it again at the desk.",
    ),
    Kind.RENEWAL_STANDS: Sentence(
        happened_zh="{item} 的续借在机器上未显示成功，但图书系统已续借至 {due}。",
        todo_zh="无需处理；读者询问时请说明应还日期。",
        happened_en="The renewal of {item} was not shown to the reader, but the library system granted it until {due}.",
        todo_en="Nothing to mend; tell the reader the due date when asked.",
    ),
    Kind.DISAGREES: Sentence(
        happened_zh="{device} 记录 {item} 已办理，网关没有对应的许可。",
        todo_zh="请核对图书系统中的 {item}，并通知技术员检查 {device}。",
        happened_en="{device} records {item} as done, but this gateway gave no grant for it.",
        todo_en="Check {item} in the library system and have a technician look at {device}.",
    ),
    Kind.NO_READER: Sentence(
        happened_zh="断网期间在 {device} 借出 {item}，但读者信息无法读出。",
        todo_zh="请保留此任务；{item} 归还前不能自动登记借出。",
        happened_en="{item} was lent at {device} during an outage, but the reader's sealed number does not open.",
        todo_en="The loan cannot be booked by itself. Keep this task until {item} comes back.",
    ),
    Kind.UNSETTLED: Sentence(
        happened_zh="{device} 开始办理 {item} 后一直没有联系，结果不明。",
        todo_zh="请检查 {device}，并核对图书系统中的 {item}。",
        happened_en="{device} began something with {item} and has been silent since; how it ended is not known.",
        todo_en="Have {device} looked at, and check {item} in the library system.",
    ),
    Kind.FINE_CORRECTION: Sentence(
        happened_zh="{item} 的实际归还时间是 {when}，早于图书系统登记的时间。",
        todo_zh="请按实际归还时间更正超期费用。",
        happened_en="{item} was really returned at {when}, earlier than the library system has it.",
        todo_en="Correct the overdue charge by the true time of return.",
    ),
    Kind.MONEY: Sentence(
        happened_zh="{device} 的一笔 {amount} 元款项结果不明。",
        todo_zh="请与校园卡中心对账后处理，凭据见任务编号。",
        happened_en="The outcome of a payment of CNY {amount} at {device} is not known.",
        todo_en="Compare with the card centre's list; the task number is the reference.",
    ),
    Kind.FORK: Sentence(
        happened_zh="{device} 的记录出现两个版本：可能是磁盘被复制或恢复了旧备份。",
        todo_zh="该机已停止借书，还书照常。请技术员检查并重建记录文件。",
        happened_en="There are two versions of {device}'s journal: its disk was copied, or an old backup was restored.",
        todo_en="The machine lends no more; returns go on. A technician must check it and start a new journal.",
    ),
    Kind.JOURNAL_LOST: Sentence(
        happened_zh="{device} 换了新的记录文件，旧文件中有 {count} 条记录没有收到。",
        todo_zh="请技术员保存旧磁盘并导出记录；期间的离线借还请人工核对。",
        happened_en="{device} started a new journal; {count} records of the old one never arrived.",
        todo_en="Keep the old disk and have a technician export its records; check offline loans by hand.",
    ),
    Kind.JOURNAL_SET_ASIDE: Sentence(
        happened_zh="{device} 的旧记录文件读不回来，已改名保存并开始了新文件：{note}。",
        todo_zh="请核对其中列出的图书在谁手中；技术员保存该文件并检查磁盘，再用 circdesk audit 比对。",
        happened_en="The old journal of {device} did not read back; it was kept and a new one begun: {note}.",
        todo_en="Find out who has the items named there. A technician saves the file, checks the disk, runs the audit.",
    ),
    Kind.JOURNAL_BROKEN: Sentence(
        happened_zh="{device} 发来的记录无法通过校验或无法识别。",
        todo_zh="请技术员检查 {device} 的磁盘，并确认网关软件不旧于机器软件。",
        happened_en="Records from {device} do not pass their check, or are of a kind this gateway does not know.",
        todo_en="Have its disk checked, and make sure that the gateway's software is not older than the machine's.",
    ),
}


EXPLAINED: Final = (Kind.DOUBT, Kind.SEVERAL_HOLDERS, Kind.NO_ORDER, Kind.OTHER_LOAN, Kind.UNSETTLED, Kind.WHOSE_LOAN)
"""Kinds that ask how things stand; the others ask for something to be done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A task in words, for the console."""

    id: str
    kind: Kind
    happened: str
    todo: str
    opened_ms: int


def about_effect(kind: Kind, effect: Effect, now_ms: int, **detail: Any) -> Task:
    """A task about one key. Its reference is the same whenever the same trouble is met again."""
    return Task(
        id=tasks.reference(kind, effect.key),
        kind=kind,
        key=effect.key,
        item=effect.item,
        device=effect.device,
        epoch=effect.epoch,
        seq=effect.final_seq or effect.seq,
        detail=msgspec.json.encode(detail).decode(),
        opened_ms=now_ms,
    )


def about_device(kind: Kind, device: str, about: str, now_ms: int, **detail: Any) -> Task:
    """A task about a machine; `about` tells one occasion from the next."""
    return Task(
        id=tasks.reference(kind, f"{device}/{about}"),
        kind=kind,
        device=device,
        detail=msgspec.json.encode(detail).decode(),
        opened_ms=now_ms,
    )


def open_task(tx: Tx, task: Task) -> str:
    """Opens it unless it is known; gives its reference."""
    tasks.open_once(tx, task)
    return task.id


def close_explained(tx: Tx, key: str, now_ms: int) -> None:
    """Closes the questions about a key that later events have answered."""
    for kind in EXPLAINED:
        tasks.close(tx, tasks.reference(kind, key), "gateway", "explained by later events", now_ms)


def shown(task: Task, language: str, place: str = "") -> Shown:
    """A task in `zh` or `en`."""
    kind = Kind(task.kind)
    sentence = SENTENCES[kind]
    detail = msgspec.json.decode(task.detail, type=dict[str, str | int])
    names = _Blanks({"item": task.item, "device": task.device, "place": place, **detail})
    zh = language == "zh"
    return Shown(
        id=task.id,
        kind=kind,
        happened=(sentence.happened_zh if zh else sentence.happened_en).format_map(names),
        todo=(sentence.todo_zh if zh else sentence.todo_en).format_map(names),
        opened_ms=task.opened_ms,
    )


class _Blanks(dict[str, Any]):
    """A value that a task does not have shows as a dash, not as an error on the staff's screen."""

    def __missing__(self, key: str) -> str:
        return "—"
