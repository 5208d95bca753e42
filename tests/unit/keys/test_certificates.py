"""A demonstration's certificates can be told from a library's own."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from kiosk.keys.certificates import CERTIFICATE_DAYS, issue, new_authority, write_demo_certificates
from kiosk.keys.demo_mark import is_demo

AT = 1_795_305_600.0


def test_everything_a_demo_authority_signs_carries_its_mark() -> None:
    demo, own = new_authority("CA", at=AT, demo=True), new_authority("CA", at=AT, demo=False)
    assert is_demo(demo.certificate)
    assert is_demo(issue(demo, "kiosk-01", at=AT).certificate)
    assert is_demo(issue(demo, "broker", at=AT, hosts=["localhost"]).certificate)
    assert not is_demo(own.certificate)
    assert not is_demo(issue(own, "kiosk-01", at=AT).certificate)


def test_a_certificate_names_its_machine_and_is_signed_for_a_year() -> None:
    authority = new_authority("CA", at=AT, demo=False)
    certificate = x509.load_pem_x509_certificate(issue(authority, "kiosk-01", at=AT).certificate)
    ca = x509.load_pem_x509_certificate(authority.certificate)
    certificate.verify_directly_issued_by(ca)
    (name,) = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    assert name.value == "kiosk-01"
    assert isinstance(certificate.public_key(), ec.EllipticCurvePublicKey)
    assert certificate.not_valid_after_utc.timestamp() - AT == CERTIFICATE_DAYS * 86_400
    assert certificate.not_valid_before_utc.timestamp() < AT


def test_a_machines_certificate_does_not_serve_as_a_brokers() -> None:
    authority = new_authority("CA", at=AT, demo=False)
    for hosts, purpose in (([], ExtendedKeyUsageOID.CLIENT_AUTH), (["127.0.0.1"], ExtendedKeyUsageOID.SERVER_AUTH)):
        pem = issue(authority, "name", at=AT, hosts=hosts).certificate
        usage = x509.load_pem_x509_certificate(pem).extensions.get_extension_for_class(x509.ExtendedKeyUsage)
        assert list(usage.value) == [purpose]


def test_keys_are_readable_only_by_their_owner(tmp_path: Path) -> None:
    write_demo_certificates(tmp_path, clients=["kiosk-01"], hosts=["localhost"], at=AT)
    assert {file.name for file in tmp_path.iterdir()} == {
        f"{name}.{kind}" for name in ("ca", "broker", "kiosk-01") for kind in ("crt", "key")
    }
    for key in tmp_path.glob("*.key"):
        assert stat.S_IMODE(key.stat().st_mode) == 0o600


def test_what_is_no_certificate_is_refused() -> None:
    with pytest.raises(ValueError, match="PEM"):
        is_demo(b"no certificate")


def test_the_mark_is_found_in_a_chain_and_behind_a_text_of_openssl_and_nowhere_else() -> None:
    demo = issue(new_authority("Demo CA", at=AT, demo=True), "kiosk-01", at=AT).certificate
    real = issue(new_authority("Library CA", at=AT, demo=False), "kiosk-01", at=AT).certificate
    assert is_demo(b"Certificate:\n    Data: ...\n" + demo + real)
    assert not is_demo(real + demo)  # the first is the machine's own
    for broken in (b"", b"no certificate", demo[:200]):
        with pytest.raises(ValueError, match="PEM"):
            is_demo(broken)
