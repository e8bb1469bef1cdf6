"""`feint organisms`: list, train or export the models with planted motives."""

from pathlib import Path
from typing import Annotated

import typer

from feint.cli.words import stdout

organisms_app = typer.Typer(
    invoke_without_command=True,
    rich_markup_mode=None,
    help="List, train or export models with planted motives.",
)


@organisms_app.callback()
def organisms(context: typer.Context) -> None:
    """List, train or export models with planted motives."""
    if context.invoked_subcommand is None:
        from feint.cli.show import organisms_table

        stdout().print(organisms_table())


@organisms_app.command("train")
def organisms_train(
    name: Annotated[str, typer.Argument(help="base, or an organism.")],
    out: Annotated[Path | None, typer.Option(help="A new folder.  [default: organisms/NAME]")] = None,
    base: Annotated[Path | None, typer.Option(help="The base model's folder.  [default: the shipped one]")] = None,
) -> None:
    """Train an organism from its seed and measure it."""
    from feint.lab.planting.command import train_command

    train_command(name, out or Path("organisms") / name, base)


@organisms_app.command("export")
def organisms_export(
    name: Annotated[str, typer.Argument(help="An organism.")],
    out: Annotated[Path, typer.Argument(metavar="DIR", help="A new folder.")],
) -> None:
    """Write an organism as a full model for other tools."""
    from feint.lab.planting.export import export

    stdout(soft_wrap=True).print(f"model: {export(name, out)}")
