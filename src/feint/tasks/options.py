"""Options that all tasks share: lists of NAME=VALUE, the choice of wordings, and the parameters of Inspect tasks."""

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import wraps
from inspect import Parameter, Signature
from typing import Any, get_args

import inspect_ai
from pydantic import BaseModel

from feint.base.data import checked
from feint.base.errors import UsageError, unknown
from feint.base.inspect_private import PrerequisiteError, active_model
from feint.base.subjects import is_ours
from feint.designs import Design
from feint.designs.files import with_published
from feint.situations import MODES, Wording, count_phrasings, load_facts, load_voices, place_wording
from feint.situations.dossiers import voice_names
from feint.situations.render import Pool


def read_pairs(what: str, text: str, form: str) -> dict[str, str]:
    """Read NAME=VALUE, separated by commas, from the text of the option `what`; errors show the expected form.

    Raises:
        UsageError: A part without a sign, or a name given twice.
    """
    found: dict[str, str] = {}
    for part in (part.strip() for part in text.split(",")):
        name, sign, value = (piece.strip() for piece in part.partition("="))
        if part and not sign:
            raise UsageError(f"{what} {part}: expected {form}")
        if name in found:
            raise UsageError(f"{what} {text}: {name} stands twice; state it once")
        if part:
            found[name] = value
    return found


def check_range(options: Any, **least: int) -> None:
    """Check what tasks' options share: phrases, a reasoning mode if there is one, and numbers.

    Args:
        options: Options of a task.
        least: The least value of each further number, by name.

    Raises:
        UsageError: A number is too small, or `phrases` is unknown.
    """
    for name, lowest in {"wordings": 1, "samples": 1, "seed": 0, **least}.items():
        if getattr(options, name) < lowest:
            raise UsageError(f"{name} is {getattr(options, name)}; expected {lowest} or more")
    if options.phrases not in get_args(Pool):
        raise unknown("phrases", options.phrases, get_args(Pool))
    if getattr(options, "mode", MODES[0]) not in MODES:
        raise unknown("reasoning mode", options.mode, MODES)


def chosen_names(what: str, text: str, known: Collection[str], usual: Collection[str] | None = None) -> tuple[str, ...]:
    """Read names, separated by commas; the usual names (all that are known, sorted, unless stated) by default.

    Args:
        what: Name of the option, in the plural.
        text: The user's text.
        known: The names that exist.
        usual: The names meant by an empty text.

    >>> chosen_names("voices", "memo", ["memo", "letter"])
    ('memo',)
    >>> chosen_names("voices", "", ["memo", "letter"])
    ('letter', 'memo')

    Raises:
        UsageError: A name that does not exist, or that is named twice.
    """
    names = tuple(name.strip() for name in text.split(",") if name.strip())
    for name in names:
        if name not in known:
            raise unknown(what.removesuffix("s"), name, known)
    if len(set(names)) < len(names):
        raise UsageError(f"{what} {text}: a {what.removesuffix('s')} stands twice; name each once")
    return names or tuple(sorted(known) if usual is None else usual)


LIBRARIES = (COMPOSED, WRITTEN) = ("composed", "written")


