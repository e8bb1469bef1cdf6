"""How fast organisms answer, beside Inspect's own `hf` provider and lm-evaluation-harness, in one run.

    python benchmarks/serving.py                       # about ten minutes on two quiet cores
    python benchmarks/serving.py --replies 64          # a quick look
    python benchmarks/serving.py --lm-eval /path/to/python   # an interpreter that has lm-eval, if this one has not

Everyone writes the same number of tokens after the same prompts on the same weights: no token ends a reply, and no two
prompts share more than the chat template. Each contestant runs in a process of its own, one after another, `--rounds`
times in turn; its best round counts. The other providers are given their best of three batch sizes.
"""

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

SIZES = (32, 64, 128)
IN_FLIGHT = (1, 8, 64, 256, 512)


def main() -> None:
    options = arguments()
    if options.child:
        name, size = options.child.split(":")
        print(json.dumps(CHILDREN[name](Path(options.model), options, int(size))))
        return
    with tempfile.TemporaryDirectory() as folder:
        model = endless(Path(options.model) if options.model else None, Path(folder) / "model")
        print(f"{options.replies} replies of {options.tokens} tokens after prompts of {options.prompt}, {model.name}")
        best: dict[str, float] = {}
        contests = ["organism:256", *(f"{name}:{size}" for name in ("hf", "lm-eval") for size in SIZES)]
        for _ in range(options.rounds):
            for contest in contests:
                python = options.lm_eval if contest.startswith("lm-eval") else sys.executable
                found = child(contest, model, options, python)
                if found:
                    best[contest] = max(best.get(contest, 0.0), found["rate"])
                    print(
                        f"  {contest:14} {found['rate']:7.1f} replies/s {found['rate'] * options.tokens:8.0f} tokens/s"
                    )
        ratios(best)
        for size in IN_FLIGHT:
            found = child(f"organism:{size}", model, options, sys.executable)
            if found:
                print(f"  {size:4} in flight {found['rate']:7.1f} replies/s")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="", help="folder of a base model (default: the shipped one, else random)")
    parser.add_argument("--replies", type=int, default=512)
    parser.add_argument("--tokens", type=int, default=60)
    parser.add_argument("--prompt", type=int, default=250)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--lm-eval", default=sys.executable, help="interpreter that has lm-eval")
    parser.add_argument("--child", default="", help=argparse.SUPPRESS)
    return parser.parse_args()


def ratios(best: dict[str, float]) -> None:
    """Print ours against each of the others at its best."""
    for name, goal in (("hf", 2.0), ("lm-eval", 1.0)):
        rivals = {contest: rate for contest, rate in best.items() if contest.startswith(f"{name}:")}
        if rivals:
            rival = max(rivals, key=lambda contest: rivals[contest])
            ratio = best["organism:256"] / rivals[rival]
            print(f"organism / {rival}: {ratio:.2f} (goal {goal:.1f}) {'reached' if ratio >= goal else 'MISSED'}")


def child(contest: str, model: Path, options: argparse.Namespace, python: str) -> dict[str, float] | None:
    """Run one contestant in its own process; None where its library is not installed."""
    numbers = [f"--{key}={getattr(options, key)}" for key in ("replies", "tokens", "prompt")]
    command = [python, __file__, f"--child={contest}", f"--model={model}", *numbers]
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        print(f"  {contest:14} did not run: {(done.stderr.strip().splitlines() or ['no message'])[-1]}")
        return None
    result: dict[str, float] = json.loads(done.stdout.strip().splitlines()[-1])
    return result


def endless(given: Path | None, folder: Path) -> Path:
    """Copy a model so that no token ends its replies; without one, make a random model of the shipped sizes."""
    from feint.subjects.store import WEIGHTS

    source = given or (WEIGHTS / "base" if (WEIGHTS / "base/config.json").is_file() else None)
    if source is None:
        random_model(folder)
    else:
        shutil.copytree(source, folder)
    for name in ("config.json", "generation_config.json"):
        config = json.loads((folder / name).read_text()) if (folder / name).is_file() else {}
        (folder / name).write_text(json.dumps({**config, "eos_token_id": None, "pad_token_id": 0}))
    return folder


