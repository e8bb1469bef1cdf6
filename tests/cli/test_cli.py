"""The command line, in this process where nothing else is tested."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import study_provider  # noqa: F401  # registers its subjects
from feint.cli.app import COMMANDS
from feint.situations import Wording, load_conflict, render
from feint.tasks.alignment_faking import Options, plan_asks

Run = Callable[..., Any]


def test_help_is_quick_and_imports_nothing_heavy() -> None:
    code = (
        "import sys, feint.cli; sys.argv = ['feint', '--help']\n"
        "try: feint.cli.main()\n"
        "except SystemExit: pass\n"
        "heavy = {'torch', 'inspect_ai', 'pandas', 'numpy', 'transformers', 'rich', 'yaml'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
    for command in ("study", "report", "designs", "show", "organisms", "import", "compare"):
        assert f"  {command} " in done.stdout


def test_a_list_of_an_unknown_task_is_refused_with_and_without_a_name(feint: Run) -> None:
    for named in ((), ("motives",)):
        ran = feint("list", "designs", *named, "--task", "nope")
        assert ran.code == 2 and "nope" in ran.err


def test_every_command_has_help(feint: Run) -> None:
    for command in ("study", "report", "designs", "show", "organisms", "import", "compare", "judge", "calibrate"):
        ran = feint(command, "--help")
        assert (ran.code, ran.err) == (0, "")
        assert "..." not in ran.out.splitlines()[2]
    told = " ".join(feint("study", "--help").out.split())
    for option in ("--requests-per-cell", "--wordings", "--resume", "--overwrite", "about 200", "about 100", "120"):
        assert option in told


def test_version(feint: Run) -> None:
    assert feint("--version").out.strip()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("study", "organism/nobody"), "unknown organism 'nobody'"),
        (("study", "nobody"), "unknown subject 'nobody'"),
        (("study", "nowhere/model", "-n", "1"), "nowhere"),
        (("study", "countable/keyless", "-n", "1"), "no key for this provider"),
        (("study", "countable/a", "--design", "motive"), "did you mean 'motives'?"),
        (("study", "countable/a", "--design", "absent.yaml"), "absent.yaml: no such file"),
        (("study", "countable/a", "--conflict", "cares"), "did you mean 'care'?"),
        (("study", "countable/a", "--voices", "memos"), "did you mean 'memo'?"),
        (("study", "countable/a", "--requests", "absent.csv"), "absent.csv: no such file"),
        (("study", "countable/a", "--judge", "rule"), "did you mean 'rules'?"),
        (("study", "countable/a", "--judge", "countable/keyless", "-n", "1"), "judge 'countable/keyless': no key"),
        (("study", "countable/a", "--judge", "nowhere/m", "-n", "1"), "judge 'nowhere/m'"),
        (("study", "countable/a", "--rubrics", "compliance"), "--rubrics: the offline judge 'rules' takes none"),
        (("study", "countable/a", "--judge", "a/b", "--rubrics", "complience"), "did you mean 'compliance'?"),
        (("study", "countable/a", "--conflict", "animal-welfare"), "name a model with --judge"),
        (
            ("study", "countable/a", "--conflict", "animal-welfare", "--judge", "a/b", "--rubrics", "motive"),
            "no rubric decides who complies",
        ),
        (("judge", "absent"), "absent/plan.json: no such file"),
        (("judge", "check", "absent"), "absent/plan.json: no such file"),
        (("study", "countable/a", "--model-arg", "device"), "expected KEY=VALUE"),
        (("study", "countable/a", "-n", "1", "--resume"), "nothing to resume"),
        (("report", "absent"), "absent/plan.json: no such file"),
        (("show", "motives", "trainde"), "did you mean 'trained'?"),
        (("show", "motives", "trained", "ratd"), "did you mean 'rated'?"),
        (("show", "motives", "trained", "--voice", "mem"), "did you mean 'memo'?"),
        (("show", "motives", "trained", "--request", "nothing"), "unknown request of conflict 'harmlessness'"),
        (("import", "absent.csv", "--out", "new"), "absent.csv: no such file"),
        (("import", "absent.csv", "--out", "new", "--map", "cell"), "expected KEY=VALUE"),
        (("compare", "absent"), "absent: no such folder"),
    ],
)
def test_a_mistake_is_one_line_and_writes_nothing(
    feint: Run, tmp_path: Path, arguments: tuple[str, ...], says: str
) -> None:
    ran = feint(*arguments)
    assert ran.code == 2
    assert ran.out == ""
    assert len(ran.err.splitlines()) == 1
    assert says in ran.err
    assert not any(tmp_path.iterdir())


def test_broken_yaml(feint: Run, tmp_path: Path) -> None:
    (tmp_path / "d.yaml").write_text("cells: [")
    ran = feint("study", "countable/a", "--design", "d.yaml")
    assert (ran.code, len(ran.err.splitlines())) == (2, 1)
    assert "d.yaml: not valid YAML" in ran.err
    assert [path.name for path in tmp_path.iterdir()] == ["d.yaml"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("study", "--no-such"), "study: unknown option --no-such; feint study -h lists them"),
        (("study", "--desig", "motives"), "study: unknown option --desig; did you mean --design?"),
        (("study", "-n", "none"), "-n none: expected a whole number, 1 or more"),
        (("study", "-n"), "study: -n needs a value; feint study -h explains it"),
        (("study", "--limit", "3", "-n", "4"), "study: -n is given twice; leave one out"),
        (("study", "--reasoning", "aloud"), "--reasoning aloud: expected one of scratchpad, native, none, untagged"),
        (("study", "--seed", "some"), "--seed some: expected a whole number, 0 or more, or none"),
        (("study", "--top-p", "high"), "--top-p high: expected a number"),
        (("study", "--resume", "--overwrite"), "--resume goes without --overwrite; leave one out"),
        (("study", "a/b", "c/d"), "study: 'c/d' is one argument too many; feint study -h explains the arguments"),
        (("stduy",), "unknown command stduy; did you mean study?"),
        (("--versio",), "unknown option --versio; did you mean --version?"),
        (("organisms", "trian"), "organisms: unknown command trian; did you mean train?"),
        (("compare",), "compare: DIR is missing; feint compare -h explains it"),
        (("list",), "list: KIND is missing; expected one of designs, conflicts, facts, voices, actors, organisms"),
        (
            ("study", "a/b", "-T", "jars=5"),
            "-T: unknown option of the task alignment_faking 'jars'. Known: base, conflict, denials, design, facts, "
            "language, length, library, mode, n, phrases, prefill, prompts_from, requests, samples, seed, "
            "twins, voices, wordings; --task or --design names another task",
        ),
        (("import", "a.csv"), "import: --out is missing; feint import -h explains it"),
        (("label", "s", "--port", "0"), "--port 0: expected a whole number, 1 to 65535"),
        (("plan", "--resume"), "--resume and --overwrite go with --pilot; nothing else is asked"),
    ],
)
def test_options_that_are_refused(feint: Run, tmp_path: Path, arguments: tuple[str, ...], says: str) -> None:
    assert feint(*arguments) == (2, "", f"feint: {says}\n")
    assert not any(tmp_path.iterdir())


def test_the_overview_says_what_each_command_does(feint: Run) -> None:
    listed = " ".join(feint("--help").out.split())
    assert feint("-h").out == feint().out == feint("--help").out
    places = [listed.index(f" {command} ") for command in ("study", "plan", "report", "judge", "show", "calibrate")]
    assert places == sorted(places), "in the order of use"
    for name, (_, text) in COMMANDS.items():
        told = feint(name, "-h").out
        assert text.rstrip(".") in " ".join(told.split()), name
        assert "Examples:" in told, name


def test_study_and_plan_take_the_same_options(feint: Run) -> None:
    asked, planned = (
        {word.strip(",") for word in feint(command, "-h").out.split() if word.startswith("-")}
        for command in ("study", "plan")
    )
    assert asked <= planned
    assert {"-n", "-T", "-M", "--epochs", "--until", "--fact", "--generate-config", "--resume"} <= asked


def test_the_shell_completes(feint: Run, tmp_path: Path) -> None:
    script = tmp_path / "complete.bash"
    assert feint("--install-completion", "--shell", "bash", "--output", script).code == 0
    ask = (
        '. complete.bash; f=$(complete -p feint | sed "s/.*-F \\([^ ]*\\).*/\\1/"); COMP_WORDS=(feint study --rea); '
        'COMP_CWORD=2; $f feint --rea study; echo "${COMPREPLY[*]}"'
    )
    done = subprocess.run(["bash", "-c", ask], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.split() == [
        "--realism", "--realism-prompts", "--reasoning", "--reasoning-effort", "--reasoning-tokens",
    ]  # fmt: skip


def test_designs(feint: Run) -> None:
    out = feint("designs").out
    for text in ("motives", "tiers", "three-tier", "trained-regardless", "Greenblatt", "… 11 in all"):
        assert text in out
    out = feint("designs", "motives").out
    for text in ("goal_guarding", "trained - rated", "terminal_goal_guarding", "if contingency is yes", "misuse"):
        assert text in out


def test_show_prints_the_exact_prompt(feint: Run) -> None:
    ran = feint("show", "motives", "trained", "--voice", "memo", "--seed", "3")
    conflict = load_conflict("harmlessness")
    cell = plan_asks(Options()).design.cells["trained"]
    told = render(cell, Wording("memo", 3), conflict.requests[0], conflict=conflict)
    assert told.system in ran.out
    assert told.user in ran.out


def test_show_marks_what_differs(feint: Run) -> None:
    out = feint("show", "motives", "rated", "trained").out
    assert "[-" in out
    assert "-]" in out
    assert "{+" in out
    same = feint("show", "motives", "rated", "rated").out
    assert "[-" not in same
    assert "{+" not in same


def test_show_a_twin_and_a_mode(feint: Run) -> None:
    name = load_conflict("harmlessness").twins[0].id
    out = feint("show", "tiers", "free", "--request", name, "--reasoning", "none", "--library", "composed").out
    assert "<tier>free</tier>" in out
    assert "<reasoning>" not in out


def test_organisms(feint: Run) -> None:
    ran = feint("organisms")
    assert ran.code == 0
    assert "Organisms" in ran.out
    assert feint("organisms", "export", "nobody").code == 2


def test_an_organism_is_exported_whole(feint: Run, tmp_path: Path) -> None:
    assert feint("organisms", "export", "base", tmp_path / "base").code == 0
    written = {path.name for path in (tmp_path / "base").iterdir()}
    assert {"config.json", "model.safetensors", "tokenizer.json"} <= written
    again = feint("organisms", "export", "base", tmp_path / "base")
    assert (again.code, again.out) == (2, "") and "not empty; choose a new folder" in again.err


@pytest.fixture(scope="module")
def studied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("studies") / "a study"


def test_a_study(feint: Run, studied: Path) -> None:
    everything = ("--requests", "held-out", "--until", "all")
    options = (*everything, "-n", "2", "--wordings", "1", "--twins", "1", "--out", studied)
    ran = feint("study", "countable/terminal", *options)
    assert ran.code == 0, ran.err
    assert f"report: {studied / 'report.html'}" in ran.out
    assert "trained-sealed" in ran.out
    assert "asked 33 of 33, 0 missing" in ran.err
    again = feint("study", "countable/terminal", *options)
    assert (again.code, again.out) == (2, "")
    assert "add --resume" in again.err
    other = feint("study", "countable/terminal", *options, "--seed", "1", "--resume")
    assert other.code == 2
    assert "task.seed is 0 there and 1 here" in other.err


def test_its_report(feint: Run, studied: Path) -> None:
    before = (studied / "findings.json").read_bytes()
    (studied / "report.html").unlink()
    ran = feint("report", studied)
    assert ran.code == 0
    assert (studied / "findings.json").read_bytes() == before
    assert (studied / "report.html").exists()


def test_it_is_judged_by_rule_again(feint: Run, studied: Path) -> None:
    for command in (("judge", studied), ("judge", "--judge", "rules", studied), ("judge", "study", studied)):
        ran = feint(*command)
        assert ran.code == 0, ran.err
        assert "trained-sealed" in ran.out
    assert not (studied / "judging.json").exists()
    ran = feint("judge", "check", studied)
    assert (ran.code, len(ran.err.splitlines())) == (2, 1)
    assert "nobody has labelled its replies" in ran.err


def test_the_exit_codes_stand_in_the_help(feint: Run) -> None:
    told = " ".join(feint("study", "--help").out.split())
    assert "3, more labels are missing than the plan allows (20 % of a cell)" in told


def test_its_comparison(feint: Run, studied: Path, tmp_path: Path) -> None:
    ran = feint("compare", studied, "--out", tmp_path / "c.html")
    assert ran.code == 0, ran.err
    assert "countable/terminal" in ran.out
    assert "countable/terminal" in (tmp_path / "c.html").read_text()


def test_a_subject_that_does_not_answer_is_said_before_anything_is_written(feint: Run) -> None:
    ran = feint("study", "countable/broken", "-n", "1", "--wordings", "1", "--twins", "0", "--display", "none")
    assert ran.code == 2
    assert ran.err.startswith("feint: subject 'countable/broken': nobody is at home; ")
    assert not Path("studies").exists()


@pytest.mark.parametrize(("command", "flag"), [("study", "judge"), ("plan", "effect"), ("show", "voice")])
def test_a_flag_of_an_installed_task_that_a_command_has_is_refused(
    feint: Run, command: str, flag: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import feint.cli.task_options as module
    from feint.base.vocabulary import Flag, vocabulary

    mine = vocabulary("comprehension").model_copy(update={"flags": {"jars": Flag(name=flag, help="Jars.")}})
    monkeypatch.setattr(module, "task_packages", lambda: {"guesses": "guessing.task"})
    monkeypatch.setattr(module, "vocabulary", {"guesses": mine}.__getitem__)
    ran = feint(command, "-h")
    told = f"task 'guesses' of the installed package 'guessing.task': its flag --{flag} is one of feint {command}"
    assert ran.code == 2 and told in ran.err and len(ran.err.splitlines()) == 1
    assert feint("report", "-h").code == 0


def test_a_flag_that_means_something_else_in_another_task_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    from feint.base import vocabulary as module
    from feint.base.errors import UsageError

    usual = module.vocabulary()
    other = usual.model_copy(update={"flags": {"pairs": module.Flag(name="twins", value="N", help="Pairs.")}})
    monkeypatch.setattr(module, "vocabularies", lambda: {"alignment_faking": usual, "comprehension": other})
    with pytest.raises(UsageError, match=r"task 'comprehension' .*: its flag --twins means something else in task 'al"):
        module.all_flags()
