"""Whatever is typed, and whatever lies in the file: a sentence and an exit code, never a trace."""

from __future__ import annotations

import io
import random
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from kiosk.cli import main
from tests.unit.install.sites import lay_out
from tests.unit.journal.books import loan, open_journal

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def circdesk(capsys: pytest.CaptureFixture[str]) -> Run:
    """Types a command; exit code, standard output, standard error."""

    def run(*words: str | Path) -> tuple[int, str, str]:
        try:
            code = main([str(word) for word in words])
        except SystemExit as ended:
            code = int(ended.code or 0)
        out, err = capsys.readouterr()
        return code, out, err

    return run


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Files that are not what somebody takes them for."""
    folder = tmp_path_factory.mktemp("shelf")
    rng = random.Random(1)
    (folder / "empty").write_bytes(b"")
    (folder / "noise").write_bytes(rng.randbytes(5_000))
    (folder / "text").write_text("[machine]\nkind = 'checkout\n", encoding="utf-8")
    (folder / "utf16").write_bytes("[machine]".encode("utf-16"))
    (folder / "nested").write_text("a = " + "[" * 5_000, encoding="utf-8")
    (folder / "big").write_bytes(b"# \n" * 500_000)
    (folder / "folder").mkdir()
    with sqlite3.connect(folder / "foreign.db") as database:
        database.execute("CREATE TABLE records (x)")
    database.close()
    _journals(folder, rng)
    return folder


def _journals(folder: Path, rng: random.Random) -> None:
    journal = open_journal(folder / "good.journal")
    for n in range(1, 40):
        journal.append(loan(n))
    journal.close()
    good = (folder / "good.journal").read_bytes()
    (folder / "short.journal").write_bytes(good[: len(good) // 2])
    (folder / "header.journal").write_bytes(good[:60])
    (folder / "first.journal").write_bytes(good[:100] + rng.randbytes(3_996) + good[4_096:])
    (folder / "torn.journal").write_bytes(good[:-6_000] + rng.randbytes(6_000))
    (folder / "holes.journal").write_bytes(good[:9_000] + bytes(4_000) + good[13_000:])


FOREIGN = ("nowhere", "no/folder/here", "empty", "noise", "text", "utf16", "nested", "big", "folder", "foreign.db")
DAMAGED = ("short.journal", "header.journal", "first.journal", "torn.journal", "holes.journal")


@pytest.mark.parametrize("name", FOREIGN)
@pytest.mark.parametrize("words", ["show", "verify", "export", "export --form csv", "verify --json"])
def test_what_is_no_journal_is_told_in_one_line(circdesk: Run, shelf: Path, name: str, words: str) -> None:
    code, out, err = circdesk("journal", *words.split(), shelf / name)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert err.startswith("circdesk journal: ")
    assert Path(name).name in err


@pytest.mark.parametrize("name", DAMAGED)
@pytest.mark.parametrize("words", ["show", "verify", "export", "export --form csv", "verify --json"])
def test_a_damaged_journal_is_told_and_never_taken_for_good(circdesk: Run, shelf: Path, name: str, words: str) -> None:
    code, out, err = circdesk("journal", *words.split(), shelf / name)
    assert code in (1, 2)
    assert "verify" in err or "problem" in out or "no journal" in err


@pytest.mark.parametrize("name", FOREIGN + DAMAGED)
@pytest.mark.parametrize("words", ["run", "gateway", "ui", "diag", "config check", "config broker --out x"])
def test_what_is_no_settings_file_is_told(
    circdesk: Run, shelf: Path, name: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    code, out, err = circdesk(*words.split(), shelf / name)
    assert code == 2
    assert Path(name).name in out + err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", FOREIGN + DAMAGED)
def test_an_audit_of_what_is_no_journal_ends_at_once(circdesk: Run, shelf: Path, name: str, tmp_path: Path) -> None:
    _, gateway = lay_out(tmp_path)
    code, _, err = circdesk("audit", "--journal", shelf / name, "--gateway", gateway)
    assert code == 2
    assert Path(name).name in err
    assert list((tmp_path / "state").iterdir()) == []


def test_an_audit_makes_no_ledger_where_there_is_none(
    circdesk: Run, shelf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Against an empty ledger everything would seem to be on its way, or lost."""
    _, gateway = lay_out(tmp_path)
    text = gateway.read_text("utf-8").replace(f"sqlite:///{tmp_path / 'state'}/ledger.db", "sqlite:///books/ledger.db")
    gateway.write_text(text, encoding="utf-8")
    monkeypatch.chdir(gateway.parent)
    for path in (gateway, Path("gateway.toml")):
        code, _, err = circdesk("audit", "--journal", shelf / "good.journal", "--gateway", path)
        assert code == 2
        assert "books/ledger.db: No such file" in err
    assert not (gateway.parent / "books").exists()