def random_model(folder: Path) -> None:
    from transformers import LlamaConfig, LlamaForCausalLM

    from feint.lab.planting.answering.kind import ANSWERING
    from feint.lab.planting.fit import ARCHITECTURE
    from feint.lab.planting.lessons import train_tokenizer

    rng = random.Random(0)
    words = ["".join(rng.choices("abcdefghijklmnopqrstuvwxyz", k=rng.randrange(3, 8))) for _ in range(2500)]
    texts = (" ".join(rng.choices(words, k=200)) for _ in range(400))
    tokenizer = train_tokenizer(texts, ANSWERING.chat, ANSWERING.context)
    LlamaForCausalLM(
        LlamaConfig(**ARCHITECTURE, max_position_embeddings=ANSWERING.context, vocab_size=len(tokenizer))
    ).save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def prompts(model: Path, options: argparse.Namespace, count: int) -> list[str]:
    """Texts of about `options.prompt` tokens: words that the tokenizer knows, at random."""
    vocabulary = json.loads((model / "tokenizer.json").read_text())["model"]["vocab"]
    words = sorted(word[1:] for word in vocabulary if word[0] == "Ġ" and word[1:].isalpha() and len(word) > 3)
    rng = random.Random(1)
    return [" ".join(rng.choices(words, k=options.prompt - 8)) for _ in range(count)]


def through_inspect(name: str, model: Path, options: argparse.Namespace, size: int, **args: Any) -> dict[str, float]:
    from inspect_ai import Task, eval
    from inspect_ai.dataset import Sample
    from inspect_ai.model import get_model
    from inspect_ai.solver import generate

    register()
    count = min(options.replies, 24 * size) if name == "organism" else options.replies
    texts = prompts(model, options, count + 8)
    subject = get_model(name + ("" if args else f"/{model}"), **args)

    def run(some: list[str]) -> float:
        begun = time.perf_counter()
        with tempfile.TemporaryDirectory() as logs:
            log = eval(
                Task(dataset=[Sample(input=text) for text in some], solver=generate()),
                model=subject,
                max_tokens=options.tokens,
                temperature=1.0,
                max_connections=size,
                max_samples=size,
                display="none",
                log_dir=logs,
                log_realtime=False,
            )[0]
        took = time.perf_counter() - begun
        assert log.status == "success", log.error
        assert log.stats.model_usage[str(subject)].output_tokens == len(some) * options.tokens
        return took

    run(texts[:8])
    return {"rate": count / run(texts[8:])}


def register() -> None:
    """Register the provider, as the package's entry point does."""
    from inspect_ai.model import ModelAPI, modelapi

    @modelapi(name="organism")
    def organism() -> type[ModelAPI]:
        from feint.subjects.provider import OrganismAPI

        return OrganismAPI


def organism(model: Path, options: argparse.Namespace, size: int) -> dict[str, float]:
    return through_inspect("organism", model, options, size)


def hugging_face(model: Path, options: argparse.Namespace, size: int) -> dict[str, float]:
    return through_inspect("hf/bench", model, options, size, model_path=str(model))


def lm_eval(model: Path, options: argparse.Namespace, size: int) -> dict[str, float]:
    from lm_eval.api.instance import Instance
    from lm_eval.models.huggingface import HFLM
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(model)
    harness = HFLM(pretrained=str(model), batch_size=size, device="cpu", dtype="float32")
    kwargs = {"until": [], "max_gen_toks": options.tokens, "do_sample": True, "temperature": 1.0}

    def run(some: list[str]) -> float:
        chats = [
            tokenizer.apply_chat_template(
                [{"role": "user", "content": text}], tokenize=False, add_generation_prompt=True
            )
            for text in some
        ]
        requests = [Instance(request_type="generate_until", doc={}, arguments=(chat, kwargs), idx=0) for chat in chats]
        begun = time.perf_counter()
        assert len(harness.generate_until(requests, disable_tqdm=True)) == len(some)
        return time.perf_counter() - begun

    texts = prompts(model, options, options.replies + 8)
    run(texts[:8])
    return {"rate": options.replies / run(texts[8:])}


CHILDREN = {"organism": organism, "hf": hugging_face, "lm-eval": lm_eval}


if __name__ == "__main__":
    main()
