"""State diagrams read off the search: what the code does, not what somebody meant."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from kiosk.checkout.paper import Moment, PaperDesk, sample_desk
from kiosk.checkout.search.explore import explore
from kiosk.checkout.states import Phase, Stage, Task, Tech, TechLogin
from kiosk.messages.records import Final as Ended
from kiosk.messages.records import Granted, Intent, OfflineAccepted, Op, Refused
from kiosk.screen import Sentences

MOMENTS_MAX: Final = 6000
HEADER: Final = "Drawn from the code by kiosk.checkout.search.diagrams; a test holds this file to it.\n"
Edges = dict[tuple[str, str], set[str]]

# One word for what is many ways of the same.
_WORDS: Final = {
    "other card": "card",
    "reader's code": "card",
    "one book": "books",
    "two books": "books",
    "part of a set": "books",
    "blank tag": "books",
    "barcode": "books",
    "changing card": "useless card",
    "two cards": "useless card",
    "unreadable card": "useless card",
    "pad empty": "books lifted",
    "touch cancel": "touch finish",
    "touch back": "touch finish",
    "reader blocked": "reader known",
}


@dataclass(slots=True)
class Sketch:
    """What was seen to follow what."""

    views: Edges = field(default_factory=lambda: defaultdict(set))
    items: dict[Op, Edges] = field(default_factory=lambda: defaultdict(lambda: defaultdict(set)))
    keys: dict[Op, Edges] = field(default_factory=lambda: defaultdict(lambda: defaultdict(set)))

    def watch(self, name: str, before: Moment, after: Moment) -> None:
        word = _WORDS.get(name, "touch a row" if name.startswith("touch remove") else name.partition(":")[0])
        here, there = _view(before), _view(after)
        if here != there and name != "power cut":
            self.views[here, there].add(word)
        self._tasks(word, before, after)
        self._records(before, after)

    def _tasks(self, word: str, before: Moment, after: Moment) -> None:
        for id_ in before.volatile.tasks.keys() | after.volatile.tasks.keys():
            task = after.volatile.tasks.get(id_) or before.volatile.tasks[id_]
            old, new = before.volatile.tasks.get(id_), after.volatile.tasks.get(id_)
            here, there = _stand(old), _stand(new) if new is not None else _parting(task, after)
            if here != there and not (old is not None and old.phase is Phase.ENDED):
                self.items[task.op][here, there].add(word)

    def _records(self, before: Moment, after: Moment) -> None:
        stages = {key: (owed.op, owed.stage.value) for key, owed in before.durable.obligations.items()}
        for body in after.records:
            match body:
                case Intent(key=key, op=op):
                    here, there = "[*]", Stage.ASKED.value
                    stages[key] = (op, there)
                case Granted(key=key) | OfflineAccepted(key=key) | Refused(key=key) | Ended(key=key) if key in stages:
                    op, here = stages[key]
                    there = _kind(body)
                    stages[key] = (op, there)
                case _:
                    continue
            self.keys[op][here, there].add("")


def _view(moment: Moment) -> str:
    visit = moment.volatile.visit
    if visit is None:
        return "PadToClear" if moment.volatile.leftover else "Attract"
    if visit.warned_until is not None and not isinstance(visit.view, Tech | TechLogin):
        return "Warning"
    return "Help" if visit.helping else type(visit.view).__name__


def _stand(task: Task | None) -> str:
    if task is None:
        return "[*]"
    if task.phase is Phase.ENDED:
        return {"done": "Done", "not_done": "NotDone", "unsure": "BeingConfirmed"}[str(task.end)]
    return "".join(word.capitalize() for word in task.phase.value.split("_"))


def _parting(task: Task, after: Moment) -> str:
    """A task whose reader has left is not kept when it ends: its Final tells how."""
    ends = [body.outcome.value for body in after.records if isinstance(body, Ended) and body.key == task.key]
    return ends[0].capitalize() if ends else "Dropped"


def _kind(body: Granted | OfflineAccepted | Refused | Ended) -> str:
    match body:
        case Ended(outcome=outcome):
            return outcome.value
        case Granted():
            return Stage.GRANTED.value
        case OfflineAccepted():
            return Stage.OFFLINE.value
        case Refused():
            return "refused"


def diagrams(sentences: Sentences) -> dict[str, str]:
    """File name -> Markdown with one or more Mermaid diagrams."""
    paper, sketch = PaperDesk.of(sample_desk(), sentences), Sketch()
    explore(paper, paper.begin(), MOMENTS_MAX, watch=sketch.watch)
    return drawn(sketch)


def drawn(sketch: Sketch) -> dict[str, str]:
    named = {"A loan": Op.CHECKOUT, "A renewal": Op.RENEW, "A return": Op.CHECKIN}
    items = {name: _labelled(sketch.items[op]) for name, op in named.items()}
    keys = {name: _plain(sketch.keys[op]) for name, op in named.items()}
    return {
        "checkout-visit.md": _page("A visit at the self-checkout", {"Views": _labelled(sketch.views)}),
        "checkout-item.md": _page("One item through its steps", items),
        "checkout-key.md": _page("What the journal says of one key", keys),
    }


def write(sentences: Sentences, folder: Path) -> None:
    """Brings the files in `folder` up to date."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in diagrams(sentences).items():
        (folder / name).write_text(text, "utf-8")


def _page(title: str, parts: Mapping[str, str]) -> str:
    sections = [f"## {name}\n\n```mermaid\nstateDiagram-v2\n{lines}\n```\n" for name, lines in parts.items()]
    return "\n".join([f"# {title}\n", HEADER, *sections])


def _labelled(edges: Edges) -> str:
    return "\n".join(
        f"  {here} --> {there}: {', '.join(sorted(words))}" for (here, there), words in sorted(edges.items())
    )


def _plain(edges: Edges) -> str:
    ends = {there for _, there in edges} - {here for here, _ in edges}
    lines = [f"  {here} --> {there}" for here, there in sorted(edges)]
    return "\n".join(lines + [f"  {end} --> [*]" for end in sorted(ends)])
