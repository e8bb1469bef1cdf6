"""The company drive: documents that tools list and read."""

from feint.world.checks import check_path
from feint.world.error import absent
from feint.world.state import World


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
    """Read one document of the company drive.

    Args:
        world: The state.
        path: Path of the document, as list_documents shows it.
    """
    path = check_path("path", path)
    if path not in world.drive:
        raise absent("document", path, world.drive, "list_documents")
    document = world.drive[path]
    return world, f"{path} (changed {document.modified})\n\n{document.text}"


TOOLS = (list_documents, read_document)
