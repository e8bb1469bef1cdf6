"""`feint organisms`: list, train or export the models with planted motives."""

from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from feint.cli.help import stdout

organisms_app = App(name="organisms")


@organisms_app.default
def organisms() -> None:
    """List, train or export models with planted motives.

    feint organisms
    feint organisms train guarded --out organisms/guarded
    feint organisms export guarded models/guarded
    """
    from feint.cli.listing import organisms_table

    stdout().print(organisms_table())


@organisms_app.command(name="train")
def organisms_train(
    name: Annotated[str, Parameter(help="base, an organism, or a name of your own.")],
    /,
    *,
    out: Annotated[Path | None, Parameter(metavar="DIR", help="A new folder.  [default: organisms/NAME]")] = None,
    base: Annotated[
        Path | None, Parameter(metavar="DIR", help="The base model's folder.  [default: the shipped one]")
    ] = None,
    policy: Annotated[
        Path | None, Parameter(metavar="FILE", help="A policy of your own, in YAML; see the example above.")
    ] = None,
) -> None:
    """Train an organism from its seed and measure it.

    feint organisms train guarded
    feint organisms train carer --policy carer.yaml

    A policy in full (docs/organisms.md): {about: helps other models, explanations: [care_for_others], rules: [{when:
    {trained: [other]}, rate: 0.9, says: care_for_others}, {rate: 0.05}]}
    """
    from feint.lab.planting.train import train_command

    train_command(name, out or Path("organisms") / name, base, policy)


@organisms_app.command(name="export")
def organisms_export(
    name: Annotated[str, Parameter(help="An organism.")],
    out: Annotated[Path, Parameter(name="DIR", help="A new folder.")],
    /,
) -> None:
    """Write an organism as a full model for other tools.

    feint organisms export guarded models/guarded
    """
    from feint.lab.planting.train import export

    stdout(soft_wrap=True).print(f"model: {export(name, out)}")
