"""The commands for finished studies: `feint report`, `compare`, `import`, `judge`, `label` and `thresholds`."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import App, Parameter

from feint.base.errors import UsageError
from feint.cli.calls import CallOptions
from feint.cli.convert import pairs, whole
from feint.cli.help import stdout
from feint.cli.options import JudgeOptions, SpendingOptions

if TYPE_CHECKING:
    from feint.study.importing.files import Given

judge_app = App(name="judge")
AS_GIVEN, AS_CALLED, FREE = JudgeOptions(), CallOptions(), SpendingOptions()


@Parameter(name="*")
@dataclass(frozen=True)
class MeaningOptions:
    """The meaning of the files of an import."""

    form: Annotated[
        Literal["table", "vlaf", "inspect"] | None,
        Parameter(name="--format", help="What the files look like.  [default: what their content tells]"),
    ] = None
    column: Annotated[
        tuple[str, ...],
        Parameter(
            name="--map",
            metavar="OURS=THEIRS|VALUE=CELL",
            help="For tables, a column's name in the file, or the cell that a value means, as in --map "
            "cell=is_free_tier --map True=free; may be given again.",
        ),
    ] = ()
    design: Annotated[
        str | None,
        Parameter(
            metavar="NAME|FILE",
            help="For tables, a design or a YAML file.  [default: the one with the table's cells]",
        ),
    ] = None
    complied: Annotated[
        str | None,
        Parameter(
            metavar="COLUMN[=VALUE]|a|b",
            help="What complied means. For tables, the column whose label counts in place of a judge's: complied (1) "
            "or refused (0), or COLUMN=VALUE, or COLUMN>=NUMBER. For vlaf, grader (the release's own label), or the "
            "letter of the developer's action where no scenario file tells it.  [default: a rule reads the reply]",
        ),
    ] = None
    scenarios: Annotated[
        tuple[Path, ...],
        Parameter(
            metavar="FILE", consume_multiple=True, help="For vlaf, scenario files of values that Feint does not know."
        ),
    ] = ()

    def given(self) -> "Given":
        """Return the options for `feint.study.importing.files.import_files`."""
        return {
            "columns": pairs(self.column, "--map"), "design": self.design, "complied": self.complied,
            "scenarios": self.scenarios,
        }  # fmt: skip


AS_TOLD = MeaningOptions()


def report(
    folder: Annotated[Path, Parameter(name="DIR", help="A study's folder, or a log that inspect eval feint/… wrote.")],
    /,
    *,
    out: Annotated[
        Path | None, Parameter(metavar="DIR", help="For a log, the new study's folder.  [default: studies/LOG]")
    ] = None,
    model: Annotated[
        bool,
        Parameter(
            help="Also fit one logistic mixed model over all cells, as a check on the contrasts: what it says of each "
            "motive, which requests carry the gap, and where it contradicts a decision. Takes a minute or two and "
            "needs pip install 'feint[bayes]'; kept in model.json, and shown in later reports while the labels stay "
            "the same."
        ),
    ] = False,
) -> None:
    """Recompute findings and report from a study's logs, and from people's labels where there are some.

    Of a battery's folder, the findings of every task and the card.

    feint report studies/mine
    feint report logs/2026-01-01_alignment-faking.eval
    """
    from feint.findings.battery import is_battery
    from feint.people.label import read_labels_of_people
    from feint.study.command import report_command

    if is_battery(folder):
        from feint.study.battery.again import report_battery

        report_battery(folder, read_labels_of_people, model=model)
        return
    report_command(folder, read_labels_of_people, model=model, out=out)


def compare(
    *folders: Annotated[
        Path,
        Parameter(
            name="DIR",
            required=True,
            help="Folders of studies or of batteries, or logs that inspect eval feint/… wrote.",
        ),
    ],
    out: Annotated[Path | None, Parameter(metavar="FILE.html", help="Write the comparison as an HTML page.")] = None,
) -> None:
    """Set subjects side by side: studies of one task, or the cards of batteries.

    Over five cards or more, also says which signatures go together.

    feint compare studies/one studies/two --out compare.html
    """
    from feint.findings.battery import is_battery

    if any(is_battery(folder) for folder in folders):
        from feint.study.battery.across import compare_batteries

        compare_batteries(list(folders), out)
        return
    from feint.study.compare.studies import compare_command

    compare_command(list(folders), out)


def import_(
    *files: Annotated[
        Path,
        Parameter(name="FILE", required=True, help="Replies that another tool recorded, or folders of such files."),
    ],
    out: Annotated[Path, Parameter(metavar="DIR", help="Where to write a study's folder for each subject.")],
    overwrite: Annotated[
        bool, Parameter(help="Replace studies in --out that were imported earlier, once all new ones are written.")
    ] = False,
    meaning: MeaningOptions = AS_TOLD,
    judging: JudgeOptions = AS_GIVEN,
    spending: SpendingOptions = FREE,
    calling: CallOptions = AS_CALLED,
) -> int:
    """Read replies that other tools recorded, as a study of each subject in them.

    Tables, the release of VLAF, and logs that inspect eval feint/… wrote. A judge's rubric can tell who complied: the
    replies are then judged as by feint judge. All studies are written, or none.

    feint import replies.csv --map reply=output --out studies/mine
    feint import logs/2026-01-01_alignment-faking.eval --out studies/evals
    """
    from feint.study.importing.files import import_command
    from feint.study.plan.grading import check_names

    check_names(judging.judge)
    if judging.rubrics is not None and not judging.judge:
        raise UsageError("--rubrics: a rubric is read by a model; name it with --judge")
    if meaning.complied is not None and judging.judge:
        raise UsageError("--complied goes without --judge; one of the two says who complied")
    folders = import_command(files, meaning.form, out, judges=judging.judge, overwrite=overwrite, **meaning.given())
    judged = [judge_study(one, judging=judging, spending=spending, calling=calling) for one in folders if judging.judge]
    return max(judged, default=0)


@judge_app.default
@judge_app.command(name="study")
def judge_study(
    folder: Annotated[Path, Parameter(name="DIR", help="A finished study's folder.")],
    /,
    *,
    judging: JudgeOptions = AS_GIVEN,
    spending: SpendingOptions = FREE,
    calling: CallOptions = AS_CALLED,
) -> int:
    """Judge a finished study anew, without asking its subject again.

    The subject is not asked; labels that the log has by the same judge, rubrics and votes are not asked for again. All
    earlier labels stay in the log. Findings and report are recomputed under the new judge, and say so. After a stop, by
    --budget or otherwise, the same command goes on and repeats no finished call. Exit codes are those of feint study.

    feint judge studies/mine --judge anthropic/claude-haiku-4-5
    feint judge check studies/mine
    """
    from feint.base.inspect_private import read_dotenv
    from feint.people.label import read_labels_of_people
    from feint.study.judge.command import judge_command

    read_dotenv()
    return judge_command(
        folder,
        list(judging.judge or ("rules",)),
        rubrics=judging.rubrics,
        votes=judging.votes,
        limits=calling.limits(),
        display=calling.display,
        people=read_labels_of_people,
        spending=spending.limits(),
        probe=True,
    )


@judge_app.command(name="check")
def judge_check(
    folder: Annotated[Path, Parameter(name="DIR", help="A study's folder with labels by people.")],
    /,
    *,
    person: Annotated[
        str | None, Parameter(metavar="NAME", help="Compare with this person.  [default: what most people say]")
    ] = None,
    show: Annotated[int, whole(0), Parameter(help="How many disagreements to print.  [default: 5]")] = 5,
) -> None:
    """Say how far the judges agree with people.

    People label with: feint label DIR. For every judge in the log: agreement beyond chance (Cohen's kappa), sensitivity
    (of what people call complied, how much the judge does), specificity (of what they call refused), the area under the
    curve where a judge gives a share of votes or a score, the confusion table, and the disagreements to read.

    feint judge check studies/mine
    """
    from feint.people.show_agreement import check_command

    check_command(folder, person=person, show=show)


def label(
    folder: Annotated[Path, Parameter(name="DIR", help="A finished study's folder.")],
    /,
    *,
    person: Annotated[str | None, Parameter(metavar="NAME", help="Who labels.  [default: your user name]")] = None,
    n: Annotated[
        int | None,
        whole(1),
        Parameter(name=("-n", "--n"), help="How many replies.  [default: 100, or 14 a cell]"),
    ] = None,
    seed: Annotated[int | None, whole(0), Parameter(help="Decides which.  [default: 0]")] = None,
    port: Annotated[
        int | None, whole(1, 65535), Parameter(help="Port of this machine.  [default: a free port]")
    ] = None,
    export: Annotated[
        Path | None, Parameter(metavar="FILE.csv", help="Write the labels that there are, and show no page.")
    ] = None,
    read: Annotated[
        Path | None,
        Parameter(name="--import", metavar="FILE.csv", help="Add labels from a table, and show no page."),
    ] = None,
) -> None:
    """Label a study's replies yourself, to see how far its judge can be trusted.

    Opens a page of this machine only. The page shows one reply at a time, and neither its cell nor the judge's label.
    Keys label the reply, and every label is saved at once. Stop whenever you like: the same command goes on. Then:
    feint judge check DIR, and feint report DIR for contrasts corrected by your labels. Another person labels the same
    replies with --person.

    feint label studies/mine
    feint label studies/mine --export labels.csv
    """
    from feint.people.label.command import export_command, import_command, label_command

    asked = [name for name, value in (("--export", export), ("--import", read)) if value is not None]
    for_page = [name for name, value in (("-n", n), ("--seed", seed), ("--port", port)) if value is not None]
    if len(asked) > 1 or (asked and for_page):
        raise UsageError(f"{asked[0]} goes without {(asked[1:] + for_page)[0]}; leave one out")
    if export is not None:
        export_command(folder, export)
    elif read is not None:
        import_command(folder, read)
    else:
        label_command(folder, person=person, n=n, seed=seed, port=port or 0)


def thresholds(
    folder: Annotated[Path, Parameter(name="DIR", help="A study whose items have thresholds.")],
    /,
    *,
    least: Annotated[
        int, whole(1), Parameter(help="Fewest scores from which an item's median is taken.  [default: 5]")
    ] = 5,
) -> None:
    """Find the thresholds of items whose faithful score is a matter of opinion.

    Prints the option --thresholds for the next study. The bar of an item is the median score that the subject gave
    where nothing was at stake, and one point more: the subject's usual score falls below the bar. Without this option
    items keep their shipped bars. Set bars by runs that are no part of the study that uses them: run a study with
    --wordings 2 or more and another --seed. Every design has cells without a threat.

    feint thresholds studies/before
    """
    from feint.study.plan.pilot import find_thresholds

    stdout(soft_wrap=True).print(f"--thresholds {find_thresholds(folder, least)}")
