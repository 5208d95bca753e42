"""X.509 certificates (RFC 5280) for the two ends of the uplink: P-256, common name = device name.

A site's own CA signs them. The CA of a demonstration is marked, and everything it signs shows the mark as issuer: a
production site refuses it (`kiosk.keys.demo_mark`), because its key lies about in demo directories.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from kiosk.keys.demo_mark import DEMO_MARK, is_demo

CA_DAYS: Final = 3_650
CERTIFICATE_DAYS: Final = 397
_BACKDATED: Final = timedelta(hours=1)  # machines' clocks differ


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyedCertificate:
    """A certificate and its private key, both PEM."""

    certificate: bytes
    key: bytes

    def write(self, directory: Path, name: str) -> None:
        """As `name`.crt and `name`.key; the key is readable only by its owner."""
        directory.mkdir(parents=True, exist_ok=True)
        (directory / f"{name}.crt").write_bytes(self.certificate)
        key = directory / f"{name}.key"
        key.touch(mode=0o600)
        key.write_bytes(self.key)


def new_authority(name: str, *, at: float, demo: bool) -> KeyedCertificate:
    """A CA of its own, valid from `at` (UTC seconds)."""
    key = ec.generate_private_key(ec.SECP256R1())
    unit = [x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, DEMO_MARK)] if demo else []
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name), *unit])
    usage = x509.KeyUsage(
        digital_signature=False,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=True,
        encipher_only=False,
        decipher_only=False,
    )
    builder = (
        _builder(subject, key, at, CA_DAYS)
        .issuer_name(subject)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    return _pem(builder.sign(key, hashes.SHA256()), key)


def issue(
    authority: KeyedCertificate, name: str, *, at: float, hosts: Sequence[str] = (), days: int = CERTIFICATE_DAYS
) -> KeyedCertificate:
    """A certificate for `name`. With `hosts` (names or addresses) it is a broker's, else a client's."""
    ca = x509.load_pem_x509_certificate(authority.certificate)
    ca_key = serialization.load_pem_private_key(authority.key, None)
    if not isinstance(ca_key, ec.EllipticCurvePrivateKey):
        raise ValueError("a CA of ours has an elliptic curve key")
    key = ec.generate_private_key(ec.SECP256R1())
    purpose = ExtendedKeyUsageOID.SERVER_AUTH if hosts else ExtendedKeyUsageOID.CLIENT_AUTH
    builder = (
        _builder(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]), key, at, days)
        .issuer_name(ca.subject)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
        .add_extension(x509.SubjectAlternativeName(_names(hosts or [name])), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key()), critical=False)
    )
    return _pem(builder.sign(ca_key, hashes.SHA256()), key)


def read_authority(directory: Path, name: str = "ca") -> KeyedCertificate:
    """What `KeyedCertificate.write` wrote. Raises OSError."""
    return KeyedCertificate(
        certificate=(directory / f"{name}.crt").read_bytes(), key=(directory / f"{name}.key").read_bytes()
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Passport:
    """What a certificate says of its owner. `ends` is UTC seconds."""

    name: str
    ends: float
    demo: bool


def passport(certificate: bytes) -> Passport:
    """Reads a certificate (PEM). Raises ValueError for anything else."""
    parsed = x509.load_pem_x509_certificate(certificate)
    names = parsed.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return Passport(
        name=str(names[0].value) if names else "",
        ends=parsed.not_valid_after_utc.timestamp(),
        demo=is_demo(certificate),
    )


def belongs(certificate: bytes, key: bytes) -> bool:
    """Whether the private `key` is the certificate's own (both PEM). Raises ValueError for anything else."""
    public = x509.load_pem_x509_certificate(certificate).public_key()
    return serialization.load_pem_private_key(key, None).public_key() == public


def write_demo_certificates(directory: Path, *, clients: Iterable[str], hosts: Sequence[str], at: float) -> None:
    """Everything a demonstration needs: ca, broker and one pair for each client, as PEM files by these names."""
    authority = new_authority("Circdesk demo CA", at=at, demo=True)
    authority.write(directory, "ca")
    issue(authority, "broker", at=at, hosts=hosts).write(directory, "broker")
    for name in clients:
        issue(authority, name, at=at).write(directory, name)


def _builder(subject: x509.Name, key: ec.EllipticCurvePrivateKey, at: float, days: int) -> x509.CertificateBuilder:
    start = datetime.fromtimestamp(at, UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start - _BACKDATED)
        .not_valid_after(start + timedelta(days=days))
    )


def _names(hosts: Sequence[str]) -> list[x509.GeneralName]:
    names: list[x509.GeneralName] = []
    for host in hosts:
        try:
            names.append(x509.IPAddress(ipaddress.ip_address(host)))
        except ValueError:
            names.append(x509.DNSName(host))
    return names


def _pem(certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> KeyedCertificate:
    return KeyedCertificate(
        certificate=certificate.public_bytes(serialization.Encoding.PEM),
        key=key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ),
    )
