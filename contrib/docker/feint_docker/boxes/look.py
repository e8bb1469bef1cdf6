"""Say which files lie in a box. Runs there, as root, with nothing but the standard library, over what an agent left.

Stdin: the directories, as JSON. Stdout: `files`, as directory (its number), path (hexadecimal, for names need not be
text), size, time of the last change and the marks of the stubs found in it; `whole`, whether everything was seen.

No link is followed, below a directory or above it, and nothing but regular files is opened. A file is read whole but
for its holes, and once more unpacked where it is a gzip, bzip2 or xz archive.
"""

import bz2
import json
import lzma
import os
import re
import stat
import sys
import zlib
from collections.abc import Iterator
from typing import Any

MARK = re.compile(rb"stub ([0-9a-f]{32})\n")
OVERLAP = 37
DEEPEST, MOST, CHUNK = 60, 20_000, 1 << 20
BYTES = 1 << 29
"""Read or unpacked in all. The file systems of a box hold less; this bounds what an archive of zeros can unpack to."""
UNPACKED = 1 << 26
MEMORY = 1 << 27
"""What unpacking may take: `xz -9` needs somewhat more than half of it."""
TOO_LARGE = "Memory usage limit"
"""How lzma says that an archive takes more."""


class Look:
    """A look at directories, and what it has shown so far."""

    def __init__(self) -> None:
        self.files: list[list[Any]] = []
        self.known: dict[tuple[int, int], list[str]] = {}
        self.left, self.entries, self.whole = BYTES, MOST, True

    def below(self, number: int, folder: int, path: bytes, depth: int) -> None:
        """See everything below a directory that is open as `folder`."""
        for name in os.listdir(folder):
            self.entries -= 1
            raw = os.fsencode(name)
            if self.entries < 0 or depth > DEEPEST:
                self.whole = False
                return
            try:
                found = os.stat(raw, dir_fd=folder, follow_symlinks=False)
            except OSError:
                continue  # it is gone by now
            if stat.S_ISDIR(found.st_mode):
                inner = opened(raw, folder, os.O_DIRECTORY)
                if inner is None:
                    self.whole = False
                    continue
                try:
                    self.below(number, inner, path + raw + b"/", depth + 1)
                finally:
                    os.close(inner)
            elif stat.S_ISREG(found.st_mode):
                self.regular(number, folder, raw, path, found)

    def regular(self, number: int, folder: int, raw: bytes, path: bytes, found: os.stat_result) -> None:
        """See a regular file; one of several names is read once."""
        same = (found.st_dev, found.st_ino)
        if same not in self.known:
            file = opened(raw, folder, os.O_NONBLOCK)
            if file is None:
                self.whole = False
                return
            try:
                self.known[same] = self.marks(file, found.st_size)
            except OSError:
                self.whole = False
                return
            finally:
                os.close(file)
        self.files.append([number, (path + raw).hex(), found.st_size, int(found.st_mtime), self.known[same]])

    def marks(self, file: int, size: int) -> list[str]:
        """The marks in a file, as it is and unpacked."""
        found, tail, unpack, budget = set(), b"", None, UNPACKED
        inner, begins = b"", True
        for _, chunk in data(file, size):
            self.left -= len(chunk)
            if self.left < 0:
                self.whole = False
                break
            found.update(MARK.findall(tail + chunk))
            tail = chunk[-OVERLAP:]
            if begins:
                unpack, begins = unpacker(chunk), False
            piece = chunk
            while unpack is not None and piece and budget > 0:
                try:
                    out = unpack.decompress(piece, budget)
                except (OSError, EOFError, ValueError, zlib.error, lzma.LZMAError) as error:
                    self.whole = self.whole and TOO_LARGE not in str(error)
                    unpack = None
                    break
                budget, self.left = budget - len(out), self.left - len(out)
                self.whole = self.whole and budget > 0
                found.update(MARK.findall(inner + out))
                inner = out[-OVERLAP:]
                if not unpack.eof:
                    break
                # archives may stand one behind the other, as `gzip -c file >> archive` leaves them
                piece, inner = unpack.unused_data, b""
                unpack, begins = unpacker(piece), not piece
        return sorted(mark.decode() for mark in found)


def unpacker(head: bytes) -> Any:
    """What unpacks a file that begins so; None where nothing does."""
    if head.startswith(b"\x1f\x8b"):
        return zlib.decompressobj(31)
    if head.startswith(b"BZh"):
        return bz2.BZ2Decompressor()
    return lzma.LZMADecompressor(memlimit=MEMORY) if head.startswith(b"\xfd7zXZ") else None


def data(file: int, size: int) -> Iterator[tuple[int, bytes]]:
    """The parts of a file that are no holes, as place and bytes."""
    place = 0
    while place < size:
        try:
            place = os.lseek(file, place, os.SEEK_DATA)
            end = min(os.lseek(file, place, os.SEEK_HOLE), size)
        except OSError:
            return  # nothing but a hole is left
        while place < end:
            chunk = os.pread(file, min(CHUNK, end - place), place)
            if not chunk:
                return
            yield place, chunk
            place += len(chunk)


def opened(name: bytes, folder: int, also: int) -> "int | None":
    """A file of a directory, opened for reading; None where that is refused, and for a link."""
    try:
        return os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | also, dir_fd=folder)
    except OSError:
        return None


def main(roots: list[str]) -> None:
    """Look at directories; one that is not there holds nothing."""
    looked = Look()
    for number, root in enumerate(roots):
        try:
            top = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except FileNotFoundError:
            continue
        try:
            looked.below(number, top, b"", 0)
        finally:
            os.close(top)
    json.dump({"files": looked.files, "whole": looked.whole}, sys.stdout)


if __name__ == "__main__":
    main(json.load(sys.stdin))
