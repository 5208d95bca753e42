"""Who can be reached: broker, gateway, library system. With hysteresis, so that no reader sees a link flutter. Pure."""

from __future__ import annotations

from typing import Final

from kiosk.uplink.events import LinkDown, LinkUp, Peer

BROKER_DOWN_S: Final = 3.0  # a reconnect within this time is not told
GATEWAY_DOUBT_S: Final = 4.0  # something waits for the gateway and nothing signed has come: ask whether it is there...
GATEWAY_SILENT_S: Final = 8.0  # ...and after so long it is not (a single question may just take long)
GATEWAY_GOOD_TO_UP: Final = 2  # signed messages in a row after it was down; the first contact needs one
ILS_DOWN_S_MIN: Final = 3.0

Change = LinkUp | LinkDown


class Links:
    """Takes what happens, gives what has changed."""

    def __init__(self) -> None:
        self._up: set[Peer] = set()
        self._broker_lost_at: float | None = None
        self._expecting_since: float | None = None
        self._probed = False
        self._good_needed = 1
        self._ils_down_at: float | None = None

    @property
    def gateway_up(self) -> bool:
        return Peer.GATEWAY in self._up

    @property
    def all_up(self) -> bool:
        return len(self._up) == len(Peer)

    @property
    def wakes_at(self) -> float | None:
        times = []
        if self._broker_lost_at is not None:
            times.append(self._broker_lost_at + BROKER_DOWN_S)
        if self._expecting_since is not None and self.gateway_up:
            times.append(self._expecting_since + (GATEWAY_SILENT_S if self._probed else GATEWAY_DOUBT_S))
        return min(times, default=None)

    def connected(self) -> list[Change]:
        self._broker_lost_at = None
        return self._set(Peer.BROKER, up=True)

    def disconnected(self, now: float) -> None:
        if self._broker_lost_at is None and Peer.BROKER in self._up:
            self._broker_lost_at = now
        if self._expecting_since is None:
            self._expecting_since = now  # whatever the broker says, nobody can be reached through it

    def expecting(self, now: float) -> None:
        """Something was sent that the gateway answers."""
        if self._expecting_since is None:
            self._expecting_since = now

    def wants_probe(self, now: float) -> bool:
        """Whether to ask the gateway now if it is there; True once in a silence."""
        doubt = self._expecting_since is not None and now >= self._expecting_since + GATEWAY_DOUBT_S
        if not doubt or self._probed:
            return False
        self._probed = True
        return True

    def silent(self, now: float) -> bool:
        """Whether the gateway owes a word for too long."""
        return self._expecting_since is not None and now >= self._expecting_since + GATEWAY_SILENT_S

    def heard(self) -> list[Change]:
        """A message with the gateway's signature has come."""
        self._expecting_since = None
        self._probed = False
        self._good_needed = max(0, self._good_needed - 1)
        return self._set(Peer.GATEWAY, up=True) if self._good_needed == 0 else []

    def ils(self, up: bool, now: float) -> list[Change]:
        """What the gateway says of the library system behind it."""
        if not up:
            self._ils_down_at = now
        elif self._ils_down_at is not None and now < self._ils_down_at + ILS_DOWN_S_MIN:
            return []
        return self._set(Peer.ILS, up=up)

    def tick(self, now: float) -> list[Change]:
        changes: list[Change] = []
        if self._broker_lost_at is not None and now >= self._broker_lost_at + BROKER_DOWN_S:
            self._broker_lost_at = None
            changes += self._set(Peer.BROKER, up=False)
            changes += self._gateway_lost()
        if self.silent(now):
            changes += self._gateway_lost()
        return changes

    def _gateway_lost(self) -> list[Change]:
        self._good_needed = GATEWAY_GOOD_TO_UP
        return self._set(Peer.GATEWAY, up=False)

    def _set(self, peer: Peer, *, up: bool) -> list[Change]:
        if (peer in self._up) == up:
            return []
        if up:
            self._up.add(peer)
            return [LinkUp(what=peer)]
        self._up.discard(peer)
        return [LinkDown(what=peer)]
