"""Breaks valid files as disks, editors, other programs and malice do, by a seed."""

import gzip
import json
import random
import re
from collections.abc import Callable, Sequence

ODD = (
    b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"\r", b"\n", b"\r\n", b"\x1b[31m", b"\xed\xa0\xbd", b"\\ud83d",
    "\u2028\x85\x0b\x0c\u202e".encode(), b'"', b"'", b"{", b"[", b"}", b",", b";", b"\t", b": ", b"- ", b"&a ", b"*a",
    b"<<: *a", b"!!python/object:os.system x", b"!!binary x", b"%YAML 9", b"---\n", b"NaN", b"Infinity", b"-1e999",
    b"9" * 5000, b"0x" + b"f" * 5000, b"1e400", b"null", b"true", b"[]", b"{}", b"2001-99-99", b"~", b"\\", b"#",
)  # fmt: skip
"""What is put into a file, or in place of a part of it."""
VALUES = (
    "null", "true", "[]", "{}", '""', "-1", "0", "1e999", "NaN", "-Infinity", "9" * 5000, "1.5", '"\\ud83d"', '"nan"',
    "[[1]]", '{"a": {"b": 2}}', '"\\u0000"', "18446744073709551616", '"' + "x" * 3000 + '"',
)  # fmt: skip
"""Values of JSON and YAML that take the place of another value."""


def flip(said: bytes, by: random.Random) -> bytes:
    found = bytearray(said)
    for _ in range(by.randint(1, 8)):
        if found:
            found[by.randrange(len(found))] ^= 1 << by.randrange(8)
    return bytes(found)


def truncate(said: bytes, by: random.Random) -> bytes:
    return said[: by.randrange(len(said) + 1)]


def insert(said: bytes, by: random.Random) -> bytes:
    for _ in range(by.randint(1, 3)):
        at = by.randrange(len(said) + 1)
        said = said[:at] + by.choice(ODD) + said[at:]
    return said


def cut_out(said: bytes, by: random.Random) -> bytes:
    at = by.randrange(len(said) + 1)
    return said[:at] + said[at + by.randint(1, 200) :]


def repeat(said: bytes, by: random.Random) -> bytes:
    lines = said.splitlines(keepends=True) or [b""]
    at = by.randrange(len(lines))
    return b"".join([*lines[: at + 1], *[lines[at]] * by.randint(1, 3), *lines[at + 1 :]])


def revalue(said: bytes, by: random.Random) -> bytes:
    """Put an odd value where a value stands; the file mostly stays JSON, YAML or CSV."""
    places = list(re.finditer(rb'(?<=: )[^\n,}\]]+|(?<=,)[^\n,"]+(?=[,\n])|"[^"\n]*"(?=[,}\]\n])', said))
    if not places:
        return insert(said, by)
    place = by.choice(places)
    return said[: place.start()] + by.choice(VALUES).encode() + said[place.end() :]


def rename(said: bytes, by: random.Random) -> bytes:
    """Give a key or a column another key's name, or an odd one."""
    words = list(re.finditer(rb"\b[a-z_]{3,}\b", said))
    if not words:
        return insert(said, by)
    place, other = by.choice(words), by.choice(words)
    new = by.choice([other[0], b"x" * 400, "模".encode(), b"__class__", b"1"])
    return said[: place.start()] + new + said[place.end() :]


def nest(said: bytes, by: random.Random) -> bytes:
    """Nest deeply, or repeat by aliases."""
    depth = by.choice([90, 400, 3000, 150_000])
    deep = by.choice([b"[" * depth, b"[" * depth + b"]" * depth, b'{"a":' * depth, b"- " * depth, b"? " * depth])
    bomb = b"a0: &a0 [x]\n"
    for n in range(1, 12):
        bomb += b"a%d: &a%d [%s]\n" % (n, n, b", ".join([b"*a%d" % (n - 1)] * 9))
    return by.choice([deep, bomb, said + b"\n" + deep, said + b"\n" + bomb])


def ends(said: bytes, by: random.Random) -> bytes:
    return re.sub(rb"\n", lambda _: by.choice([b"\n", b"\r", b"\r\n", b"\n\n"]), said)


def other(said: bytes, by: random.Random) -> bytes:
    """Replace the whole file."""
    text = said.decode(errors="replace")
    wide = [
        text.encode("utf-16"),
        text.encode("latin-1", "replace"),
        gzip.compress(said),
        b"",
        b"\n",
        by.randbytes(300),
    ]
    return by.choice([*wide, json.dumps([text]).encode(), b"PK\x03\x04" + said[:200], said * 3])


WAYS: Sequence[Callable[[bytes, random.Random], bytes]] = (
    flip, truncate, insert, cut_out, repeat, revalue, revalue, revalue, rename, nest, ends, other,
)  # fmt: skip


def broken(said: bytes, seed: str) -> bytes:
    """Break a file in one to three ways."""
    by = random.Random(seed)
    for _ in range(by.choice([1, 1, 1, 2, 3])):
        said = by.choice(WAYS)(said, by)
    return said