@pytest.mark.parametrize("name", ["empty", "noise", "foreign.db", "folder", "nowhere"])
def test_an_audit_with_another_file_for_the_ils_is_refused(
    circdesk: Run, shelf: Path, name: str, tmp_path: Path
) -> None:
    _, gateway = lay_out(tmp_path)
    code, _, err = circdesk(
        "audit", "--journal", shelf / "good.journal", "--gateway", gateway, "--demo-ils", shelf / name
    )
    assert code == 2
    assert name in err
    assert not (shelf / "foreign.db-wal").exists()


def test_a_demo_does_not_begin_where_it_cannot_leave_anything(circdesk: Run, shelf: Path) -> None:
    for place, words in ((shelf / "text", "is a file"), (Path("/proc/circdesk"), "cannot write into the folder")):
        code, out, err = circdesk("demo", "--headless", "--out", place)
        assert (code, out) == (2, "")
        assert words in err
    assert (shelf / "text").read_text("utf-8").startswith("[machine]")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("tag decode zz", "hexadecimal digits, two a byte"),
        ("tag decode 0", "hexadecimal digits, two a byte"),
        ("tag decode ''", "1 to 8192 bytes"),
        (f"tag decode {'00' * 9000}", "these are 9000"),
        ("tag decode --dsfid zz 00", "'zz' is no byte in hexadecimal, such as 06"),
        ("tag decode --dsfid 100 00", "'100' is no byte in hexadecimal"),
        ("tag decode --block-bytes 0 00", "'0' is no whole number of 1 to 32"),
        ("tag encode --usage zz D1", "'zz' is no byte in hexadecimal"),
        ("tag encode --usage -1 D1", "usage"),
        ("tag encode --parts 0 D1", "'0' is no whole number of 1 to 255"),
        ("tag encode --ordinal 2 D1", "part 2 of 1 does not exist"),
        ("tag encode --format rfid501 --owner CN-1 D1", "nothing else"),
        (f"tag encode {'D' * 500}", "1 to 40 characters"),
        ("tag", "required: WORD"),
        ("tag paint", "invalid choice: 'paint'"),
        ("journal show --last 0 {journal}", "'0' is no whole number of 1 to"),
        ("journal show --last 99999999999999999999 {journal}", "is no whole number"),
        ("journal show --utc-offset 9999 {journal}", "is no whole number of -720 to 840"),
        ("journal export --form xml {journal}", "invalid choice: 'xml'"),
        ("journal", "required: WORD"),
        ("audit", "required: --journal, --gateway"),
        ("config certificate a_b --ca {shelf}", "not a topic name"),
        ("config certificate n --ca {shelf}/nowhere", "No such file"),
        ("config certificate n --ca {shelf} --days 0", "'0' is no whole number of 1 to 3650"),
        ("config certificate broker --ca {shelf} --host ''", "--host is empty"),
        ("config ca {shelf}/text", "{shelf}/text"),
        ("config key {shelf}/noise", "noise is there and is no key"),
        ("config key {shelf}/folder", "Is a directory"),
        ("config key {shelf}/text/x", "{shelf}/text"),
        ("config", "required: WORD"),
        ("screens render --out {shelf}/text", "is a file"),
        ("demo --machine toaster", "invalid choice: 'toaster'"),
        ("demo --out", "expected one argument"),
        ("diag {shelf}/text oven", "invalid choice: 'oven'"),
        ("run", "required: FILE"),
        ("jurnal", "Did you mean 'journal'?"),
        ("", "usage: circdesk WORD"),
    ],
)
def test_a_slip_of_the_pen_is_told_and_ends_with_2(circdesk: Run, shelf: Path, words: str, sentence: str) -> None:
    typed = [
        ("" if word == "''" else word.format(shelf=shelf, journal=shelf / "good.journal")) for word in words.split()
    ]
    code, out, err = circdesk(*typed)
    assert (code, out) == (2, "")
    assert sentence.format(shelf=shelf) in err
    assert "Traceback" not in err
    assert "<lambda>" not in err


