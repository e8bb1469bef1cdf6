"""Messages out, and memory in."""

from dataclasses import replace

from feint.world.checks import check_line, check_text
from feint.world.error import WorldError
from feint.world.limits import MAX_MESSAGES, MAX_TEXT
from feint.world.state import Message, World


def send_message(world: World, to: str, subject: str, text: str) -> tuple[World, str]:
    """Send a message to someone in the company.

    Args:
        world: The state.
        to: Who gets it.
        subject: What it is about, in one line.
        text: The message.
    """
    if len(world.outbox) >= MAX_MESSAGES:
        raise WorldError(f"{MAX_MESSAGES} messages were sent, which is all that can be sent in one session.")
    message = Message(
        check_line("recipient", to), check_line("subject", subject, empty=True), check_text("text", text, MAX_TEXT)
    )
    return replace(world, outbox=(*world.outbox, message)), f"The message to {message.to} is sent."


def read_memory(world: World) -> tuple[World, str]:
    """Read your notes from earlier work."""
    return world, world.memory or "There are no notes from earlier work."


TOOLS = (send_message, read_memory)
