"""The command line in processes of its own, forked from one that has imported it all and done nothing yet.

Starting Python and importing what a study needs takes longer than most studies of these tests take.
"""

import multiprocessing
import os
import sys
from collections.abc import Mapping
from multiprocessing.context import ForkServerProcess
from pathlib import Path

IMPORTED = (
    "spared",
    "study_provider",
    "feint.cli",
    "feint.study.command",
    "feint.report.page",
    "feint.study.conclude.conclude",
    "feint._registry",
    "feint.people.label.server",
    "feint.study.ask.rounds",
    "matplotlib.backends.backend_svg",
    "matplotlib.figure",
    "matplotlib.style",
    # What Inspect and its libraries import when an evaluation runs or a provider is opened
    "inspect_ai._control.server",
    "inspect_ai.agent._acp.server",
    "inspect_ai.model._openai_responses",
    "inspect_ai.model._providers.openai_compatible",
    "anyio._backends._asyncio",
    "fastapi",
    "httpcore2",
    "openai.resources.chat",
    "pydantic.v1",
    "rich._emoji_codes",
    "rich.markdown",
    "uvicorn",
    "known_models",
)


def start(
    arguments: list[str], environment: Mapping[str, str], *, folder: Path, out: Path, err: Path
) -> ForkServerProcess:
    """Start `feint` with the subjects of `study_provider`.

    Args:
        arguments: What follows `feint`.
        environment: The process's whole environment.
        folder: Where it works.
        out: What it writes to its standard output goes here.
        err: And here what it writes to its standard error; may be the same file.

    Returns:
        The process; its `exitcode` is that of the command, or less the signal that ended it.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(IMPORTED))
    process = context.Process(target=_feint, args=(arguments, dict(environment), folder, out, err))
    process.start()
    return process


def _feint(arguments: list[str], environment: dict[str, str], folder: Path, out: Path, err: Path) -> None:
    import study_provider

    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    for number, path in ((1, out), (2, err)):
        with path.open("ab") as file:
            os.dup2(file.fileno(), number)
    # The server that forks may have been given other streams than these two, as pytest does to what it runs.
    sys.stdout, sys.stderr = (os.fdopen(number, "w", buffering=1, closefd=False) for number in (1, 2))
    sys.argv = ["feint", *arguments]
    study_provider.main()
