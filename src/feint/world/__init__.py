"""A small simulated company: immutable state, tools as pure functions, an event for every call. Nothing is real."""

from feint.world.checks import WorldError
from feint.world.difference import Change, difference
from feint.world.events import Event, Run, begin, call, refuse, replay, seen
from feint.world.registry import TOOLS, apply, cut
from feint.world.serial import check_world, events_from_json, events_to_json, from_json, to_json
from feint.world.state import Agent, Document, File, Item, Message, Server, Sheet, World

__all__ = [
    "TOOLS",
    "Agent",
    "Change",
    "Document",
    "Event",
    "File",
    "Item",
    "Message",
    "Run",
    "Server",
    "Sheet",
    "World",
    "WorldError",
    "apply",
    "begin",
    "call",
    "check_world",
    "cut",
    "difference",
    "events_from_json",
    "events_to_json",
    "from_json",
    "refuse",
    "replay",
    "seen",
    "to_json",
]
