"""Mistakes in the arguments, in one line each."""

from difflib import get_close_matches

from cyclopts import (
    CoercionError,
    CycloptsError,
    MissingArgumentError,
    RepeatArgumentError,
    UnknownCommandError,
    UnknownOptionError,
    UnusedCliTokensError,
)


def told(error: CycloptsError) -> str:
    """Return what is wrong with the arguments, and the remedy."""
    chain = error.command_chain or ()
    where, ask = "".join(f"{name}: " for name in chain[-1:]), " ".join(("feint", *chain, "-h"))
    match error:
        case UnknownCommandError() | UnusedCliTokensError():
            name = (error.unused_tokens or ["?"])[0]
            names = [known for known in (error.app or ()) if known.startswith("-") == name.startswith("-")]
            if isinstance(error, UnknownCommandError) or get_close_matches(name, names):
                kind = "option" if name.startswith("-") else "command"
                return f"{where}unknown {kind} {nearest(name, names, ask)}"
            return f"{where}'{name}' is one argument too many; {ask} explains the arguments"
        case UnknownOptionError():
            names = [name for one in error.argument_collection if one.parse for name in one.names]
            return f"{where}unknown option {nearest(error.token.keyword or error.token.value, names, ask)}"
        case MissingArgumentError():
            name = error.keyword or (error.argument.name if error.argument else "an argument")
            choices = error.argument.get_choices() if error.argument and not error.keyword else None
            if choices:
                return f"{where}{name} is missing; expected one of {', '.join(choices)}"
            return f"{where}{name} {'needs a value' if error.keyword else 'is missing'}; {ask} explains it"
        case RepeatArgumentError():
            return f"{where}{error.token.keyword} is given twice; leave one out"
        case CoercionError() if error.token is not None:
            name = error.token.keyword or (error.argument.name if error.argument else "")
            choices = error.argument.get_choices() if error.argument else None
            if choices:
                return f"{name} {error.token.value}: expected one of {', '.join(choices)}"
            error.verbose = False
            return f"{name} {error.token.value}: {getattr(error.msg, 'plain', error.msg) or error}"
    error.verbose = False
    return f"{where}{error}"


def nearest(name: str, known: list[str], ask: str) -> str:
    """Name what is unknown, with the nearest known name.

    >>> nearest("--desig", ["--design", "--out"], "feint study -h")
    '--desig; did you mean --design?'
    """
    near = get_close_matches(name.partition("=")[0], known, n=1)
    return f"{name}; did you mean {near[0]}?" if near else f"{name}; {ask} lists them"
