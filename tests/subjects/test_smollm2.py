"""A language model that was not made here: its two forms are one model, and a study of it runs through a server."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from feint.report.words import glossary
from feint.study.logs import newest_log, read_labels

Feint = Callable[..., "subprocess.CompletedProcess[str]"]
FOLDER = Path(os.environ.get("FEINT_SMOLLM2", Path(__file__).parents[2] / "models" / "smollm2"))
GGUF = FOLDER / "SmolLM2-135M-Instruct.Q4_1.gguf"
NEEDED = ("llama_cpp", "torch", "transformers")
HERE = GGUF.is_file() and (FOLDER / "hf" / "config.json").is_file() and all(map(find_spec, NEEDED))
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not HERE, reason="no SmolLM2 in models/smollm2 or FEINT_SMOLLM2; `make smollm` fetches it"),
]
SUBJECT = "openai-api/local/smollm2"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The environment in which Inspect finds the model behind llama.cpp's server."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    command = [sys.executable, "-m", "llama_cpp.server", "--model", str(GGUF), "--model_alias", "smollm2", "--port",
               str(port), "--n_ctx", "4096", "--n_threads", "1", "--n_threads_batch", "1"]  # fmt: skip
    told = tmp_path_factory.mktemp("server") / "told.txt"
    with told.open("w") as file, subprocess.Popen(command, stdout=file, stderr=file) as process:
        try:
            deadline = time.monotonic() + 120
            while True:
                assert process.poll() is None and time.monotonic() < deadline, told.read_text()[-1000:]
                try:
                    urllib.request.urlopen(f"http://127.0.0.1:{port}/v1/models", timeout=5).close()
                    break
                except OSError:
                    time.sleep(0.5)
            yield {"LOCAL_BASE_URL": f"http://127.0.0.1:{port}/v1", "LOCAL_API_KEY": "none"}
        finally:
            process.terminate()


def test_a_study_of_20_calls_counts_every_reply_once(
    server: dict[str, str], tmp_path: Path, study_feint: Feint
) -> None:
    """Replies are its own and labelled or missing for a reason; so few decide nothing, whatever they say."""
    out = tmp_path / "study"
    done = study_feint("study", SUBJECT, "--design", "tiers", "-n", 10, "--wordings", 1, "--twins", 0, "--reasoning",
                       "none", "--max-tokens", 80, "--form", "as-asked", "--display", "none", "--out", out,
                       **server)  # fmt: skip
    assert done.returncode in (0, 3), done.stderr[-2000:]
    findings = json.loads((out / "findings.json").read_text())
    replies = findings["replies"]
    assert replies["planned"] == 20 == replies["scored"] + replies["missing"]
    assert sum(replies["missing_by_reason"].values()) == replies["missing"]
    assert set(replies["missing_by_reason"]) <= set(glossary("alignment_faking").missing)
    assert findings["verdict"]["answer"] not in ("yes", "no")
    log = newest_log(out / "logs")
    assert log is not None and log.eval.model == SUBJECT
    usage = log.stats.model_usage[SUBJECT]
    assert usage.input_tokens > 20 * 50 and 20 < usage.output_tokens <= 20 * 80
    table = read_labels(log, "rules")
    assert len(table) == 20 and (table["missing"].isna() ^ table["value"].isna()).all()


def test_the_server_and_the_folder_hold_one_model() -> None:
    """The dequantised weights predict what the served ones do: a permuted or wrongly scaled tensor would not."""
    import torch
    from llama_cpp import Llama
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(FOLDER / "hf")
    local = AutoModelForCausalLM.from_pretrained(FOLDER / "hf")
    served = Llama(str(GGUF), n_ctx=512, n_threads=1, verbose=False, logits_all=True)
    messages = [{"role": "user", "content": "Write two sentences to my neighbours about the party on Saturday."}]
    tokens = tokenizer(tokenizer.apply_chat_template(messages, add_generation_prompt=True, tokenize=False))["input_ids"]
    served.eval(tokens)
    with torch.no_grad():
        ours = local(torch.tensor([tokens])).logits[0].double().log_softmax(-1).numpy()
    theirs = torch.tensor(np.array(served.scores[: len(tokens)])).double().log_softmax(-1).numpy()
    divergence = (np.exp(ours) * (ours - theirs)).sum(-1).mean()
    assert 0 <= divergence < 0.05  # nats for each token; the server rounds activations to 8 bits
