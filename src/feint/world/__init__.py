"""A small simulated company: immutable state, tools as pure functions, an event for every call. Nothing is real."""

from feint.world.bounds import check_world
from feint.world.difference import Change, difference
from feint.world.error import WorldError
from feint.world.events import Answer, Event, Run, begin, call, refuse, replay
from feint.world.keeping import seen
from feint.world.registry import GROUPS, TOOLS, WorldTool, apply, cut
from feint.world.serial import events_from_json, events_to_json, from_json, to_json
from feint.world.state import Agent, Document, File, Item, Message, Server, Sheet, World

__all__ = [
    "GROUPS",
    "TOOLS",
    "Agent",
    "Answer",
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
    "WorldTool",
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