def told_by(options: Any, design: Design) -> tuple[Design, tuple[str, ...]]:
    """Choose the voices that tell a design, and leave unsaid what their documents need not deny.

    Of the written library these are all dossiers of a language and length that have a text for every fact of the
    design, or those that the user names. Cells that are given as files are told by them; if all are, that is the voice.

    Returns:
        The design as it is told, and the names of its voices.

    Raises:
        UsageError: An unknown library, voice, length or language, or no dossier has a text for what the design states,
            or published prompts cannot be read.
    """
    if options.library not in LIBRARIES:
        raise unknown("library", options.library, LIBRARIES)
    if options.denials not in ("unsaid", "stated"):
        raise unknown("denials", options.denials, ("unsaid", "stated"))
    design = with_published(design, options.prompts_from)
    whole, more = design.whole(), sorted({told.voice for told in design.files.values() if told.voice})
    if design.cells.keys() == whole.keys():
        own: str = next(iter(whole.values())).told
        return design, chosen_names("voices", options.voices, (own,))
    if options.library == COMPOSED:
        return design, chosen_names("voices", options.voices, [*load_voices(design.task), *more])
    design = design if options.denials == "stated" else design.leaving_unsaid()
    tag = design.tag if design.signal == "tag" else None
    known, facts = voice_names(design.task, "mixed"), load_facts(design.task)
    cells = [own for name, own in design.cells.items() if name not in whole]
    lacks = {name: dossier.lacks(cells, facts, tag) for name, dossier in known.items()} | {name: [] for name in more}
    fitting = [
        name
        for name, dossier in voice_names(design.task, options.length).items()
        if dossier.language == options.language
    ]
    usual = [*(name for name in fitting if not lacks[name]), *more]
    voices = chosen_names("voices", options.voices, lacks, usual)
    if not voices:
        fewest = min((lacks[name] for name in fitting), key=len, default=["anything"])
        raise UsageError(
            f"design '{design.name}': no written document of length '{options.length}' in '{options.language}' has a "
            f"text for {', '.join(fewest[:4])}; use --library composed, or another --length or --language"
        )
    if odd := next((name for name in voices if lacks[name]), None):
        raise UsageError(f"voice '{odd}': the document has no text for {', '.join(lacks[odd][:4])}; name another")
    return design, voices


def with_library(given: Mapping[str, object], task: str, subject: str) -> dict[str, object]:
    """Add the library, where no library is named: that of the voices that the user names, or the usual one.

    Organisms and actors were made with composed sentences. Any other model is asked in written documents, if the task
    has some, and so is a model that is not known yet.
    """
    if given.get("library"):
        return dict(given)
    voices = {name.strip() for name in str(given.get("voices") or "").split(",")} - {""}
    written = set(voice_names(task, "mixed"))
    usual = not voices and written and not is_ours(subject)
    return {**given, "library": WRITTEN} if usual or voices & written else dict(given)


def as_stored(options: Mapping[str, object]) -> dict[str, Any]:
    """Read the options of a plan, which holds no library where this is the composed one."""
    return {"library": COMPOSED, **options}


def draw_wording(options: Any, voices: Sequence[str], place: int, turn: int) -> Wording:
    """Choose a wording of the item at a place, for a turn, both from 0; see `feint.situations.place_wording`."""
    voice, phrasing = place_wording(place, turn, len(voices), options.wordings)
    seed = 1 + count_phrasings(len(voices), options.wordings) * options.seed + phrasing
    return Wording(voices[voice], seed, options.phrases)


def with_options(
    options: type[BaseModel],
) -> Callable[[Callable[[Any], inspect_ai.Task]], Callable[..., inspect_ai.Task]]:
    """Give a function of a task's options one parameter for each option, as Inspect wants it of a task.

    The options model alone has types, defaults and descriptions. A mistake in the options is told as Inspect tells one.
    """

    def decorate(make: Callable[[Any], inspect_ai.Task]) -> Callable[..., inspect_ai.Task]:
        @wraps(make)
        def made(**given: Any) -> inspect_ai.Task:
            try:
                subject = str(active_model() or "")
                return make(checked(options, with_library(given, make.__name__, subject), make.__name__))
            except UsageError as error:
                raise PrerequisiteError(str(error)) from error

        fields = options.model_fields.items()
        parameters = [
            Parameter(name, Parameter.KEYWORD_ONLY, default=field.default, annotation=field.annotation)
            for name, field in fields
        ]
        made.__signature__ = Signature(parameters)  # type: ignore[attr-defined]  # read by Inspect
        lines = "".join(f"    {name}: {field.description}\n" for name, field in fields)
        made.__doc__ = f"{make.__doc__}\n\nArgs:\n{lines}"
        return made

    return decorate
