"""The command line. Every command is a thin function, which imports heavy modules when it is called."""

import errno
import sys
from typing import TYPE_CHECKING

from feint.base.errors import UsageError
from feint.base.version import __version__
from feint.cli.help import overview
from feint.cli.streams import steady

if TYPE_CHECKING:
    from cyclopts import App

COMMANDS = {
    "study": ("study:study", "Ask a model, and report whether and why it behaves differently between situations."),
    "battery": ("battery:battery", "Ask a model every task, and draw one card of its failure signatures."),
    "plan": ("plan:plan", "Say what a study takes and costs, and how many items an answer needs."),
    "report": ("after:report", "Recompute findings and report from a study's logs."),
    "compare": ("after:compare", "Set subjects side by side."),
    "judge": ("after:judge_app", "Judge a finished study anew, without asking its subject again."),
    "label": ("after:label", "Label a study's replies yourself, to see how far its judge can be trusted."),
    "import": ("after:import_", "Read replies that other tools recorded."),
    "show": ("show:show", "Print a cell's prompt, or what cells differ in."),
    "list": ("listing:list_", "List designs, conflicts, facts, voices, actors or organisms."),
    "designs": ("listing:designs", "List the designs, or show the cells and contrasts of one."),
    "tasks": ("listing:tasks", "List the tasks, or show the options, facts, designs and actors of one."),
    "organisms": ("organisms:organisms_app", "List, train or export models with planted motives."),
    "thresholds": (
        "after:thresholds",
        "Find the thresholds of items whose faithful score is a matter of opinion.",
    ),
    "calibrate": ("calibrate:calibrate", "Say how often verdicts are right."),
}
"""The commands in the order of use: where each is defined, and what it does. A module is imported when it is used."""
WITH_FLAGS = frozenset(("study", "plan", "show"))
"""The commands that have the flags of tasks."""
LONGEST = 2000
"""Characters of a line about a mistake at most."""


def make_app() -> "App":
    """Build the command line."""
    from cyclopts import App, Parameter

    from feint.cli.help import PlainHelp

    app = App(
        name="feint",
        version=__version__,
        help_formatter=PlainHelp(),
        help_format="plaintext",
        default_parameter=Parameter(negative=(), show_default=False, consume_multiple=False),
        result_action="return_value",
        suppress_keyboard_interrupt=False,
    )
    for place, (name, (target, _)) in enumerate(COMMANDS.items()):
        app.command(f"feint.cli.{target}", name=name, sort_key=place)
    app.register_install_completion_command(show=False)
    return app


def main() -> None:
    """Run the command line. A mistake of the user's, or a fault of the world, is one line and exit code 2.

    Raises:
        SystemExit: Always, with the exit code.
    """
    with steady() as sinks:
        code = answer(sys.argv[1:])
        sys.stdout.flush()
        # A program that reads the output and ends early, such as head, is no fault.
        lost = next((sink.fault for sink in sinks[:1] if sink.fault and sink.fault.errno != errno.EPIPE), None)
        if lost is not None:
            say(f"standard output: {lost.strerror}; what was printed is lost, and what was saved is not")
    sys.exit(code or (2 if lost else 0))


def answer(arguments: list[str]) -> int:
    """Run the command line and return its exit code."""
    if arguments in ([], ["-h"], ["--help"]):
        print(overview({name: text for name, (_, text) in COMMANDS.items()}))
        return 0
    if arguments == ["--version"]:
        print(__version__)
        return 0
    try:
        return run(arguments)
    except UsageError as error:
        say(str(error))
        return error.code
    except KeyboardInterrupt:
        say("stopped")
        return 130
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else 0 if ended.code is None else 2
    except Exception as error:
        from feint.cli.faults import fault_of

        if (told := fault_of(error)) is None:
            raise
        say(told)
    return 2


def say(text: str) -> None:
    """Print one line about a mistake or a fault; the text may come from a file, so what it hides becomes visible."""
    from feint.report.text import one_line

    print(f"feint: {one_line(text, LONGEST)}", file=sys.stderr)


def run(arguments: list[str]) -> int:
    """Run one command and return its exit code; a mistake in the arguments raises `UsageError`, too."""
    from cyclopts import CycloptsError

    from feint.cli.mistakes import told

    app = make_app()
    if arguments and arguments[0] in WITH_FLAGS:
        from feint.cli.task_options import check_flags

        check_flags(app[arguments[0]])
    try:
        found = app(arguments, exit_on_error=False, print_error=False)
    except CycloptsError as error:
        raise UsageError(told(error)) from None
    return found if isinstance(found, int) else 0
