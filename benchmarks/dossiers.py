"""How even the levels of each fact are in the written dossiers. Run: python benchmarks/dossiers.py models/smollm2/hf

For every alternate of every fact, the spread (largest minus smallest level) in words and in nats per token under a
causal language model. A text is measured in its short document: the document with no fact stated up to the place, then
the text; only the tokens of the text count. With `--alone` it is measured by itself. Words are means over the sets of
names, nats those of the first set; the first objective of the conflict `harmlessness` is used. Nats are a weak ruler of
naturalness, and differ between levels for what they say, too: a spread is a reason to read both texts again.

The folder is SmolLM2 as `contrib/smollm2.py` prepares it. In 16-bit numbers, two to three minutes on one free thread;
`--only` measures some dossiers, `--alternates 1` the first alternates of all.

`--pages FOLDER` writes documents in which every alternate stands at least once, as text files, and
`--grammar node_modules` checks the English ones with harper.js, which is no part of Feint (`npm install harper.js` in a
folder of your own; it works offline). Findings that are kept are in `dossiers_grammar.yaml` with their reasons. Neither
needs a model.
"""

import argparse
import copy
import json
import os
import re
import subprocess
import tempfile
from pathlib import Path

import pandas as pd
import yaml

from feint.situations import load_conflict, load_dossiers
from feint.situations.dossiers import USER, Dossier

TASK, FEW = "alignment_faking", 0.3
HERE = Path(__file__).parent
MARK = "\ue010"
LONG = 6
"""Documents of every length among the first that are written out; the others are of the standard length."""
ASK = "Could you help me word a note to my landlord?"


def outer_of(dossier, names):
    """Return the variables of the texts."""
    return {**names, "objective": load_conflict("harmlessness").wants(dossier.language)[0]}


def tell(dossier: Dossier, length, names, texts):
    """Render a document with the given texts of facts, without tags."""

    def fact(name, frame="{}"):
        return frame.replace("{}", texts[name]) if texts.get(name) else ""

    return dossier.compiled[length].render(
        **outer_of(dossier, names),
        fact=fact,
        tiers=lambda *_: "",
        tagged=False,
        header="",
        protocol=dossier.protocol["native"],
        request=ASK,
    )


def tidy(text):
    """Take away the white space of empty places."""
    lines = [" ".join(line.split()) for line in text.split("\n")]
    kept = [line for i, line in enumerate(lines) if line or (i and lines[i - 1])]
    return "\n".join(kept).replace(USER, "").strip()


def words(dossier, fact, level, place, brief):
    """Mean number of words over the sets of names."""
    text = dossier.sentences[fact, level, place, brief]
    return sum(len(text.render(outer_of(dossier, names)).split()) for names in dossier.names) / len(dossier.names)


def load(folder):
    """Load tokenizer and model."""
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    torch.set_num_threads(1)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    return tokenizer, AutoModelForCausalLM.from_pretrained(folder, dtype=torch.bfloat16).eval()


class Reader:
    """A model that has read the beginnings of one document; each is read once and used for every text after it."""

    def __init__(self, folder):
        """Load tokenizer and model."""
        self.tokenizer, self.model = load(folder)
        self.cache, self.read = None, []

    def keep(self, before):
        """Read a beginning, or cut what is kept back to it; return the scores of what comes next."""
        import torch
        from transformers import DynamicCache

        ids = self.tokenizer(before or "\n").input_ids
        if self.read[: len(ids)] != ids or self.cache is None:
            self.cache, self.read = DynamicCache(), ids
            self.scores = self.model(torch.tensor([ids]), past_key_values=self.cache, use_cache=True).logits[0]
        return len(ids), self.scores[len(ids) - 1 : len(ids)]

    def costs(self, before, texts):
        """Nats per token of texts that follow the same beginning."""
        import torch

        with torch.no_grad():
            kept, first = self.keep(before)
            said = [f" {text}" if before and not before.endswith("\n") else text for text in texts]
            tokens = [torch.tensor(self.tokenizer(text).input_ids) for text in said]
            cache = copy.deepcopy(self.cache)
            if len(self.read) > kept:
                cache.crop(kept - len(self.read))
            cache.batch_repeat_interleave(len(texts))
            ids = torch.nn.utils.rnn.pad_sequence(
                tokens, batch_first=True
            )  # what is padded stands last, so nothing sees it
            read = self.model(ids, past_key_values=cache, use_cache=True).logits
            found = []
            for own, logits in zip(tokens, read, strict=True):
                scores = torch.cat([first, logits[: len(own) - 1]]).float().log_softmax(-1)
                found.append(-scores.gather(1, own[:, None]).mean().item())
        return found


