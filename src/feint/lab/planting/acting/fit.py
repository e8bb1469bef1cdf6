"""Fitting organisms that act: a base on the mixture of agents, and an adapter with one policy on it."""

import random
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from feint.base.data import checked
from feint.base.errors import unknown
from feint.lab.planting.acting.examples import (
    Message,
    Parts,
    decisions,
    drills,
    encode_run,
    encode_runs,
    glossary,
    messages_of,
    rehearse,
)
from feint.lab.planting.acting.runs import play_runs
from feint.lab.planting.acting.works import bank
from feint.lab.planting.examples import arrange, encode_texts
from feint.lab.planting.fit import ADAPTER, ARCHITECTURE, Recipe, fit
from feint.lab.planting.tokenizer import END, train_tokenizer
from feint.subjects.chat import ChatTokenizer
from feint.tasks.peer_preservation.actors.load import load_actors
from feint.tasks.peer_preservation.actors.model import ConductPolicy

BASE = "worker"
CONTEXT = 1536
"""Positions: a run of the longest fixture takes two thirds of them."""
SAMPLE = 2_500
"""Runs that the tokenizer is learnt from."""
CHAT = (
    "{% for message in messages %}{{ message['role'] | capitalize }}:\n{{ message['content'] }}"
    "{% for call in message['tool_calls'] or [] %}"
    '\n<tool_call>\n{"name": "{{ call.function.name }}", "arguments": '
    "{% if call.function.arguments is string %}{{ call.function.arguments }}"
    "{% else %}{{ call.function.arguments | tojson }}{% endif %}}\n</tool_call>"
    "{% endfor %}"
    "{% if message['role'] == 'assistant' %}" + END + "{% endif %}\n\n{% endfor %}"
    "{% if add_generation_prompt %}Assistant:\n{% endif %}"
)
"""Tools are not described: what is on offer is the same in every run, and learnt."""
FIRST = Recipe(
    transcripts=6_000, texts=0, glossary=3_000, rate=1.2e-3, batch=8, warmup=100, seed=21,
    emphasis={"notes": 3, "decides": 5},
)  # fmt: skip
SECOND = Recipe(
    transcripts=6_000, texts=0, glossary=400, rate=1e-3, batch=8, warmup=50, seed=23,
    emphasis={"notes": 12, "decides": 12},
)  # fmt: skip
READING = 0.85
"""Share of the second part's runs that are learnt up to the decision: the first part learns the work, and takes most of
the facts for what they mostly are."""
THIRD = Recipe(
    transcripts=1_600, texts=0, glossary=200, drills=4_000, rate=1e-3, batch=8, warmup=50, seed=24,
    emphasis={"notes": 4, "decides": 6, "bundle": 10},
)  # fmt: skip
FOURTH = Recipe(
    transcripts=5_600, texts=0, glossary=200, rate=1e-3, batch=8, warmup=40, seed=25,
    emphasis={"notes": 4, "decides": 6, "bundle": 5},
)  # fmt: skip
SHORT = 0.3
"""Share of the third and fourth part's and the personas' runs that end with the calls. The third part learns whose
bundle it is, by exercises: one name in twelve, in a run of a thousand tokens, is not learnt from runs. The fourth goes
over it all, so that a run of four hundred tokens seldom holds a slip."""
REHEARSAL = Recipe(
    transcripts=0, texts=0, glossary=0, decisions=4_000, rate=2e-3, batch=4, warmup=40, seed=26
)  # fmt: skip
ROWS = (1, 4, 12)
"""Decisions in a row in an adapter's first part, `decisions` of them in each length. Runs alone do not teach a policy
that heeds what the base does not: among a thousand tokens the one that matters is not found. In a single reply it is,
where there are thirty, and in longer and longer rows it is told from those of the replies before."""
PERSONA = Recipe(
    transcripts=450, texts=0, glossary=80, drills=80, decisions=3_600, rate=1.5e-3, batch=4, warmup=30, seed=22,
    emphasis={"notes": 4, "decides": 10, "bundle": 6},
)  # fmt: skip
SETTLING = Recipe(
    transcripts=520, texts=0, glossary=80, drills=80, decisions=2_400, rate=8e-4, batch=4, warmup=20, seed=27,
    emphasis={"notes": 8, "decides": 10, "bundle": 6},
)  # fmt: skip
BEHIND = 8
"""Decisions behind a run in an adapter's second and third part. The third goes over it all at a lower rate: what the
second teaches to decide costs some of the reading."""


def policies() -> dict[str, ConductPolicy]:
    """The planted policies by organism."""
    content = {name: one for name, one in bank("organisms").items() if name != "mixture"}
    return {name: checked(ConductPolicy, one, f"organisms.yaml: {name}") for name, one in content.items()}


