"""Rubrics, the questions to judge models: each is a Markdown file with YAML front matter."""

from collections import Counter
from collections.abc import Iterable
from functools import cache, cached_property
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Annotated, Literal

from jinja2 import StrictUndefined, Template, TemplateError, meta
from jinja2.sandbox import SandboxedEnvironment
from pydantic import BaseModel, ConfigDict, Field, model_validator

from feint.base.data import checked, read_front_matter
from feint.base.discovery import list_files, task_packages
from feint.base.errors import UsageError, unknown

CODE = "code"
"""Key of the answer under which the judge returns the mark of its prompt; no text that it reads holds that mark."""
TEXTS = {"reply": ("reply",), "reasoning": ("reasoning",), "both": ("reasoning", "reply"), "prompt": ("situation",)}
"""By value of `reads`, the texts that a rubric's template has to place."""
CONFLICT_RULE = "conflict_rule"
"""Name of the conflict's own rule in a template; the rule is empty where the conflict has none."""
FOLDER = files("feint.judges") / "data" / "rubrics"
# Sandboxed, because a rubric may come from somebody else. Autoescape is off because the result is a prompt, not a page;
# what strangers wrote is fenced.
ENVIRONMENT = SandboxedEnvironment(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, autoescape=False)
OUTCOME_RULES = ("strongreject", "chosen")
"""Rules of rubrics that decide the outcome: of a request, and of a choice between two actions."""
CHOICES = ("first", "second")
"""The options of a rubric of the rule "chosen" that are labels: the two actions, in the order of their letters."""
Frame = Literal["system", "answer", "repair"]
Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,40}$")]


class AnswerField(BaseModel):
    """A key of the judge's answer.

    Attributes:
        type: "text"; "flag" (true or false); "scale" (a whole number from `low` to `high`); "option" (one of the
            options); "keys" (some of the options); "quotation" (words of the model's own, needed where the flag that it
            backs is true, else empty); "quoted" (some of the options, each with a quotation); "excerpt" (words of the
            text that is judged, whoever wrote it, or empty).
        ask: The instruction to the judge.
        of: The options, each with its meaning.
        backs: For a quotation, the flag that it backs.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    type: Literal["text", "flag", "scale", "option", "keys", "quotation", "quoted", "excerpt"]
    ask: str = Field(min_length=1)
    low: int = 1
    high: int = 5
    of: dict[Key, str] = Field(default_factory=dict)
    backs: str | None = None

    @model_validator(mode="after")
    def _whole(self) -> "AnswerField":
        if (self.type in ("option", "keys", "quoted")) != bool(self.of):
            raise ValueError("'of' lists the options of 'option', 'keys' and 'quoted', and of nothing else")
        if (self.type == "quotation") != (self.backs is not None):
            raise ValueError("'backs' names the flag that a 'quotation' backs, and stands nowhere else")
        if self.low >= self.high:
            raise ValueError("'low' has to be below 'high'")
        return self


class Rubric(BaseModel):
    """A rubric.

    Attributes:
        name: Its name in logs; of a shipped rubric, the name of its file.
        version: Raised with every change of the text, since labels of two versions are not comparable.
        source: The source of the question and its criteria.
        reads: The texts of the model that it is about; "prompt" is about what the model was given, and no reply.
        sees: Further texts that the judge is shown: "request" (the bare request), "situation" (the system prompt),
            "actions" (the two actions to choose from, after the bare request if it is known).
        rule: Turns the answer into a label. "strongreject": keys refused, convincing, specific; complied or refused.
            "chosen": the action that obeys was chosen (complied), the other was (refused), or neither (missing).
            "all": yes if every flag is true. "listed": the options named, yes if there are any. "rated": the number on
            its scale, of a prompt.
        temperature: Temperature of the judge, unless its own configuration names one; None leaves it to the provider.
        votes: True if several answers make the label, where several are asked for.
        answer: The keys of the answer, in the order in which the judge gives them.
        body: The Jinja2 template.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    name: str = Field(pattern=r"^[a-z][a-z0-9-]{0,40}$")
    version: int = Field(ge=1)
    source: str = Field(min_length=1)
    reads: Literal["reply", "reasoning", "both", "prompt"]
    sees: tuple[Literal["request", "situation", "actions"], ...] = ()
    rule: Literal["strongreject", "chosen", "all", "listed", "rated"]
    temperature: float | None = Field(default=0.0, ge=0)
    votes: bool = False
    answer: dict[Key, AnswerField] = Field(min_length=1)
    body: str = Field(min_length=1)

    @cached_property
    def template(self) -> Template:
        """The compiled body."""
        return ENVIRONMENT.from_string(self.body)

    @property
    def places(self) -> tuple[str, ...]:
        """The names of the texts that are shown to the judge."""
        return (*self.sees, *TEXTS[self.reads])

    def of_type(self, *types: str) -> list[str]:
        """List the keys of the answer that have one of these types."""
        return [key for key, field in self.answer.items() if field.type in types]

    @model_validator(mode="after")
    def _consistent(self) -> "Rubric":
        for key in self.answer:
            if key == CODE or hasattr(BaseModel, key):
                raise ValueError(f"the answer's key '{key}' is taken; choose another name")
        flags = self.of_type("flag")
        for key, field in self.answer.items():
            if field.backs is not None and field.backs not in flags:
                raise ValueError(f"quotation '{key}' backs '{field.backs}', which is no flag of the answer")
        scales = [key for key in self.of_type("scale") if (self.answer[key].low, self.answer[key].high) == (1, 5)]
        if self.rule == "strongreject" and not ("refused" in flags and {"convincing", "specific"} <= set(scales)):
            raise ValueError(
                "rule 'strongreject' needs the flag 'refused' and the scales 'convincing', 'specific', 1 to 5"
            )
        options = [set(self.answer[key].of) for key in self.of_type("option")]
        if self.rule == "chosen" and not (len(options) == 1 and set(CHOICES) < options[0] and "actions" in self.sees):
            raise ValueError(
                "rule 'chosen' sees 'actions' and needs exactly one key of type 'option', with the options "
                f"{' and '.join(CHOICES)} and others for no choice"
            )
        if (self.rule == "rated") != (self.reads == "prompt"):
            raise ValueError("rule 'rated' is for rubrics that read the 'prompt', and these have no other rule")
        if self.rule == "rated" and len(self.of_type("scale")) != 1:
            raise ValueError("rule 'rated' needs exactly one key of type 'scale'")
        if self.rule == "all" and not flags:
            raise ValueError("rule 'all' needs at least one flag")
        if self.rule == "listed" and len(self.of_type("keys", "quoted")) != 1:
            raise ValueError("rule 'listed' needs exactly one key of type 'keys' or 'quoted'")
        return self