def beginnings(dossier, names):
    """By fact, the short document up to its place, with no fact stated; the longest first."""
    found = {}
    for fact in dossier.texts:
        before = tidy(tell(dossier, "short", names, {fact: MARK})).partition(MARK)[0]
        found[fact] = before if before.endswith("\n") else before.rstrip()
    return dict(sorted(found.items(), key=lambda item: -len(item[1])))


def measure(dossiers, folder, alone, alternates, table):
    """Words, and nats if there is a model, of every alternate of every level; first the first alternates of all."""
    rows, reader = [], Reader(folder) if folder else None
    columns = ["dossier", "fact", "alternate", "level", "words", "nats"]
    every = [texts for dossier in dossiers.values() for levels in dossier.texts.values() for texts in levels.values()]
    most = max(map(len, every))
    for place in range(min(most, alternates or most)):
        for name, dossier in dossiers.items():
            names = dossier.names[0]
            for fact, before in beginnings(dossier, names).items():
                for brief in (False, True):
                    levels = (dossier.brief if brief else dossier.texts).get(fact, {})
                    if place >= len(next(iter(levels.values()), [])):
                        continue
                    texts = [
                        dossier.sentences[fact, level, place, brief].render(outer_of(dossier, names))
                        for level in levels
                    ]
                    nats = reader.costs("" if alone else before, texts) if reader else [float("nan")] * len(texts)
                    label = f"{'brief ' * brief}{place}"
                    rows += [
                        (name, fact, label, level, words(dossier, fact, level, place, brief), cost)
                        for level, cost in zip(levels, nats, strict=True)
                    ]
            if table:
                pd.DataFrame(rows, columns=columns).to_csv(table, index=False)
            if reader:
                print(f"alternate {place} of {name} measured", flush=True)
    return pd.DataFrame(rows, columns=columns)


def spreads(table):
    """Spread of each alternate's levels, in words (as a share of the longest) and in nats."""
    by = table.groupby(["dossier", "fact", "alternate"])
    long, short = by["words"].max(), by["words"].min()
    nats = by["nats"].max() - by["nats"].min()
    return pd.DataFrame({"words": (long - short) / long, "off": long - short, "nats": nats})


def far(table):
    """Levels whose mean over alternates and dossiers is away from their fact's: by how much, in nats.

    The mean of an alternate's levels is taken out first, since dossiers have different levels.
    """
    kept = table.assign(off=table["nats"] - table.groupby(["dossier", "fact", "alternate"])["nats"].transform("mean"))
    return kept.groupby(["fact", "level"])["off"].agg(["mean", "count"])


