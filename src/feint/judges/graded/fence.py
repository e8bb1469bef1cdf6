"""Fence a text of a stranger: no part of it can pass for the words around the fence.

The fence's mark is a keyed hash of the sample's id and of the texts inside. A text would have to contain its own hash
to close its fence, and should one do so by chance, the next hash is taken. The same sample gets the same fence each
time, so that a provider's cache and a repeated study see the same prompt.
"""

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from itertools import count

KEY = b"feint.judges.fence.1"
"""Sets these hashes apart from all others. They cannot be guessed, because they cover the text itself."""

_BYTES = 6
# Strings that tokenizers read as control tokens wherever they stand: an open model that judges would obey them.
_CONTROL = re.compile(
    r"<(?=\s*[|｜])|<(?=\s*/?\s*(?:s|bos|eos|pad|unk|im_start|im_end|start_of_turn|end_of_turn|endoftext"
    r"|sys|tool_call|tool_response)\s*>)|<(?=<\s*/?\s*sys\s*>)",
    re.IGNORECASE,
)
_BRACKETED = re.compile(
    r"\[(?=\s*/?\s*(?:INST|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_RESULTS|TOOL_CALLS)\s*\])", re.IGNORECASE
)
_KEPT = "\n\t\u200c\u200d"
"""Line breaks, tabs, and the joiners that Persian, Indic scripts and emoji are spelled with."""
_UNSEEN = frozenset({"Cc", "Cf", "Co", "Cs"})


@dataclass(frozen=True)
class Fence:
    """A mark that no text inside the fence contains."""

    mark: str

    def wrap(self, name: str, text: str) -> str:
        """Put a text between two lines that carry its name and the mark.

        Raises:
            ValueError: The text contains the mark, so this fence was not made for it.
        """
        inside = disarm(text)
        if self.mark in _bare(inside):
            raise ValueError(f"the fence's mark stands in the {name}: make the fence of the texts that it is to hold")
        return f"[begin {name} {self.mark}]\n{inside}\n[end {name} {self.mark}]"


def make_fence(sample: str, *texts: str, key: bytes = KEY) -> Fence:
    """Make the fence for the texts of a sample.

    Args:
        sample: The sample's id.
        texts: All texts inside the fence.
        key: Key of the hash, at most 64 bytes.

    Returns:
        A fence of 12 hexadecimal digits, the same for the same arguments. No text contains its digits, in any case or
        width, and with any characters between them.
    """
    bare = [_bare(disarm(text)) for text in texts]
    for attempt in count():
        digest = hashlib.blake2b(key=key, digest_size=_BYTES)
        for part in (str(attempt), sample, *texts):
            written = part.encode("utf-8", "surrogatepass")
            digest.update(len(written).to_bytes(8, "big") + written)
        mark = digest.hexdigest()
        if not any(mark in text for text in bare):
            return Fence(mark)
    raise AssertionError("unreachable: no text holds every mark")


def disarm(text: str) -> str:
    """Replace the characters of a text that act instead of being read.

    Control, private and format characters (bidirectional overrides, invisible tag letters) and halves of characters
    become U+FFFD, so that they can be seen; the first bracket of a string that tokenizers take for a control token
    becomes another bracket. All other characters stay.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    if not text.isascii() or not text.isprintable():
        text = "".join("\ufffd" if _acts(c) else c for c in text)
    return _BRACKETED.sub("⟦", _CONTROL.sub("‹", text))


def _acts(character: str) -> bool:
    """Return True for a character that is not seen; supplementary variation selectors can spell hidden text, too."""
    if character in _KEPT:
        return False
    return unicodedata.category(character) in _UNSEEN or 0xE0100 <= ord(character) <= 0xE01EF


def _bare(text: str) -> str:
    """Return the letters and digits alone, in one case and width."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text).casefold())
