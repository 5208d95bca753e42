"""The checksum of the fixed-length model."""

from __future__ import annotations

import binascii

CRC_INIT = 0xFFFF


def crc16(data: bytes) -> int:
    """CRC-16/CCITT-FALSE: polynomial 1021, start FFFF, most significant bit first, no final xor.

    Source: RFID Data Model for Libraries (DS/INF 163-1), 3.2.1.6; "RFID tag data model" gives 1AEE.
    """
    return binascii.crc_hqx(data, CRC_INIT)
