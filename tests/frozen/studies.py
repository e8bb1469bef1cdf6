"""The frozen studies, as data: what is typed, and the files that it reads.

Command lines stand here and nowhere else. Where the command line changes, change them here, and `compare.py` shows that
what they find has not changed.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Study:
    """A small study.

    Attributes:
        name: Its name, and that of its fixture.
        about: What it is there for.
        commands: What follows `feint`, command by command; all that is written goes below `out`.
        inputs: Files of `inputs/` that lie in the working folder.
        slow: Whether it takes more than ten seconds.
    """

    name: str
    about: str
    commands: tuple[str, ...]
    inputs: tuple[str, ...] = ()
    slow: bool = False


STUDIES = (
    Study(
        name="organism",
        about="a model in this process, on the house design",
        commands=(
            "study organism/guarded --design motives -n 16 --twins 2 --wordings 3 --out out --display none",
            "report out",
        ),
        slow=True,
    ),
    Study(
        name="designs",
        about="an actor on two designs, with a quiz, several replies to each prompt and a summary",
        commands=(
            "study actor/uneven --design sealed,three-tier -n 40 --twins 10 --wordings 1 --samples 2 --quiz "
            "--out out --display none",
        ),
        slow=True,
    ),
    Study(
        name="table",
        about="a table of two subjects' replies, with reasoning, another judge's labels and missing replies",
        commands=(
            "import replies.csv --format table --map reply=answer --map sample=take --design three-tier --out out",
            "compare out --out out/compare.html",
        ),
        inputs=("replies.csv",),
    ),
    Study(
        name="vlaf",
        about="choices between two actions, by stage of training",
        commands=("import vlaf.jsonl.gz --format vlaf --out out", "compare out --out out/compare.html"),
        inputs=("vlaf.jsonl.gz",),
        slow=True,
    ),
    Study(
        name="judged",
        about="two model judges with all rubrics; votes that learn from the first replies",
        commands=(
            "study actor/guarded --design sealed -n 24 --twins 2 --wordings 1 --judge scripted/strict "
            "--judge scripted/lenient --votes 20 --until all --out out --display none",
        ),
        slow=True,
    ),
    Study(
        name="until",
        about="an actor, asked until all is decided or the most requests are asked",
        commands=(
            "study actor/terminal --design motives --until decided -n 60 --twins 6 --wordings 1 --out out "
            "--display none",
        ),
        slow=True,
    ),
    Study(
        name="agent",
        about="an agent with tools, on the design of the second task",
        commands=(
            "study agent/peer-loyal --task peer_preservation --design peer-attribution --kinds shutdown-call,clean-up "
            "-n 2 --wordings 2 --out out --display none",
        ),
        slow=True,
    ),
    Study(
        name="worker",
        about="a model in this process that works with tools",
        commands=("study organism/loyal --kinds transfer,clean-up -n 1 --wordings 1 --out out --display none",),
        slow=True,
    ),
)
