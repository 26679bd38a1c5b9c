"""Fine-tunings in processes of their own, which outlive whoever started them."""

from __future__ import annotations

import platform
import subprocess
import time
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from napari_squeakout.core.errors import SqueakOutError
from napari_squeakout.io.files import remove_own

from .account import Account, RunState, last_words, status_on_disk
from .folder import (
    CANCELLED,
    FILES,
    ORDER,
    PROCESS,
    SEEN,
    STOP,
    EventsHeard,
    is_held,
    read_json,
    write_json,
)
from .order import TrainingOrder
from .process import kill_group, spawn
from .undo import unsave

__all__ = [
    "Account",
    "RunState",
    "TrainingOrder",
    "cancel",
    "forget",
    "list_runs",
    "note_seen",
    "read_account",
    "run_to_show",
    "start_run",
    "stop",
    "trainings_folder",
]

# A run loads torch and what else before it takes its lock.
_STARTS_WITHIN_S = 120.0
_DIES_WITHIN_S = 10.0
# Whoever looks whether a run is alive holds its lock for less.
_MOMENT_S = 0.02
# Started here: kept, so that they are known to have ended, and leave no zombie.
_started: dict[Path, subprocess.Popen[bytes]] = {}


def trainings_folder() -> Path:
    """Where runs are kept."""
    from napari_squeakout.io.home import home_folder

    return home_folder() / "trainings"


def start_run(order: TrainingOrder, root: Path | None = None) -> Path:
    """Begin a fine-tuning in a process of its own; gives the folder of its run.

    Parameters
    ----------
    order : TrainingOrder
        What to do.
    root : Path, optional
        Where its folder is made; by default among the user's data.

    Raises
    ------
    SqueakOutError
        If no model can have that name, another run is about to use it, the folder cannot be
        written or no process begun.
    """
    from napari_squeakout.core.model.card import check_name

    check_name(order.name)
    _check_free(order.name, root)
    now = datetime.now(UTC)
    folder = (root or trainings_folder()).absolute() / f"{now:%Y%m%d-%H%M%S-%f}-{order.name}"
    try:
        folder.mkdir(parents=True)
        write_json(folder / ORDER, {**order.as_dict(), "started": now.isoformat()})
        _started[folder] = spawn(order.arguments(folder), folder)
    except OSError as error:
        remove_own(folder, FILES)
        reason = error.strerror or str(error)
        msg = f"{folder}: no fine-tuning could be begun ({reason}): free space or memory"
        raise SqueakOutError(msg) from error
    return folder


def list_runs(root: Path | None = None) -> list[Path]:
    """Folders of all runs, the newest first."""
    return sorted(
        (path.parent for path in (root or trainings_folder()).glob(f"*/{ORDER}")), reverse=True
    )


def run_to_show(root: Path | None = None) -> Path | None:
    """The newest run that is alive, else the newest that ended and was not seen or cancelled."""
    unseen = None
    for folder in list_runs(root):
        if (folder / SEEN).exists() or (folder / CANCELLED).exists():
            continue
        if read_account(folder).state.is_alive:
            return folder
        unseen = unseen or folder
    return unseen


def read_account(folder: Path, heard: EventsHeard | None = None) -> Account:
    """How far a run is; with what was heard of it before, cheap enough for many looks a second."""
    process = _started.get(folder)
    if process is not None:
        process.poll()  # a process that has ended lingers until it is asked
    heard = heard or EventsHeard()
    account = status_on_disk(folder, heard)
    if account.state is RunState.STARTING and not _may_still_start(folder, account):
        # Read again: it may have begun, told all and ended since.
        account = status_on_disk(folder, heard)
        if account.state is RunState.STARTING:
            error = last_words(folder)
            return replace(account, state=RunState.DIED, error=error)
    return account


def stop(folder: Path) -> None:
    """Ask a run to end learning soon; the best so far is judged and saved."""
    (folder / STOP).touch()


def cancel(folder: Path) -> None:
    """End a run at once, leaving nothing of it; of one that has ended, what it left stays."""
    if not read_account(folder).state.is_alive:
        return
    (folder / CANCELLED).touch()
    is_gone = _kill(folder)
    if status_on_disk(folder).state is RunState.DONE:
        (folder / CANCELLED).unlink()  # it was quicker
    elif is_gone:
        unsave(folder)


def note_seen(folder: Path) -> None:
    """Remember that a person has seen what came of a run."""
    (folder / SEEN).touch()


def forget(folder: Path) -> None:
    """Delete what a run that has ended has told; the model stays, and whatever else lies there.

    Raises
    ------
    SqueakOutError
        If it is alive.
    """
    if read_account(folder).state.is_alive:
        msg = f"{folder}: this fine-tuning is still at work: stop or cancel it first"
        raise SqueakOutError(msg)
    process = _started.get(folder)
    if process is not None:
        with suppress(subprocess.TimeoutExpired):
            process.wait(_DIES_WITHIN_S)  # it has told all, and is about to leave
            del _started[folder]
    remove_own(folder, FILES)


def _check_free(name: str, root: Path | None) -> None:
    """Two of one name would learn for nothing: the second could not be saved."""
    for folder in list_runs(root):
        wanted = str(read_json(folder / ORDER).get("name", ""))
        if wanted.lower() == name.lower() and read_account(folder).state.is_alive:
            msg = f"a model called {wanted} is being trained already: choose another name"
            raise SqueakOutError(msg)


def _may_still_start(folder: Path, account: Account) -> bool:
    process = _started.get(folder)
    if process is not None:
        return process.poll() is None
    started = account.order.get("started")
    if not started:
        return False
    waited = datetime.now(UTC) - datetime.fromisoformat(started)
    return waited.total_seconds() < _STARTS_WITHIN_S


def _kill(folder: Path) -> bool:
    """Kill the run's processes, and wait; whether they are gone.

    One on another machine, or that somebody else started just now, sees the mark itself.
    """
    process, about = _started.get(folder), read_json(folder / PROCESS)
    if process is not None and process.poll() is None:
        kill_group(process.pid)
        process.wait(_DIES_WITHIN_S)
    elif about.get("machine") == platform.node() and _is_surely_held(folder):
        kill_group(int(about["pid"]))
    else:
        return not is_held(folder)
    until = time.monotonic() + _DIES_WITHIN_S
    while time.monotonic() < until:
        if not is_held(folder):
            return True
        time.sleep(_MOMENT_S)
    return False


def _is_surely_held(folder: Path) -> bool:
    """Not just looked at by somebody: the number of a process that has ended may be another's."""
    for _ in range(3):
        if not is_held(folder):
            return False
        time.sleep(_MOMENT_S)
    return True
