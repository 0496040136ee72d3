"""One data folder per component, marked with its owner's name; nobody else's files are touched."""

from pathlib import Path

MARKER = ".tueroeffner-component"


class ForeignFolderError(RuntimeError):
    """The folder holds files that this component did not put there."""


def claim(root: Path, component: str) -> Path:
    """The folder of `component` under `root`, made and marked if it is new or empty.

    Raises ForeignFolderError, and changes nothing, if the folder has content without
    this component's mark.
    """
    folder = root / component
    marker = folder / MARKER
    if folder.exists() and not folder.is_dir():
        raise ForeignFolderError(f"{folder} is not a folder")
    if marker.is_file():
        owner = marker.read_text().strip()
        if owner != component:
            raise ForeignFolderError(f"{folder} belongs to {owner}, not to {component}")
        return folder
    if folder.exists() and any(folder.iterdir()):
        raise ForeignFolderError(f"{folder} holds files that are not {component}'s; choose another folder")
    folder.mkdir(parents=True, exist_ok=True)
    marker.write_text(component + "\n")
    return folder
