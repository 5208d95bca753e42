"""Certificates and keys: whose they are, and how long they last."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from drivers.clock import Clock
from kiosk.diag.findings import Finding, bad, care, good, idle
from kiosk.domain.faults import machine
from kiosk.keys import Signer, is_key
from kiosk.keys.certificates import belongs, passport

DAY_S: Final = 86_400
ENDING_DAYS: Final = 30  # a technician's round comes once a month


def look_at_certificate(certificate: str, key: str, owner: str, clock: Clock, *, production: bool) -> Finding:
    """Paths of PEM files; `owner` is the machine's name."""
    part = "certificate"
    if not certificate:
        return idle(part, "this file names none: the broker is reached without TLS")
    try:
        pem, key_pem = Path(certificate).read_bytes(), Path(key).read_bytes()
        paper, own = passport(pem), belongs(pem, key_pem)
    except PermissionError as error:
        return idle(part, f"{error.filename} may not be read by this user: run it as root")
    except OSError as error:
        return bad(part, machine.CERTIFICATE_UNFIT, cause=f"{error.filename}: {error.strerror}")
    except ValueError:
        return bad(part, machine.CERTIFICATE_UNFIT, cause=f"{certificate} or {key} is no PEM file")
    days = int((paper.ends - clock.wall()) // DAY_S)
    numbers = (paper.name, f"{days} days left" if days >= 0 else f"ended {-days} days ago")
    if paper.name != owner:
        return bad(part, machine.CERTIFICATE_UNFIT, *numbers, cause=f"it must be that of {owner}")
    if not own:
        return bad(part, machine.CERTIFICATE_UNFIT, *numbers, cause="the key is another certificate's")
    if paper.demo and production:
        return bad(part, machine.CERTIFICATE_UNFIT, *numbers, cause="a demonstration's, in production")
    if days < 0:
        return bad(part, machine.CERTIFICATE_ENDED, *numbers)
    return care(part, machine.CERTIFICATE_ENDING, *numbers) if days < ENDING_DAYS else good(part, *numbers)


def look_at_keys(signer: str, gateway: str) -> Finding:
    """Paths of key files; shows this machine's public half, which the gateway must know."""
    part = "keys"
    texts: list[str] = []
    for path in (signer, gateway):
        try:
            text = Path(path).read_text("ascii").strip()
        except PermissionError:
            return idle(part, f"{path} may not be read by this user: run it as root")
        except OSError as error:
            return bad(part, machine.KEY_UNFIT, cause=f"{path}: {error.strerror}")
        except UnicodeDecodeError:
            text = ""
        if not is_key(text):
            return bad(part, machine.KEY_UNFIT, cause=f"{path} is no key")
        texts.append(text)
    return good(part, f"public {Signer(texts[0]).verifier().text}")
