"""Several logs of one import: those that count, and a folder for each."""

from collections.abc import Callable, Sequence
from pathlib import Path

from feint.base.errors import UsageError
from feint.base.naming import folder_name
from feint.study.importing.evals import plan_of, read_log
from feint.study.plan.frozen import Plan


def name_logs(paths: Sequence[Path], tell: Callable[[str], object] = bool) -> dict[Path, str]:
    """Name a folder for each log by its model, and where a model has several logs also by design.

    A log that `inspect eval-retry` continued is passed over, and one that cannot be a study is set aside; `tell` takes
    a line about each.

    Raises:
        UsageError: No file can be a study, or two logs are of one model and design.
    """
    plans: dict[Path, Plan] = {}
    faults: list[UsageError] = []
    for path in last_tries(paths, tell):
        try:
            plans[path] = plan_of(path)
        except UsageError as error:
            faults.append(error)
    if not plans:
        raise faults[0]
    for fault in faults:
        tell(f"set aside: {fault}")
    subjects = [plan.subject for plan in plans.values()]
    names: dict[Path, str] = {}
    for path, plan in plans.items():
        design = f"{plan.design['name']}-{plan.conflict['name']}"
        name = plan.subject if subjects.count(plan.subject) == 1 else f"{plan.subject}-{design}"
        other = next((one for one, taken in names.items() if taken == folder_name(name)), None)
        if other is not None:
            raise UsageError(
                f"{other} and {path}: two logs of {plan.subject} with design '{plan.design['name']}'; import each "
                "into a folder of its own"
            )
        names[path] = folder_name(name)
    return names


def last_tries(paths: Sequence[Path], tell: Callable[[str], object]) -> list[Path]:
    """Leave out logs whose evaluation `inspect eval-retry` continued in another log; unreadable ones are kept."""
    tries: dict[str, list[tuple[tuple[bool, str], str, Path]]] = {}
    for path in paths:
        try:
            log = read_log(path)[0]
        except UsageError:
            tries[str(path)] = [((False, ""), "", path)]
            continue
        about = (log.status == "success", log.eval.created), log.eval.eval_id, path
        tries.setdefault(log.eval.task_id, []).append(about)
    kept = []
    for same in tries.values():
        _, last, latest = max(same)
        for _, evaluation, path in same:
            if evaluation == last:
                kept.append(path)
            else:
                tell(f"passed over: {path.name}, which {latest.name} continues")
    return kept
