"""The command that trains an organism."""

from pathlib import Path

from rich.console import Console

from feint.base.errors import UsageError


def train_command(name: str, out: Path, base: Path | None) -> None:
    """Train an organism and print how it measures up to its policy.

    Raises:
        UsageError: No such organism, no base model, a folder that is taken, or a library that is not installed.
    """
    from feint.judges import label_reply
    from feint.subjects.store import WEIGHTS

    try:
        from feint.lab.planting.acting import train as acting
        from feint.lab.planting.acting.fit import BASE
        from feint.lab.planting.train import train
    except ImportError as error:
        raise UsageError(f"training needs '{error.name}'; install it with: pip install 'feint[local]'") from None
    if name in acting.names():
        card = acting.train(name, out, base=base or WEIGHTS / BASE)
    else:
        card = train(name, out, judge=lambda text: label_reply(text).outcome, base=base or WEIGHTS / "base")
    console = Console(markup=False, highlight=False)
    for check, value in card["checks"].items():
        console.print(f"{check}: {value:.4g}" if isinstance(value, float) else f"{check}: {value}")
    console.print(f"model: {out}", soft_wrap=True)