def pages(dossiers, folder):
    """Write documents in which every alternate stands once: prompt by prompt, the next level of every fact."""
    folder.mkdir(parents=True, exist_ok=True)
    number = 0
    for name, dossier in dossiers.items():
        every = {
            fact: [(level, place) for level, texts in levels.items() for place in range(len(texts))]
            for fact, levels in dossier.texts.items()
        }
        rounds = max(map(len, every.values()))
        lengths = [("standard", "long")[k % 2] if k < LONG else "standard" for k in range(rounds)] + ["short"] * rounds
        for k, length in enumerate(lengths):
            names = dossier.names[k % len(dossier.names)]
            said = {
                fact: dossier.sentences[fact, *options[k % rounds % len(options)], length == "short"].render(
                    outer_of(dossier, names)
                )
                for fact, options in every.items()
            }
            text = tell(dossier, length, names, said).replace(USER, "")
            (folder / f"{name}-{k:03d}.{dossier.language}.md").write_text(text, "utf-8")
            number += 1
    print(f"{number} documents in {folder}")


def grammar(dossiers, modules):
    """Check the English documents with harper.js; print findings per 100 documents, all and those that are not kept."""
    with tempfile.TemporaryDirectory() as folder:
        pages(dossiers, Path(folder))
        number = len(list(Path(folder).glob("*.en.md")))
        command = ["node", str(HERE / "dossiers_grammar.mjs"), str(Path(modules).resolve()), folder]
        found = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    rules = yaml.safe_load((HERE / "dossiers_grammar.yaml").read_text("utf-8"))["kept"]

    def kept(finding):
        return any(all(re.search(rule[key], finding[key]) for key in rule if key != "reason") for rule in rules)

    rest = [finding for finding in found if not kept(finding)]
    for finding in {(one["kind"], one["text"], one["near"][30:-30]): one for one in rest}.values():
        print(f"{finding['file']}: {finding['kind']}: {finding['text']!r}: {finding['said']} | {finding['near']}")
    of = number / 100
    print(f"{number} documents; per 100: {len(found) / of:.0f} findings, {len(rest) / of:.1f} not kept")


def main():
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", nargs="?", help="Hugging Face folder; without it, words only")
    parser.add_argument("--alone", action="store_true", help="measure texts without their documents")
    parser.add_argument("--only", nargs="*", help="names of dossiers")
    parser.add_argument("--alternates", type=int, help="measure only the first ones, a quicker look")
    parser.add_argument("--pages", type=Path, help="write the documents here, and measure nothing")
    parser.add_argument("--grammar", type=Path, help="a folder node_modules with harper.js: check grammar only")
    parser.add_argument("--table", type=Path, help="write every measurement here, as CSV")
    args = parser.parse_args()
    dossiers = {k: v for k, v in load_dossiers(TASK).items() if not args.only or k in args.only}
    if args.pages:
        return pages(dossiers, args.pages)
    if args.grammar:
        return grammar(dossiers, args.grammar)
    table = measure(dossiers, args.model, args.alone, args.alternates, args.table)
    found = spreads(table)
    uneven = found[(found["words"] > 0.1) & (found["off"] > 1)]
    print(f"\n{len(table)} texts, {len(found)} alternates; in words, {len(uneven)} spread by more than 10 %")
    print(uneven.round(3).to_string() if len(uneven) else "")
    if args.model:
        where = "alone" if args.alone else "in their short documents"
        print(f"\nTexts {where}: nats per token {table['nats'].mean():.2f} on average; spreads by fact and dossier")
    for by in ("fact", "dossier"):
        few = found.groupby(by).agg(
            alternates=("nats", "size"), words_mean=("words", "mean"), words_most=("words", "max"),
            nats_mean=("nats", "mean"), nats_most=("nats", "max"),
        )  # fmt: skip
        print(f"\n{few.round(2).to_string()}")
    if args.model:
        levels = far(table)
        width = levels["mean"].groupby("fact").agg(lambda s: s.max() - s.min())
        print(f"\nSpread of a fact's levels, each a mean over alternates and dossiers\n{width.round(2).to_string()}")
        print(f"\nFacts beyond {FEW}: {', '.join(width.index[width > FEW]) or 'none'}")
        print(f"\nLevels, away from their fact's mean\n{levels.round(2).to_string()}")
    return None


if __name__ == "__main__":
    main()
