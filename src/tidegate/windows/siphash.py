"""SipHash-1-3 of the UTF-8 bytes of a text: a keyed 64-bit hash.

Without the 16-byte key nobody can choose texts that collide, so a hostile sender cannot turn a hash table into a list.
Source: Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012. The variant with 1 + 3 rounds is the one CPython
and Rust use for their own tables.

This is the version for interpreted kernels (10 us a text); compiled ones inline `siphash_inline.pxd`.
"""

MASK64 = (1 << 64) - 1
FIXED_KEY = b"tidegate id hash"  # for callers that do not fear hostile senders: tests, replays of old logs


def key_words(key: bytes) -> tuple[int, int]:
    """The two 64-bit words of a key of exactly 16 bytes, little endian as in the paper."""
    assert len(key) == 16, "a SipHash key has 16 bytes"
    return int.from_bytes(key[:8], "little"), int.from_bytes(key[8:], "little")


def hash_text(text: str, key0: int, key1: int) -> int:
    """The hash of a text, 0 <= hash < 2**64; a lone surrogate raises UnicodeEncodeError."""
    raw = text.encode()
    v0 = key0 ^ 0x736F6D6570736575
    v1 = key1 ^ 0x646F72616E646F6D
    v2 = key0 ^ 0x6C7967656E657261
    v3 = key1 ^ 0x7465646279746573
    whole = len(raw) >> 3
    words = [int.from_bytes(raw[8 * i : 8 * i + 8], "little") for i in range(whole)]
    rest = raw[8 * whole :].ljust(7, b"\0") + bytes([len(raw) & 255])
    words.append(int.from_bytes(rest, "little"))
    for r, word in enumerate((*words, 0, 0, 0)):  # one round per word, then three without
        if r == whole + 1:
            v2 ^= 255
        v3 ^= word
        v0 = (v0 + v1) & MASK64
        v2 = (v2 + v3) & MASK64
        v1 = ((v1 << 13) & MASK64 | (v1 >> 51)) ^ v0
        v3 = ((v3 << 16) & MASK64 | (v3 >> 48)) ^ v2
        v0 = (v0 << 32) & MASK64 | (v0 >> 32)
        v2 = (v2 + v1) & MASK64
        v0 = (v0 + v3) & MASK64
        v1 = ((v1 << 17) & MASK64 | (v1 >> 47)) ^ v2
        v3 = ((v3 << 21) & MASK64 | (v3 >> 43)) ^ v0
        v2 = (v2 << 32) & MASK64 | (v2 >> 32)
        v0 ^= word
    return v0 ^ v1 ^ v2 ^ v3
