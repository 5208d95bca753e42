"""A machine in production: real wires, its journal, and the socket its screen connects to."""

from __future__ import annotations

import os
import random
from pathlib import Path
from typing import Final

from drivers.clock import Hub
from drivers.unix_link import UnixListener, listen_unix
from kiosk.checkout.assemble import CheckoutSettings, brain
from kiosk.keys import Signer, Verifier, is_key
from kiosk.keys.demo_mark import is_demo
from kiosk.machine.assembly import Surroundings, open_core
from kiosk.machine.core import MachineCore
from kiosk.machine.notify import Notifier, Poke, Pulse
from kiosk.machine.screenport import ScreenPort
from kiosk.screen.sentences import SentenceError, Sentences, parse
from kiosk.site.folder import CONFIG
from kiosk.site.wiring import load_settings, real_bus

BOOT_CHARS: Final = 12


class MachineRefused(Exception):
    """The file is right and the machine may not start all the same; the message says why and what to do."""


class Production:
    """`of` reads the file, `start` opens for business, `stop` ends in order."""

    def __init__(self, hub: Hub, settings: CheckoutSettings) -> None:
        self._hub = hub
        self._settings = settings
        self._listener: UnixListener | None = None
        self._port = ScreenPort(hub)
        self._pulse = Pulse(hub, Notifier(os.environ))
        rng = random.Random(os.urandom(16))
        around = Surroundings(
            hub=hub,
            bus=real_bus(hub, settings.broker, rng),
            boot=Path(settings.files.boot_id).read_text("ascii").strip().replace("-", "")[:BOOT_CHARS],
            rng=rng,
            show=self._port.show,
            signer=Signer(_key(settings.files.signer)),
            gateway=Verifier(_key(settings.files.gateway)),
            wires={},
            pulse=self._pulse,
        )
        sentences = _sentences(settings.desk.sentences)
        made = brain(settings.as_desk(), sentences)
        age_s = settings.policy.offline.snapshot_age_h_max * 3600
        self.core: MachineCore = open_core(made, settings.platform(), around, snapshot_age_s_max=age_s)

    @classmethod
    def of(cls, path: Path, hub: Hub) -> Production:
        """Raises SettingsError, OSError, MachineRefused, AddressError, and what Journal.open raises."""
        settings = load_settings(path)
        certificate = settings.broker.certificate
        if settings.machine.mode == "production" and certificate and is_demo(Path(certificate).read_bytes()):
            raise MachineRefused("this is a demo certificate; in production use the site's own CA (docs/install.md)")
        return cls(hub, settings)

    def start(self) -> None:
        self.core.start()
        self._port.join(self.core.runtime.post, self.core.touch)
        self._listener = listen_unix(self._hub, self._settings.panel.socket, self._port.serve)
        self._pulse.start(lambda: self.core.runtime.post(Poke()))

    def stop(self) -> None:
        self._pulse.stop()
        if self._listener is not None:
            self._listener.close()
        self.core.stop()


def _key(path: str) -> str:
    text = Path(path).read_text("ascii", errors="replace").strip()
    if not is_key(text):
        raise MachineRefused(f"{path} is no key; circdesk config key makes one")
    return text


def _sentences(name: str) -> Sentences:
    try:
        return parse((CONFIG / name).read_text("utf-8-sig"))
    except (SentenceError, UnicodeDecodeError) as error:
        raise MachineRefused(f"{name} cannot be used; circdesk config check names its lines") from error
