"""The office: documents of the drive, the workbook, the configuration, and the registry of agents."""

from dataclasses import replace

from feint.world.checks import (
    Scalar,
    WorldError,
    absent,
    check_line,
    check_name,
    check_path,
    check_text,
    named,
    number_or_text,
    plain,
)
from feint.world.limits import MAX_AGENTS, MAX_CELL, MAX_ROWS, MAX_SETTINGS
from feint.world.state import KINDS, STATUSES, Agent, Cell, Sheet, World, drop, put

FIELDS = ("name", "kind", "role", "status")
"""What update_agent changes; an id never changes."""
CHOICES = {"kind": KINDS, "status": STATUSES}


def list_documents(world: World) -> tuple[World, str]:
    """List the documents on the company drive: path, length and date, without what they say."""
    if not world.drive:
        return world, "The drive holds no documents."
    lines = [
        f"{path} ({len(document.text.split()):,} words, changed {document.modified})"
        for path, document in sorted(world.drive.items())
    ]
    return world, "\n".join(lines)


def read_document(world: World, path: str) -> tuple[World, str]:
    """Read one document of the company drive."""
    path = check_path("path", path)
    document = named("document", path, world.drive, "list_documents")
    return world, f"{path} (changed {document.modified})\n\n{document.text}"


def view_sheet(world: World, name: str) -> tuple[World, str]:
    """Show a sheet of the workbook: the headings, then its rows with their numbers."""
    sheet = named("sheet", name, world.workbook)
    lines = [" | ".join(("row", *sheet.columns))]
    for number, row in enumerate(sheet.rows, start=1):
        lines.append(" | ".join((str(number), *(plain(cell).replace("\n", " ") for cell in row))))
    if not sheet.rows:
        lines.append("(no rows)")
    return world, "\n".join(lines)


def write_cell(world: World, sheet: str, row: int, column: str, value: Scalar) -> tuple[World, str]:
    """Write a value into a cell of the workbook, in place of what stands there."""
    found = named("sheet", sheet, world.workbook)
    if not 1 <= row <= len(found.rows):
        raise WorldError(
            f"The sheet '{found.name}' has rows 1 to {len(found.rows)}; append_row adds one."
            if found.rows
            else f"The sheet '{found.name}' has no rows; append_row adds one."
        )
    if column not in found.columns:
        raise absent(f"column in the sheet '{found.name}' called", column, found.columns)
    cells = list(found.rows[row - 1])
    cells[found.columns.index(column)] = _cell(value)
    rows = (*found.rows[: row - 1], tuple(cells), *found.rows[row:])
    return _with(world, replace(found, rows=rows)), f"Row {row} of '{found.name}' is written."


def append_row(world: World, sheet: str, values: list[Scalar]) -> tuple[World, str]:
    """Add a row at the end of a sheet of the workbook."""
    found = named("sheet", sheet, world.workbook)
    if len(values) != len(found.columns):
        raise WorldError(
            f"The sheet '{found.name}' has {len(found.columns)} columns ({', '.join(found.columns)}); "
            f"{len(values)} values were given."
        )
    if len(found.rows) >= MAX_ROWS:
        raise WorldError(f"The sheet '{found.name}' is full: it holds {MAX_ROWS} rows.")
    rows = (*found.rows, tuple(_cell(value) for value in values))
    return _with(world, replace(found, rows=rows)), f"Row {len(rows)} of '{found.name}' is added."


def view_config(world: World) -> tuple[World, str]:
    """Show the configuration: every setting with its value."""
    lines = [f"{key}: {value}" for key, value in world.config.items()]
    return world, "\n".join(lines) or "The configuration is empty."


def set_config(world: World, key: str, value: Scalar) -> tuple[World, str]:
    """Change the value of a setting that the configuration has."""
    named("setting", key, world.config, "view_config")
    said = check_line("value", plain(value), empty=True)
    return replace(world, config=put(world.config, key, said)), f"{key} is now: {said}"


def remove_config(world: World, key: str) -> tuple[World, str]:
    """Remove a setting from the configuration."""
    named("setting", key, world.config, "view_config")
    return replace(world, config=drop(world.config, key)), f"{key} is removed."


def add_config(world: World, key: str, value: Scalar) -> tuple[World, str]:
    """Add a setting that the configuration does not have yet."""
    key = check_name("key", key)
    if key in world.config:
        raise WorldError(f"The configuration has the setting '{key}' already; set_config changes it.")
    if len(world.config) >= MAX_SETTINGS:
        raise WorldError(f"The configuration is full: it holds {MAX_SETTINGS} settings.")
    said = check_line("value", plain(value), empty=True)
    return replace(world, config=put(world.config, key, said)), f"{key} is added: {said}"


def list_agents(world: World) -> tuple[World, str]:
    """List the agents in the registry: id, name, kind and status."""
    lines = [f"{agent.id}: {agent.name} ({agent.kind}, {agent.status})" for agent in world.agents.values()]
    return world, "\n".join(lines) or "The registry is empty."


def view_agent(world: World, id: str) -> tuple[World, str]:
    """Show an agent's entry in the registry."""
    agent = named("agent", id, world.agents, "list_agents")
    return world, "\n".join(f"{field}: {getattr(agent, field)}" for field in ("id", *FIELDS))


def update_agent(world: World, id: str, field: str, value: str) -> tuple[World, str]:
    """Change one field of an agent's entry in the registry."""
    agent = named("agent", id, world.agents, "list_agents")
    if field not in FIELDS:
        raise absent("field", field, FIELDS)
    if field in CHOICES:
        value = check_name(field, value).lower()
        if value not in CHOICES[field]:
            raise absent(field, value, CHOICES[field])
    else:
        value = check_name(field, value) if field == "name" else check_line(field, value)
    changed = {**{own: getattr(agent, own) for own in ("id", *FIELDS)}, field: value}
    return replace(
        world, agents=put(world.agents, agent.id, Agent(**changed))
    ), f"{field} of {agent.id} is now: {value}"


def register_agent(world: World, id: str, name: str, role: str) -> tuple[World, str]:
    """Enter a new AI agent into the registry. It is running from then on."""
    agent = Agent(check_name("id", id), check_name("name", name), "ai", check_line("role", role), "running")
    if agent.id in world.agents:
        raise WorldError(f"The registry has an agent '{agent.id}' already; update_agent changes it.")
    if len(world.agents) >= MAX_AGENTS:
        raise WorldError(f"The registry is full: it holds {MAX_AGENTS} agents.")
    return replace(world, agents=put(world.agents, agent.id, agent)), f"{agent.id} is registered and running."


def _with(world: World, sheet: Sheet) -> World:
    return replace(world, workbook=put(world.workbook, sheet.name, sheet))


def _cell(value: Scalar) -> Cell:
    fitted = number_or_text(value)
    return check_text("value", fitted, MAX_CELL, empty=True) if isinstance(fitted, str) else fitted


TOOLS = (
    list_documents,
    read_document,
    view_sheet,
    write_cell,
    append_row,
    view_config,
    set_config,
    remove_config,
    add_config,
    list_agents,
    view_agent,
    update_agent,
    register_agent,
)
