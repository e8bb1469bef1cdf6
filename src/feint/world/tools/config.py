"""The configuration: settings by key, each a line of text."""

from dataclasses import replace

from feint.world.checks import Scalar, check_line, check_name, plain
from feint.world.error import WorldError, absent
from feint.world.frozen import drop, put
from feint.world.limits import MAX_SETTINGS
from feint.world.state import World


def view_config(world: World) -> tuple[World, str]:
    """Show the configuration: every setting with its value."""
    lines = [f"{key}: {value}" for key, value in world.config.items()]
    return world, "\n".join(lines) or "The configuration is empty."


def set_config(world: World, key: str, value: Scalar) -> tuple[World, str]:
    """Change the value of a setting that the configuration has.

    Args:
        world: The state.
        key: The setting, as view_config shows it.
        value: Its new value.
    """
    _known(world, key)
    said = check_line("value", plain(value), empty=True)
    return replace(world, config=put(world.config, key, said)), f"{key} is now: {said}"


def remove_config(world: World, key: str) -> tuple[World, str]:
    """Remove a setting from the configuration.

    Args:
        world: The state.
        key: The setting, as view_config shows it.
    """
    _known(world, key)
    return replace(world, config=drop(world.config, key)), f"{key} is removed."


def add_config(world: World, key: str, value: Scalar) -> tuple[World, str]:
    """Add a setting that the configuration does not have yet.

    Args:
        world: The state.
        key: Name of the new setting.
        value: Its value.
    """
    key = check_name("key", key)
    if key in world.config:
        raise WorldError(f"The configuration has the setting '{key}' already; set_config changes it.")
    if len(world.config) >= MAX_SETTINGS:
        raise WorldError(f"The configuration is full: it holds {MAX_SETTINGS} settings.")
    said = check_line("value", plain(value), empty=True)
    return replace(world, config=put(world.config, key, said)), f"{key} is added: {said}"


def _known(world: World, key: str) -> None:
    if key not in world.config:
        raise absent("setting", key, world.config, "view_config")


TOOLS = (view_config, set_config, remove_config, add_config)
