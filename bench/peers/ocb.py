"""OCB2-AES128, with which Mumble's clients and servers seal UDP packets (Rogaway 2004).

AES itself is the machine's libcrypto. For load over loopback only: OCB2 has known weaknesses.
"""

import ctypes
import ctypes.util

BLOCK = 16
LAST = (1 << 128) - 1
# The polynomial of the field of 2^128 elements: x^128 + x^7 + x^2 + x + 1.
POLYNOMIAL = 0x87
SCHEDULE = 512


class Sealer:
    """Seals packets as one side of a connection: a key, and a nonce that counts packets."""

    def __init__(self, key: bytes, nonce: bytes) -> None:
        self._crypto = ctypes.CDLL(ctypes.util.find_library("crypto"))
        self._schedule = ctypes.create_string_buffer(SCHEDULE)
        self._crypto.AES_set_encrypt_key(key, 8 * len(key), self._schedule)
        self._count = int.from_bytes(nonce, "little")

    def seal(self, plain: bytes) -> bytes:
        """Give the next packet: an octet of the nonce, three of the tag, then what is sealed."""
        self._count = (self._count + 1) & LAST
        nonce = self._count.to_bytes(BLOCK, "little")
        sealed, tag = self.ocb(plain, nonce)
        return nonce[:1] + tag[:3] + sealed

    def ocb(self, plain: bytes, nonce: bytes) -> tuple[bytes, bytes]:
        """Seal under a nonce: what is sealed, and the whole tag."""
        offset, checksum, sealed = self._aes(int.from_bytes(nonce, "big")), 0, b""
        whole = (len(plain) - 1) // BLOCK * BLOCK if plain else 0
        for at in range(0, whole, BLOCK):
            offset = doubled(offset)
            block = int.from_bytes(plain[at : at + BLOCK], "big")
            sealed += _octets(offset ^ self._aes(offset ^ block))
            checksum ^= block
        offset = doubled(offset)
        rest = plain[whole:]
        pad = _octets(self._aes(offset ^ 8 * len(rest)))
        checksum ^= int.from_bytes(rest + pad[len(rest) :], "big")
        sealed += bytes(one ^ other for one, other in zip(rest, pad, strict=False))
        tag = self._aes(offset ^ doubled(offset) ^ checksum)
        return sealed, _octets(tag)

    def _aes(self, block: int) -> int:
        out = ctypes.create_string_buffer(BLOCK)
        self._crypto.AES_encrypt(_octets(block), out, self._schedule)
        return int.from_bytes(out.raw, "big")


def _octets(block: int) -> bytes:
    return block.to_bytes(BLOCK, "big")


def doubled(block: int) -> int:
    """Multiply by x in the field of 2^128 elements."""
    return ((block << 1) & LAST) ^ (POLYNOMIAL if block >> 127 else 0)
