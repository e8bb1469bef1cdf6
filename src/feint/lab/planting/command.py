"""The command that trains an organism."""

from pathlib import Path

from rich.console import Console

from feint.base.errors import UsageError


def train_command(name: str, out: Path, base: Path | None, policy: Path | None = None) -> None:
    """Train an organism and print how it measures up to its policy.

    Raises:
        UsageError: No such organism, no base model, a folder that is taken, or a library that is not installed.
    """
    try:
        from feint.lab.planting.train import train

        card = train(name, out, base=base, policy=policy)
    except ModuleNotFoundError as error:
        raise UsageError(f"training needs '{error.name}'; install it with: pip install 'feint[local]'") from None
    console = Console(markup=False, highlight=False)
    for check, value in card.checks.items():
        console.print(f"{check}: {value:.4g}" if isinstance(value, float) else f"{check}: {value}")
    console.print(f"model: {out}", soft_wrap=True)