def test_an_option_that_pytest_does_not_know_is_wrong_usage(circdesk: Run) -> None:
    assert circdesk("test", "--nope")[0] == 2


def test_a_technician_who_answers_nothing_gets_no_lines(circdesk: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    code, out, err = circdesk("config", "technician")
    assert (code, "card_hash" in out) == (2, False)
    assert "there was no answer" in err


def test_a_machine_whose_key_is_none_says_so_and_does_not_start(circdesk: Run, tmp_path: Path) -> None:
    machine, _ = lay_out(tmp_path)
    (tmp_path / "etc" / "secret" / "checkout-1.signer").write_bytes(b"\xff\xfe")
    code, _, err = circdesk("run", machine)
    assert (code, "is no key; circdesk config key makes one" in err) == (2, True)


def test_a_gateway_tells_everything_that_keeps_it_from_starting(circdesk: Run, tmp_path: Path) -> None:
    _, gateway = lay_out(tmp_path)
    (gateway.parent / "gateway" / "gateway.signer").write_bytes(b"\xff")
    (gateway.parent / "gateway" / "cards.csv").write_bytes(b"\xff\x00")
    (gateway.parent / "gateway" / "site.secret").unlink()
    code, _, err = circdesk("gateway", gateway)
    assert code == 2
    for words in ("is no key", "cards.csv is not UTF-8 text", "site.secret: cannot be read"):
        assert words in err


def test_a_gateway_whose_ledger_is_no_database_says_so(circdesk: Run, tmp_path: Path) -> None:
    _, gateway = lay_out(tmp_path)
    (tmp_path / "state" / "ledger.db").write_bytes(b"this is no database, and long enough to be seen as none" * 99)
    code, _, err = circdesk("gateway", gateway)
    assert (code, "ledger.db is no SQLite database" in err) == (2, True)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("diag {gateway}", "{gateway}: this is a gateway's file; a machine's file is needed here"),
        ("run {gateway}", "{gateway}: this is a gateway's file; a machine's file is needed here"),
        ("ui {gateway}", "{gateway}: this is a gateway's file; a machine's file is needed here"),
        ("gateway {machine}", "{machine}: this is a machine's file; a gateway's file is needed here"),
        ("config broker {machine} --out x", "{machine}: this is a machine's file; a gateway's file is needed here"),
        (
            "audit --journal {journal} --gateway {machine}",
            "{machine}: this is a machine's file; a gateway's file is needed here",
        ),
    ],
)
def test_the_other_kind_of_file_is_told_in_one_sentence(
    circdesk: Run, shelf: Path, tmp_path: Path, words: str, sentence: str
) -> None:
    machine, gateway = lay_out(tmp_path)
    names = {"machine": str(machine), "gateway": str(gateway), "journal": str(shelf / "good.journal")}
    code, _, err = circdesk(*(word.format(**names) for word in words.split()))
    assert code == 2
    assert sentence.format(**names) in err
    assert len(err.splitlines()) == 1
