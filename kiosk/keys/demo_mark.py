"""The mark of a demonstration's certificates, found without a library for X.509: a machine keeps none in memory."""

from __future__ import annotations

import ssl
from typing import Final

DEMO_MARK: Final = "Demonstration only, never for production"
"""Organizational unit of a demo CA, and so of the issuer in everything it signs."""


def is_demo(certificate: bytes) -> bool:
    """Whether a certificate (PEM; the first of a chain) is a demo CA or signed by one: whether it bears the mark.

    Raises ValueError for anything else than PEM.
    """
    _, begin, rest = certificate.decode("ascii", errors="replace").partition(ssl.PEM_HEADER)
    block, end, _ = rest.partition(ssl.PEM_FOOTER)
    if not begin or not end:
        raise ValueError("no certificate in PEM")
    return DEMO_MARK.encode() in ssl.PEM_cert_to_DER_cert(begin + block + end)
