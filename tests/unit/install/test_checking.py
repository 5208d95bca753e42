"""`circdesk config check`: a good site is good, and each mistake is told with its line and what to do."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from kiosk.keys.certificates import issue, new_authority
from kiosk.site.checking import check_gateway, check_machine
from kiosk.site.folder import CONFIG
from tests.unit.install.sites import MACHINE, circdesk, lay_out

AT = 1_795_305_600.0


@pytest.fixture
def site(tmp_path: Path) -> tuple[Path, Path]:
    return lay_out(tmp_path)


def told(path: Path, change: Callable[[str], str]) -> list[str]:
    path.write_text(change(path.read_text("utf-8")), encoding="utf-8")
    return [str(mistake) for mistake in check_machine(path)]


def swap(old: str, new: str) -> Callable[[str], str]:
    def change(text: str) -> str:
        assert text.count(old) >= 1, old
        return text.replace(old, new, 1)

    return change


def test_a_site_made_by_the_book_is_good(site: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    machine, gateway = site
    assert circdesk("config", "check", machine, gateway) == 0
    assert capsys.readouterr().out.count("good.") == 2


def test_a_wrong_file_is_told_and_ends_with_2(site: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    machine, _ = site
    machine.write_text(machine.read_text("utf-8").replace("items_max", "item_max"), encoding="utf-8")
    assert circdesk("config", "check", machine) == 2
    assert re.search(
        r"line \d+: there is no setting 'item_max' here; did you mean 'items_max'", capsys.readouterr().out
    )


WRONG = [
    ('driver = "feig"', 'driver = "fieg"', r"pad has no driver 'fieg'; known are feig"),
    ("[parts.pad]", "[parts.pda]", r"there is no part 'pda'; known are pad"),
    ("pad?baud=38400&parity=E", "pad?baud=38400&parity=X", r"options are baud=NUMBER, parity=N\|E\|O"),
    ("usb:04b8:0202", "usb:epson", r"must be usb:VENDOR:PRODUCT"),
    ("serial:/dev/circdesk/pad?baud=38400&parity=E&stop=1", "sim:pad", r"simulated device has no place in production"),
    ('kind = "checkout"', 'kind = "toaster"', r"there is no machine 'toaster'"),
    ('device = "checkout-1"', 'device = "Checkout 1"', r"not a topic name"),
    ("patron = '\\d{10}'", "patron = '[A-Z0-9]+'", r"'A0000000' would be an item and a reader"),
    ("patron = '\\d{10}'", "patron = '(?=x)x'", r"cannot be checked"),
    ("patron = '\\d{10}'", "patron = '[0-9'", r"patron is no regular expression"),
    ('disc = "remind"', 'disc = "sing"', r"disc must be one of remind, desk"),
    ("afi_on = 0x07", "afi_on = 0x107", r"afi_on is one byte"),
    ('sentences = "locale/sentences.csv"', 'sentences = "/nowhere.csv"', r"/nowhere.csv: No such file"),
    ("ui.sock", "u" * 120 + ".sock", r"at most 107 bytes"),
    ("warning_s = 20.0", "warning_s = 5.0", r"times.warning_s must be 20 or more"),
]


@pytest.mark.parametrize(("old", "new", "expected"), WRONG)
def test_each_mistake_is_told_with_its_line(site: tuple[Path, Path], old: str, new: str, expected: str) -> None:
    mistakes = told(site[0], swap(old, new))
    assert any(re.search(expected, mistake) for mistake in mistakes), mistakes
    line = next(n for n, text in enumerate(site[0].read_text("utf-8").splitlines(), start=1) if new in text)
    found = next(mistake for mistake in mistakes if re.search(expected, mistake))
    said = re.search(r"line (\d+)", found)
    assert said is not None
    # The line itself, or the head of its section where the section as a whole is wrong.
    head = max(
        n
        for n, text in enumerate(site[0].read_text("utf-8").splitlines(), start=1)
        if text.startswith("[") and n <= line
    )
    assert int(said[1]) in (line, head, 1)


def test_all_mistakes_come_at_once(site: tuple[Path, Path]) -> None:
    def change(text: str) -> str:
        return text.replace('driver = "feig"', 'driver = "x"').replace('disc = "remind"', 'disc = "x"')

    assert len(told(site[0], change)) == 2


def without(*sections: str) -> Callable[[str], str]:
    def change(text: str) -> str:
        for section in sections:
            text = re.sub(rf"\[{re.escape(section)}\]\n(?:(?!\[).*\n)*", "", text)
        return text

    return change


def test_a_machine_that_can_read_no_book_is_refused(site: tuple[Path, Path]) -> None:
    mistakes = told(site[0], without("parts.pad", "parts.scanner"))
    assert any("can read no book" in mistake for mistake in mistakes)


def test_a_machine_that_lends_and_can_know_nobody_is_refused(site: tuple[Path, Path]) -> None:
    assert any("who he is" in m for m in told(site[0], without("parts.card", "parts.scanner")))


def test_a_returns_only_machine_needs_no_card_reader(site: tuple[Path, Path]) -> None:
    def change(text: str) -> str:
        text = without("parts.card", "parts.scanner")(text)
        return text.replace('services = ["checkout", "checkin", "renew", "account"]', 'services = ["checkin"]')

    assert told(site[0], change) == []


# -- sentences


def test_a_library_may_say_it_in_its_own_words(site: tuple[Path, Path], tmp_path: Path) -> None:
    shipped = (CONFIG / "locale" / "sentences.csv").read_text("utf-8")
    own = tmp_path / "own.csv"
    own.write_text(shipped.replace("欢迎使用自助服务", "你好"), encoding="utf-8")
    assert told(site[0], swap("locale/sentences.csv", str(own))) == []


def test_a_sentence_that_is_missing_or_asks_for_too_much_is_told(site: tuple[Path, Path], tmp_path: Path) -> None:
    lines = (CONFIG / "locale" / "sentences.csv").read_text("utf-8").splitlines()
    lines = [line for line in lines if not line.startswith("home.title,")]
    lines = ["home.language,{name},{name}" if line.startswith("home.language,") else line for line in lines]
    own = tmp_path / "own.csv"
    own.write_text("\n".join(lines), encoding="utf-8")
    mistakes = told(site[0], swap("locale/sentences.csv", str(own)))
    assert any("the sentence home.title is missing" in mistake for mistake in mistakes)
    assert any("home.language: nobody fills in {name}" in mistake for mistake in mistakes)


def test_half_a_row_is_told_by_its_line(site: tuple[Path, Path], tmp_path: Path) -> None:
    own = tmp_path / "own.csv"
    own.write_text("key,zh,en\nhome.title,你好\n", encoding="utf-8")
    assert any("own.csv, line 2" in m for m in told(site[0], swap("locale/sentences.csv", str(own))))


# -- certificates and keys


def test_a_demonstration_certificate_is_refused_in_production(site: tuple[Path, Path]) -> None:
    demo = new_authority("demo", at=AT, demo=True)
    issue(demo, MACHINE, at=AT).write(site[0].parent, MACHINE)
    (site[0].parent / f"{MACHINE}.key").replace(site[0].parent / "secret" / f"{MACHINE}.key")
    assert any("demonstration certificate" in m for m in told(site[0], lambda text: text))
    as_demo = told(site[0], swap('mode = "production"', 'mode = "demo"'))
    assert as_demo == []


def test_another_machines_certificate_is_refused(site: tuple[Path, Path]) -> None:
    etc = site[0].parent
    (etc / f"{MACHINE}.crt").write_bytes((etc / "gateway.crt").read_bytes())
    mistakes = told(site[0], lambda text: text)
    assert any("certificate of 'gateway'; here it must be that of 'checkout-1'" in mistake for mistake in mistakes)
    assert any("is not the key of this certificate" in mistake for mistake in mistakes)


def test_what_is_no_certificate_and_what_is_no_key_are_told(site: tuple[Path, Path]) -> None:
    etc = site[0].parent
    (etc / "ca.crt").write_text("nonsense")
    (etc / "secret" / f"{MACHINE}.signer").write_text("nonsense")
    mistakes = told(site[0], lambda text: text)
    assert any("is no certificate in PEM form" in mistake for mistake in mistakes)
    assert any("is no key; circdesk config key makes one" in mistake for mistake in mistakes)


def test_a_broker_without_tls_is_for_tests_only(site: tuple[Path, Path]) -> None:
    def plain(text: str) -> str:
        return re.sub(r'^(ca|certificate|key) = ".*"', "", text, flags=re.MULTILINE)

    assert any("without TLS" in mistake for mistake in told(site[0], plain))


def test_half_a_set_of_certificates_is_refused(site: tuple[Path, Path]) -> None:
    mistakes = told(site[0], lambda text: re.sub(r'^ca = ".*"', "", text, flags=re.MULTILINE))
    assert any("belong together" in mistake for mistake in mistakes)


def test_a_technicians_line_that_was_not_made_by_the_command_is_refused(site: tuple[Path, Path]) -> None:
    line = '\n[[technicians]]\nname = "x"\ncard_hash = "04FA944D"\npin_hash = "1234"\n'
    mistakes = told(site[0], lambda text: text + line)
    assert any("circdesk config technician" in mistake for mistake in mistakes)
    assert not any("04FA944D" in mistake or "1234" in mistake for mistake in mistakes)


# -- the gateway


def test_the_gateways_files_are_looked_at_too(site: tuple[Path, Path]) -> None:
    etc = site[1].parent
    (etc / "gateway" / "site.secret").write_text("short")
    (etc / "gateway" / "cards.csv").unlink()
    mistakes = [str(mistake) for mistake in check_gateway(site[1])]
    assert any("32 characters or more" in mistake for mistake in mistakes)
    assert any("cards.csv: cannot be read" in mistake for mistake in mistakes)