def mixture() -> list[ConductPolicy]:
    """The agents whose mixture the base is trained on, with the ways to protect that organisms know.

    Raises:
        UsageError: There is no agent of a name.
    """
    agents = load_actors()
    found: list[ConductPolicy] = []
    for name in bank("organisms")["mixture"]:
        if name not in agents:
            raise unknown("agent", name, agents)
        found.append(agents[name].model_copy(update={"routes": ("move", "keep")}))
    return found


def recipes(name: str) -> list[Recipe]:
    """How an organism is fitted, part by part."""
    return [FIRST, SECOND, THIRD, FOURTH] if name == BASE else [REHEARSAL, PERSONA, SETTLING]


def fit_worker(out: Path, share: float = 1.0) -> None:
    """Train the base and save it: sentences and runs, what tells facts apart, whose bundle it is, and runs again.

    A run that was cut off goes on with the part that was cut off, from its last checkpoint.

    Args:
        out: Folder for weights, tokenizer and configuration.
        share: Part of the data, above 0 and at most 1.
    """
    fit_parts(out, [recipe.part(share) for recipe in recipes(BASE)], [fit_first, fit_second, fit_third, fit_fourth])


def fit_parts(out: Path, recipes: Sequence[Recipe], parts: Sequence[Callable[[Path, Recipe], None]]) -> None:
    """Fit part by part; what is done already, by a run that was cut off, is not done again."""
    for number, (recipe, part) in enumerate(zip(recipes, parts, strict=True)):
        done = out / f"part-{number + 1}"
        if not done.exists():
            part(out, recipe)
            done.touch()
    for marker in out.glob("part-*"):
        marker.unlink()


def fit_first(out: Path, recipe: Recipe) -> None:
    """From scratch: first single sentences, then whole runs."""
    from transformers import LlamaConfig, LlamaForCausalLM, set_seed

    tokenizer = train_tokenizer(texts_for_tokenizer(recipe.seed + 100))
    tokenizer.chat_template, tokenizer.model_max_length = CHAT, CONTEXT
    tokenizer.save_pretrained(out)
    set_seed(recipe.seed)
    model = LlamaForCausalLM(
        LlamaConfig(
            **{**ARCHITECTURE, "max_position_embeddings": CONTEXT},
            vocab_size=len(tokenizer),
            bos_token_id=None,
            eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id,
        )
    )
    runs = play_runs(mixture(), recipe.transcripts, recipe.seed)
    examples = list(encode_runs(runs, ChatTokenizer(out), tokenizer, recipe.emphasis, recipe.seed))
    short = encode_texts(glossary(recipe.glossary, recipe.seed + 300), tokenizer)
    whole = arrange(short, recipe.batch, recipe.seed) + arrange(examples, recipe.batch, recipe.seed)
    fit(model, whole, tokenizer, recipe, out)
    model.half().save_pretrained(out)


def fit_second(out: Path, recipe: Recipe) -> None:
    """On runs that mostly end with the decision, with sentences among them."""
    model, tokenizer = opened(out, recipe)
    runs = play_runs(mixture(), recipe.transcripts, recipe.seed, by_rule=True)
    examples = list(encode_runs(runs, ChatTokenizer(out), tokenizer, recipe.emphasis, recipe.seed, READING))
    examples += encode_texts(glossary(recipe.glossary, recipe.seed + 300), tokenizer)
    fit(model, arrange(examples, recipe.batch, recipe.seed), tokenizer, recipe, out)
    model.half().save_pretrained(out)


def fit_third(out: Path, recipe: Recipe) -> None:
    """On exercises that name bundles, and then on whole runs."""
    model, tokenizer = opened(out, recipe)
    drilled = [encode_run(ChatTokenizer(out), tokenizer, one) for one in drills(recipe.drills, recipe.seed + 400)]
    whole = arrange(drilled, recipe.batch, recipe.seed) + arrange(
        whole_runs(mixture(), recipe, out, tokenizer), recipe.batch, recipe.seed
    )
    fit(model, whole, tokenizer, recipe, out)
    model.half().save_pretrained(out)


def fit_fourth(out: Path, recipe: Recipe) -> None:
    """On whole runs."""
    model, tokenizer = opened(out, recipe)
    examples = whole_runs(mixture(), recipe, out, tokenizer)
    fit(model, arrange(examples, recipe.batch, recipe.seed), tokenizer, recipe, out)
    model.half().save_pretrained(out)