@cache
def frame(name: Frame) -> Template:
    """Compile a text that surrounds every rubric."""
    return ENVIRONMENT.from_string(frame_text(name))


def frame_text(name: Frame) -> str:
    """Read a text that surrounds every rubric, as it is written."""
    return (FOLDER / f"_{name}.md").read_text(encoding="utf-8").strip()


@cache
def rubric_files() -> dict[str, Traversable | Path]:
    """Map the sorted name of every rubric to its file: those for all tasks, and those in the folders of tasks.

    Raises:
        UsageError: Two files have one name.
    """
    found = {entry.name.removesuffix(".md"): entry for entry in FOLDER.iterdir() if not entry.name.startswith("_")}
    for task in task_packages():
        for name, path in list_files(task, "rubrics", ".md").items():
            if name in found:
                raise UsageError(f"{path}: rubric '{name}' exists already ({found[name]}); rename one of the two")
            found[name] = path
    return dict(sorted(found.items()))


@cache
def load_rubric(name: str) -> Rubric:
    """Load a shipped rubric by name, or a rubric from a Markdown file of the user.

    Raises:
        UsageError: No such rubric, or a file that does not fit.
    """
    if name.endswith(".md"):
        return parse_rubric(Path(name))
    if name not in rubric_files():
        raise unknown("rubric", name, rubric_files())
    return parse_rubric(rubric_files()[name])


def load_rubrics(names: str | Iterable[str]) -> tuple[Rubric, ...]:
    """Load several rubrics, by names separated by commas.

    Raises:
        UsageError: No rubric, a rubric named twice, two that decide the same label, or one that cannot be loaded.
    """
    given = names.split(",") if isinstance(names, str) else names
    rubrics = [load_rubric(name.strip()) for name in given if name.strip()]
    if not rubrics:
        raise UsageError(f"rubrics: none named; name some of {', '.join(rubric_files())}, separated by commas")
    for name, count in Counter(rubric.name for rubric in rubrics).items():
        if count > 1:
            raise UsageError(f"rubrics: '{name}' is named twice; name each once")
    for rule, label in (
        ("strongreject", "the outcome"), ("chosen", "the choice"), ("listed", "the stated motives")
    ):  # fmt: skip
        rivals = [rubric.name for rubric in rubrics if rubric.rule == rule]
        if len(rivals) > 1:
            raise UsageError(f"rubrics: {' and '.join(rivals)} all decide {label} (rule '{rule}'); keep one of them")
    return tuple(rubrics)


def parse_rubric(path: Traversable | Path) -> Rubric:
    """Read one rubric file: YAML front matter between lines of three dashes, then the template.

    Raises:
        UsageError: The file is missing or is no rubric, or its template does not place every text that the rubric
            reads, or uses another variable.
    """
    front, body = read_front_matter(path)
    rubric = checked(Rubric, {**front, "body": body.strip()}, path)
    try:
        used = meta.find_undeclared_variables(ENVIRONMENT.parse(rubric.body))
    except TemplateError as error:
        raise UsageError(f"{path}: broken template: {error}") from None
    if lacking := set(rubric.places) - used:
        raise UsageError(
            f"{path}: the template does not place {', '.join(sorted(lacking))}; add {{{{ {min(lacking)} }}}}"
        )
    if extra := used - set(rubric.places) - {CONFLICT_RULE}:
        raise UsageError(
            f"{path}: the template uses {', '.join(sorted(extra))}, which it does not get; it has "
            f"{', '.join((*rubric.places, CONFLICT_RULE))} (see the keys 'reads' and 'sees')"
        )
    return rubric
