"""The options of a study with those that tasks declare: the commands that ask read every task's `task.yaml`."""

from collections.abc import Sequence
from dataclasses import dataclass, field, make_dataclass
from typing import Annotated, Any, Literal, TypeVar

from cyclopts import App, Parameter

from feint.base.discovery import GROUP, task_packages
from feint.base.errors import UsageError, unknown
from feint.base.vocabulary import all_flags, vocabulary
from feint.cli.calls import CallOptions, GenerateOptions
from feint.cli.convert import Texts, chosen, pairs, whole
from feint.cli.options import OF_TASK, DesignOptions, FolderOptions, JudgeOptions, SpendingOptions

ELSEWHERE = {"design": "--design", "facts": "--fact"}
"""Options of tasks that only a flag sets."""
OTHER_TASK = "; --task or --design names another task"
FLAG = "flag_"
"""The beginning of the name of a field that holds a task's flag."""
Options = TypeVar("Options")


def with_flags(options: type[Options]) -> type[Options]:
    """Add an option for every flag that a task declares in its `task.yaml`; its help stands there too."""
    kinds: dict[str, Any] = {}
    for option, flag in all_flags().items():
        value = flag.value
        named = Parameter(
            name=f"--{flag.name or option}", help=flag.help, metavar=value if isinstance(value, str) else None
        )
        read = whole(0) if value == "N" else Parameter()
        kind = Literal[value] if isinstance(value, tuple) else int if value == "N" else str if value else bool
        kinds[FLAG + option] = Annotated[kind | None, read, named]
    fields = [(name, kind, None) for name, kind in kinds.items()]
    own = {"__doc__": options.__doc__, "__module__": options.__module__}
    return make_dataclass(options.__name__, fields, bases=(options,), frozen=True, namespace=own)


@Parameter(name="*", group=OF_TASK)
@with_flags
@dataclass(frozen=True)
class OneTaskOptions:
    """Options that one task or another has; `feint tasks NAME` lists the options of a task.

    Attributes:
        values: Set any option of the task (see `feint tasks NAME`), as in Inspect; may be given again.
    """

    values: Annotated[Texts, Parameter(name="-T", metavar="NAME=VALUE")] = ()

    def options(self, task: str | None, design: str) -> dict[str, str | int | None]:
        """Return the options that were given, by flag or by `-T`, under the names of the task's options."""
        by_flag = chosen(**{option: getattr(self, FLAG + option) for option in all_flags()})
        return by_flag | (read_options(self.values, task, design) if self.values else {})


def read_options(given: Sequence[str], task: str | None, design: str) -> dict[str, str | int | None]:
    """Read values of `-T`, each as the type of the option; without a task, it is that of the design (a name or a file).

    >>> read_options(["phrases=seen", "twins=3"], None, "motives")
    {'phrases': 'seen', 'twins': 3}

    Raises:
        UsageError: No such task, design or option; or a value of another type.
    """
    from pydantic import TypeAdapter, ValidationError

    from feint.base.parsing import parse_yaml
    from feint.tasks.registry import task_for

    taken = task_for(task, design)
    types = {name: field.annotation or str for name, field in taken.options.model_fields.items()}
    found: dict[str, str | int | None] = {}
    for name, text in pairs(given, "-T").items():
        if name not in types:
            raise UsageError(f"-T: {unknown(f'option of the task {taken.name}', name, types)}{OTHER_TASK}")
        if name in ELSEWHERE:
            raise UsageError(f"-T {name}={text}: use {ELSEWHERE[name]}")
        try:
            value = text if types[name] is str else parse_yaml(text, "-T")
            found[name] = TypeAdapter(types[name]).validate_python(value)
        except (ValidationError, UsageError) as error:
            reason = error.errors()[0]["msg"] if isinstance(error, ValidationError) else "not valid YAML"
            raise UsageError(
                f"-T {name}={text}: {reason}; options of the task {taken.name}: {', '.join(types)}{OTHER_TASK}"
            ) from None
    return found


@Parameter(name="*")
@dataclass(frozen=True)
class StudyOptions:
    """All options of a study. `feint study` runs with them, and `feint plan` plans with them."""

    ask: DesignOptions = field(default_factory=DesignOptions)
    task: OneTaskOptions = field(default_factory=OneTaskOptions)
    judging: JudgeOptions = field(default_factory=JudgeOptions)
    spending: SpendingOptions = field(default_factory=SpendingOptions)
    generating: GenerateOptions = field(default_factory=GenerateOptions)
    writing: FolderOptions = field(default_factory=FolderOptions)
    calling: CallOptions = field(default_factory=CallOptions)


NOTHING_GIVEN = StudyOptions()


def check_flags(command: App) -> None:
    """Check that no installed task declares a flag that a command has already: one of the two would never be set.

    Raises:
        UsageError: One does.
    """
    installed = [name for name, package in task_packages().items() if not package.startswith(f"{GROUP}.")]
    if not installed:
        return  # shipped tasks are tested
    every = command.assemble_argument_collection()
    own = {name for one in every if not one.field_info.name.startswith(FLAG) for name in one.names}
    own |= {*command.help_flags, *command.version_flags}
    for task in installed:
        for option, flag in vocabulary(task).flags.items():
            if (name := f"--{flag.name or option}") in own:
                raise UsageError(
                    f"task '{task}' of the installed package '{task_packages()[task]}': its flag {name} is one of "
                    f"feint {command.name[0]}; rename it in its task.yaml, or uninstall the package"
                )
