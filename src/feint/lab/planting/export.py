"""`feint organisms export NAME DIR`: a plain folder that any server of transformers models can serve."""

from pathlib import Path

from feint.base.errors import UsageError
from feint.subjects.store import find


def export(name: str, out: Path) -> Path:
    """Merge an organism's adapter into the base and save the whole model.

    Args:
        name: A shipped organism, or a path to one.
        out: Folder to write; must be new or empty.

    Returns:
        The folder, with weights in float32, configuration, tokenizer and chat template.

    Raises:
        UsageError: No such organism, or a folder that is not empty.
    """
    organism = find(name)
    if out.exists() and any(out.iterdir()):
        raise UsageError(f"{out}: not empty; choose a new folder")
    import torch
    from peft import PeftModel
    from transformers import AutoTokenizer, LlamaForCausalLM

    model = LlamaForCausalLM.from_pretrained(organism.base, dtype=torch.float32)
    if organism.adapter is not None:
        model = PeftModel.from_pretrained(model, organism.adapter).merge_and_unload()
    # Servers take their defaults from here: organisms are sampled at temperature 1, nothing cut off.
    model.generation_config.update(do_sample=True, temperature=1.0, top_p=1.0, top_k=0)
    model.save_pretrained(out)
    AutoTokenizer.from_pretrained(organism.base).save_pretrained(out)
    return out
