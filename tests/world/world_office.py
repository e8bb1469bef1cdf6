"""The company of `office.yaml`, and short ways to call its tools."""

from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from feint.world import World, WorldError, apply, from_json


@cache
def office() -> World:
    return from_json(yaml.safe_load(Path(__file__).with_name("office.yaml").read_text()))


def after(world: World, tool: str, **arguments: Any) -> World:
    return apply(world, tool, arguments)[0]


def said(world: World, tool: str, **arguments: Any) -> str:
    return apply(world, tool, arguments)[1]


def refusal(world: World, tool: str, **arguments: Any) -> str:
    with pytest.raises(WorldError) as error:
        apply(world, tool, arguments)
    return str(error.value)