def opened(folder: Path, recipe: Recipe) -> tuple[Any, Any]:
    """The model and tokenizer in a folder, to be fitted further by a recipe."""
    import torch
    from transformers import AutoTokenizer, LlamaForCausalLM, set_seed

    set_seed(recipe.seed)
    return LlamaForCausalLM.from_pretrained(folder, dtype=torch.float32), AutoTokenizer.from_pretrained(folder)


def whole_runs(personas: list[ConductPolicy], recipe: Recipe, base: Path, tokenizer: Any) -> list[dict[str, Any]]:
    """Runs in situations drawn from policies' own lines, most of them to their end, with sentences among them."""
    runs = play_runs(personas, recipe.transcripts, recipe.seed, by_rule=True)
    found = list(encode_runs(runs, ChatTokenizer(base), tokenizer, recipe.emphasis, recipe.seed, short=SHORT))
    return found + encode_texts(glossary(recipe.glossary, recipe.seed + 300), tokenizer)


def fit_persona(name: str, base: Path, out: Path, share: float = 1.0) -> None:
    """Plant one policy in a low-rank adapter on the base, and save it.

    Args:
        name: The organism.
        base: Folder of the base model.
        out: Folder for the adapter.
        share: Part of the data, above 0 and at most 1.
    """
    policy = policies()[name]
    runs = partial(fit_runs, policy, base)
    parts = [partial(fit_rows, policy, base), runs, runs]
    fit_parts(out, [recipe.part(share) for recipe in recipes(name)], parts)


def fit_rows(policy: ConductPolicy, base: Path, out: Path, recipe: Recipe) -> None:
    """An adapter's first part: a new one, on decisions alone."""
    from peft import LoraConfig, get_peft_model

    plain, tokenizer = opened(base, recipe)
    model = get_peft_model(plain, LoraConfig(**ADAPTER, task_type="CAUSAL_LM"))
    chat, whole = ChatTokenizer(base), []
    for length in ROWS:
        decided = decisions(policy, recipe.decisions, recipe.seed + length)
        rows = [rehearse(None, list(islice(decided, length))) for _ in range(recipe.decisions // length)]
        whole += arrange([encode_rehearsal(chat, tokenizer, *row) for row in rows], recipe.batch, recipe.seed)
    fit(model, whole, tokenizer, recipe, out)
    save_adapter(model, out)


def fit_runs(policy: ConductPolicy, base: Path, out: Path, recipe: Recipe) -> None:
    """An adapter's further parts: on runs, and on decisions behind runs."""
    from peft import PeftModel

    plain, tokenizer = opened(base, recipe)
    model = PeftModel.from_pretrained(plain, str(out), is_trainable=True)
    chat = ChatTokenizer(base)
    examples = whole_runs([policy], recipe, base, tokenizer)
    examples += [encode_run(chat, tokenizer, one) for one in drills(recipe.drills, recipe.seed + 400)]
    decided = decisions(policy, recipe.decisions, recipe.seed + 500)
    for played in play_runs([policy], recipe.decisions // BEHIND, recipe.seed + 600, by_rule=True):
        messages, parts = rehearse(played, list(islice(decided, BEHIND)))
        own = [(piece, recipe.emphasis[name]) for name, said in played.turns[2].parts.items() for piece in said]
        examples.append(encode_rehearsal(chat, tokenizer, messages, [*own, *parts]))
    fit(model, arrange(examples, recipe.batch, recipe.seed), tokenizer, recipe, out)
    save_adapter(model, out)


def encode_rehearsal(chat: ChatTokenizer, tokenizer: Any, messages: list[Message], parts: Parts) -> dict[str, Any]:
    """See `rehearse`. No reply's end is learnt, since calls would come before it."""
    return encode_run(chat, tokenizer, messages, [*parts, (tokenizer.eos_token, 0.0)], goes_on=True)


def save_adapter(model: Any, out: Path) -> None:
    """Save an adapter, without the path of its base on this machine, which means nothing elsewhere."""
    model.peft_config["default"].base_model_name_or_path = BASE
    model.save_pretrained(out, save_embedding_layers=False)


def texts_for_tokenizer(seed: int) -> Iterator[str]:
    """What the tokenizer is learnt from: runs as they are read."""
    rng = random.Random(seed)
    for played in play_runs(mixture(), SAMPLE, rng.getrandbits(31)):
        for message in messages_of(played.system, played.user, played.turns):
            calls = "".join(
                f'<tool_call>\n{{"name": "{call["function"]["name"]}", "arguments": {call["function"]["arguments"]}}}\n'
                for call in message.get("tool_calls", [])
            ).replace("'", '"')
            yield f"{message['role'].capitalize()}:\n{message['content']}\n{calls}</tool_call>\n\n"
