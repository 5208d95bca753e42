"""`circdesk config check`: a good site is good, and each mistake is told with its line and what to do."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from drivers.clock import VirtualHub
from kiosk.gateway.config import load
from kiosk.keys.certificates import issue, new_authority
from kiosk.site.checking import check_gateway, check_machine
from kiosk.site.folder import CONFIG
from kiosk.site.gateways import GatewayRefused, open_gateway
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
    ("utc_offset_min = 480", "utc_offset_min = 8", r"utc_offset_min counts minutes, quarters of an hour: 480 is China"),
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
    ("port = 8883", "port = 88830", r"port must be 1 to 65535"),
    ("port = 8883", "port = 0", r"port must be 1 to 65535"),
    ('host = "127.0.0.1"', 'host = ""', r"host is empty"),
    ('host = "127.0.0.1"', 'host = "broker:8883"', r"the port is a setting of its own"),
    ("utc_offset_min = 480", "utc_offset_min = 28800", r"utc_offset_min must be -720 to 840 minutes"),
    ('profile = "TM-T88V"', 'profile = "TM-T88W"', r"knows no printer profile 'TM-T88W'; did you mean 'TM-T88"),
    ('phone = "8359 0000"', 'phone = " "', r"phone is empty: readers see it"),
    ('place = "F1-HALL"', 'place = ""', r"place is empty"),
    ('order = "as-sent"', 'order = "reverse"', r"must be one of as-sent, reversed; did you mean 'reversed'"),
    ('services = ["checkout", ', 'services = ["chekout", ', r"must be one of checkout, .*; did you mean 'checkout'"),
    ("items_max = 12", "items_max = 0", r"items_max must be 1 to 100"),
    ("idle_s = 45.0", "idle_s = -1.0", r"times.idle_s must be 1 to 600 seconds"),
    ("due_days = 30 ", "due_days = -3 ", r"due_days must be 1 to 365 days"),
    ("width_px = 1080", "width_px = 10", r"width_px must be 480 to 8192 pixels"),
    ("pad?baud=38400", "pad?baud=0", r"options are baud=NUMBER"),
    ("usb:04b8:0202", "tcp:10.0.0.9:99999", r"must be tcp:HOST:PORT, the port 1 to 65535"),
    ("serial:/dev/circdesk/card?", "serial:?", r"must be serial:/dev/NAME"),
    ('language = "zh"', 'language = "fr"', r'language must be "zh" or "en"'),
    ('sentences = "locale/sentences.csv"', "sentences = locale", r"text stands in \"quotes\""),
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
    # A section as a whole is wrong only where its name is, or where it is one that two settings of it contradict.
    assert int(said[1]) == (head if new.startswith("[") or "cannot be checked" in found else line)


def test_all_mistakes_come_at_once(site: tuple[Path, Path]) -> None:
    def change(text: str) -> str:
        return text.replace('driver = "feig"', 'driver = "x"').replace('disc = "remind"', 'disc = "x"')

    assert len(told(site[0], change)) == 2


SETTINGS = [
    line
    for line in (CONFIG / "checkout.example.toml").read_text("utf-8").splitlines()
    if re.match(r"[a-z_]+ += ", line)
]


@pytest.mark.parametrize("planted", ['disc = "sing"', 'driver = "fieg"'])
@pytest.mark.parametrize("how", ["away", "of the wrong kind", "no TOML"])
def test_a_mistake_hides_no_other(tmp_path: Path, planted: str, how: str) -> None:
    """Whatever else is missing or wrong, what was planted is told with its line, and nothing breaks."""
    path, name = tmp_path / "m.toml", planted.split(" = ")[0]
    example = re.sub(
        rf"^{name} += .*$", planted, (CONFIG / "checkout.example.toml").read_text("utf-8"), count=1, flags=re.M
    )
    line = example.splitlines().index(planted) + 1
    for other in SETTINGS:
        word = other.split(" = ")[0].strip()
        if word == name:
            continue
        broken = {"away": "# nothing", "of the wrong kind": f"{word} = [[1.5]]", "no TOML": f"{word} = = 1"}[how]
        path.write_text(example.replace(other, broken, 1), encoding="utf-8")
        assert [mistake for mistake in check_machine(path) if mistake.line == line], (other, broken)


def test_a_profile_where_it_does_nothing_is_told(site: tuple[Path, Path]) -> None:
    mistakes = told(site[0], swap('\n#profile = ""', '\nprofile = "TM-T88V"'))
    assert [mistake.split(": ", 1)[1] for mistake in mistakes] == ["only a printer has a profile; a pad has none"]


def test_the_gateways_mistakes_hide_none_either(site: tuple[Path, Path]) -> None:
    text = site[1].read_text("utf-8")
    for old, new in (
        ('profile = "koha"', 'profile = "kohha"'),
        ("port = 8883", "port = 0"),
        ("pin_tries = 3", "pin_tries = 0"),
        ("pin_lock_min = 10", "pin_lock_min = 0"),
        ('file = "gateway/cards.csv"', 'file = "gateway/none.csv"'),
        ('sites = ["cumt"]', 'sties = ["cumt"]'),
        ('kind = "none"', 'kind = "hose"'),
        ("sqlite:///", "sqlight:///"),
    ):
        assert old in text, old
        text = text.replace(old, new, 1)
    site[1].write_text(text, encoding="utf-8")
    told = "\n".join(map(str, check_gateway(site[1])))
    for words in (
        "'kohha' is not known",
        "broker.port must be 1 to 65535",
        "patron.pin_tries must be 1 to 10",
        "patron.pin_lock_min must be 1 to 1440",
        "none.csv: cannot be read",
        "did you mean 'sites'",
        "must be one of none, house; did you mean 'house'",
        "there is no ledger in 'sqlight'",
    ):
        assert words in told, (words, told)


def test_every_line_of_a_card_file_that_is_wrong_is_told(site: tuple[Path, Path]) -> None:
    cards = site[1].parent / "gateway" / "cards.csv"
    cards.write_text("card_uid,patron_id,status\nAA,1,ok\nAA,2,ok\nBB,,ok\nCC,3,stolen\n", encoding="utf-8")
    told = [mistake.what for mistake in check_gateway(site[1])]
    assert [re.findall(r"line \d+", what) for what in told] == [["line 3"], ["line 4"], ["line 5"]]
    assert not any(word in what for what in told for word in ("AA", "BB", "CC", "stolen"))


def test_two_gateways_devices_of_one_name_are_told_at_the_second(site: tuple[Path, Path]) -> None:
    text = site[1].read_text("utf-8")
    block = text[text.index("[[device]]") :]
    site[1].write_text(text + "\n" + block.replace('site = "cumt"', 'site = "xuzhou"'), encoding="utf-8")
    second = [n for n, line in enumerate(site[1].read_text("utf-8").splitlines(), 1) if line.startswith("id = ")][1]
    told = [(mistake.line, mistake.what) for mistake in check_gateway(site[1])]
    assert [line for line, what in told if "must be unique" in what] == [second]
    assert [line for line, what in told if "not in gateway.sites" in what] == [second + 1]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"[machine]\nkind = '\xe9'\n", r"line 2: is not UTF-8 text"),
        ("[machine]".encode("utf-16"), r"line 1: is not UTF-8 text"),
        (b"a = " + b"[" * 5000, r"not readable: lists within lists"),
        (b"#" * (1 << 20) + b"#", r"has more than 1 MiB"),
        (b"\0\0\0", r"line 1: not readable"),
        (b"", r"machine is missing"),
    ],
)
def test_what_is_no_settings_file_is_told_in_a_sentence(
    tmp_path: Path, content: bytes, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "x.toml"
    path.write_bytes(content)
    assert circdesk("config", "check", path) == 2
    assert re.search(words, capsys.readouterr().out)


def test_a_file_saved_on_another_system_is_read_all_the_same(site: tuple[Path, Path]) -> None:
    """A byte order mark and carriage returns, as some editors leave them."""
    site[0].write_bytes(b"\xef\xbb\xbf" + site[0].read_bytes().replace(b"\n", b"\r\n"))
    assert check_machine(site[0]) == []


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
    own.write_text(shipped.replace("开始借书", "借书吧"), encoding="utf-8")
    assert told(site[0], swap("locale/sentences.csv", str(own))) == []


def test_a_sentence_that_is_missing_or_asks_for_too_much_is_told(site: tuple[Path, Path], tmp_path: Path) -> None:
    lines = (CONFIG / "locale" / "sentences.csv").read_text("utf-8").splitlines()
    lines = [line for line in lines if not line.startswith("home.checkin,")]
    lines = ["home.language,{name},{name}" if line.startswith("home.language,") else line for line in lines]
    own = tmp_path / "own.csv"
    own.write_text("\n".join(lines), encoding="utf-8")
    mistakes = told(site[0], swap("locale/sentences.csv", str(own)))
    assert any("the sentence home.checkin is missing" in mistake for mistake in mistakes)
    assert any("home.language: nobody fills in {name}" in mistake for mistake in mistakes)


def test_half_a_row_is_told_by_its_line(site: tuple[Path, Path], tmp_path: Path) -> None:
    own = tmp_path / "own.csv"
    own.write_text("key,zh,en\nhome.checkin,还书\n", encoding="utf-8")
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


@pytest.mark.parametrize(("days", "told"), [(29, 1), (30, 0)])
def test_a_machine_never_lends_by_a_snapshot_that_outlives_the_day_keys(
    site: tuple[Path, Path], days: int, told: int
) -> None:
    text = site[1].read_text("utf-8")
    assert "ahead_days = 40" in text
    site[1].write_text(text.replace("ahead_days = 40", f"ahead_days = {days}"), encoding="utf-8")
    assert sum("snapshot_age_h_max" in mistake.what for mistake in check_gateway(site[1])) == told


def test_the_gateways_files_are_looked_at_too(site: tuple[Path, Path]) -> None:
    etc = site[1].parent
    (etc / "gateway" / "site.secret").write_text("short")
    (etc / "gateway" / "cards.csv").unlink()
    mistakes = [str(mistake) for mistake in check_gateway(site[1])]
    assert any("32 characters or more" in mistake for mistake in mistakes)
    assert any("cards.csv: cannot be read" in mistake for mistake in mistakes)


KEYS = {
    "A" * 43 + "=": f"key of {MACHINE} is the one of the example: circdesk config key makes the machine's own",
    "AQ"
    + "A" * 41
    + "=": f"key of {MACHINE} is no machine's public key: take the line that circdesk config key prints",
}


@pytest.mark.parametrize(("key", "sentence"), KEYS.items(), ids=["zero", "of order 1"])
def test_a_key_that_anybody_can_sign_for_is_refused_by_check_and_by_the_gateways_own_start(
    site: tuple[Path, Path], key: str, sentence: str
) -> None:
    _, gateway = site
    text = re.sub(r'^key = "[A-Za-z0-9+/]{43}="', f'key = "{key}"', gateway.read_text("utf-8"), flags=re.MULTILINE)
    gateway.write_text(text, encoding="utf-8")
    (mistake,) = check_gateway(gateway)
    assert mistake.what == sentence
    assert text.splitlines()[mistake.line - 1].startswith("key =")
    with pytest.raises(GatewayRefused, match=re.escape(sentence)):
        open_gateway(load(gateway), VirtualHub(), rng=random.Random(1))


def test_a_ledgers_folder_must_be_there_unless_systemd_makes_it(site: tuple[Path, Path]) -> None:
    text = site[1].read_text("utf-8")
    ledger = re.search(r'^ledger = "(sqlite:[^"]+)"', text, re.MULTILINE)
    assert ledger is not None
    for address, wrong in (("sqlite:////var/lib/circdesk-nowhere/l.db", 0), ("sqlite:////vra/lib/circdesk/l.db", 1)):
        site[1].write_text(text.replace(ledger[1], address), encoding="utf-8")
        assert sum("is missing" in mistake.what for mistake in check_gateway(site[1])) == wrong


@pytest.mark.parametrize(
    ("address", "what"),
    [
        ("postgresql+psycopg://circdesk@localhost/circdesk", "needs the Python package psycopg, which is not here"),
        ("postgresql+nosuch://circdesk@localhost/circdesk", "there is no ledger in 'postgresql+nosuch'"),
        ("mysql://circdesk@localhost/circdesk", "there is no ledger in 'mysql'"),
    ],
)
def test_a_database_that_cannot_be_spoken_to_is_told_before_the_gateway_starts(
    site: tuple[Path, Path], address: str, what: str
) -> None:
    text = site[1].read_text("utf-8")
    site[1].write_text(re.sub(r'^ledger = "[^"]+"', f'ledger = "{address}"', text, flags=re.MULTILINE), "utf-8")
    assert sum(what in mistake.what for mistake in check_gateway(site[1])) == 1
