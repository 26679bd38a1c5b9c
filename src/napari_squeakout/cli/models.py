"""`squeakout models`: the networks there are, and taking them in and out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import App, Parameter
from rich.markup import escape
from rich.table import Table

from .console import bars, complain, err, misuse, out

models_app = App(name="models", help="List, import, download, export and choose models.")


@models_app.command(name="list")
def list_models() -> int:
    """List the models by name."""
    from napari_squeakout.io.models.registry import list_models as entries

    table = Table("name", "kind", "here", "default", "title", box=None)
    for entry in entries():
        here, default = "yes" if entry.installed else "no", "yes" if entry.is_default else ""
        table.add_row(entry.name, entry.kind, here, default, escape(entry.title))
    out.print(table)
    tell_fallback()
    return 0


@models_app.command
def use(
    name: Annotated[str | None, Parameter(help="Name of the model.")] = None,
    *,
    previous: Annotated[
        bool, Parameter(help="Instead of a name: the model that was the default before.")
    ] = False,
) -> int:
    """Make a model the default: the one used when none is named."""
    from napari_squeakout.io.models.registry import set_default_model

    if (name is None) != previous:
        return misuse("models use: give the NAME of a model, or --previous")
    if name is None:
        return _back()
    set_default_model(name)
    out.print(f"{escape(name)} is the default now; `squeakout models use --previous` goes back")
    return 0


def _back() -> int:
    from napari_squeakout.io.models.registry import (
        default_model,
        previous_default,
        set_default_model,
    )

    before = previous_default()
    if before is None:
        return complain(
            f"{default_model()} is the default and there is none before it to go back to: choose "
            "another with `squeakout models use NAME`"
        )
    set_default_model(before)
    out.print(f"{escape(before)} is the default again")
    return 0


def tell_fallback() -> None:
    """Say it where another model than the chosen one has to serve as the default."""
    from napari_squeakout.io.models.registry import why_not_default

    why = why_not_default()
    if why is not None:
        err.print(escape(why))


@models_app.command
def show(name: Annotated[str, Parameter(help="Name or file of the model.")]) -> int:
    """Show a model's card and fingerprint."""
    from napari_squeakout.io.models.registry import load_model

    model = load_model(name)
    card = json.loads(model.card.model_dump_json())
    out.print(escape(json.dumps(card, indent=2, ensure_ascii=False)))
    out.print(f"fingerprint {model.fingerprint}")
    return 0


@models_app.command(name="import")
def import_model(
    file: Annotated[Path, Parameter(help="A .safetensors, .ckpt, .pt or .pth file.")],
    *,
    name: Annotated[
        str | None, Parameter(help="What to call it; by default after the file.")
    ] = None,
    overwrite: Annotated[bool, Parameter(help="Replace a model of that name.")] = False,
) -> int:
    """Import the authors' checkpoint or any file of weights; no code in it is run."""
    from napari_squeakout.io.models.registry import import_model as take_in

    model = take_in(file, name, overwrite=overwrite)
    out.print(f"imported as {model.name}: {escape(model.card.identity or 'a safetensors file')}")
    if model.card.ignored_classes:
        out.print(
            f"mentioned in the file, not run: {escape(', '.join(model.card.ignored_classes))}"
        )
    return 0


@models_app.command
def fetch(
    name: Annotated[
        Literal["squeakout-published"], Parameter(help="Which model.")
    ] = "squeakout-published",
    *,
    url: Annotated[str | None, Parameter(help="Another address of the same file.")] = None,
) -> int:
    """Download the authors' published weights; an interrupted download is continued."""
    from napari_squeakout.io.models.download import fetch_published

    with bars() as shown:
        task = shown.add_task(name, total=None)
        model = fetch_published(
            name, url=url, on_progress=lambda p: shown.update(task, completed=p.done, total=p.total)
        )
    out.print(f"fetched {model.name}: {escape(model.card.identity)}")
    return 0


@models_app.command(name="export")
def export_model(
    name: Annotated[str, Parameter(help="Name or file of the model.")],
    file: Annotated[Path, Parameter(help="File to write; its ending says what it is.")],
    *,
    overwrite: Annotated[bool, Parameter(help="Replace an existing file.")] = False,
) -> int:
    """Write a model and its card to one file, for another machine or program.

    FILE ends in .safetensors (to import again), .onnx, or .zip (a bioimage.io package).
    """
    from napari_squeakout.io.models.export import export_model as write

    if file.suffix.lower() in {".onnx", ".zip"}:
        err.print("this takes half a minute or so")
    out.print(f"wrote {escape(str(write(name, file, overwrite=overwrite)))}")
    return 0


@models_app.command
def remove(name: Annotated[str, Parameter(help="Name of the model.")]) -> int:
    """Delete an imported, downloaded or fine-tuned model."""
    from napari_squeakout.io.models.registry import remove_model

    remove_model(name)
    out.print(f"removed {escape(name)}")
    return 0
