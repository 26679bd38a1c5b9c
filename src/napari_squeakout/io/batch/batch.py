"""Segment any number of inputs alike: one that cannot be used does not cost the others."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from napari_squeakout.core.batch_settings import BatchSettings
from napari_squeakout.core.detection.engine import Engine
from napari_squeakout.core.errors import one_line
from napari_squeakout.core.steps import Steps, run
from napari_squeakout.io.results.results import Result, output_folder, writing_result
from napari_squeakout.io.results.run_again import Again
from napari_squeakout.io.results.run_record import RunSettings
from napari_squeakout.io.sources.inputs import Input, plan_inputs

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Outcome:
    """What came of one input.

    Parameters
    ----------
    source : Input
        The input.
    result : Result, optional
        Where its results are; None where it could not be used.
    failures : tuple of str
        What could not be used, one sentence each.
    """

    source: Input
    result: Result | None
    failures: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Batch:
    """Inputs that are segmented alike; from `batch_of`.

    Parameters
    ----------
    inputs : tuple of Input
        In the order in which they were named.
    output : Path
        Folder of the results, one folder an input.
    engine : Engine
        Model and device.
    settled : RunSettings
        All other settings; what they leave open is as the model was made for and judged with.
    sha256 : str
        Of what each input must be; empty where they may be anything.
    """

    inputs: tuple[Input, ...]
    output: Path
    engine: Engine
    settled: RunSettings
    sha256: str = ""

    def outcomes(self, jobs: int = 1, scheduler: str = "") -> Iterator[Outcome]:
        """Segment all inputs, with so many processes or on a cluster; each as it is finished."""
        if scheduler:
            from .on_cluster import segmented_on_cluster

            yield from segmented_on_cluster(self, scheduler)
            return
        if min(jobs, len(self.inputs)) > 1:
            from .beside import segmented_beside

            yield from segmented_beside(self, jobs)
            return
        for source in self.inputs:
            yield run(self.segmenting(source))

    def segmenting(self, source: Input) -> Steps[Outcome]:
        """Segment one of the inputs, and write its results or nothing."""
        steps = writing_result(
            source,
            self.output,
            self.engine,
            self.settled,
            inputs=self.inputs,
            sha256=self.sha256,
        )
        try:
            result = yield from steps
        except Exception as error:  # noqa: BLE001 - whatever is odd about one, the others go on
            _log.debug("%s", source.path, exc_info=True)
            return Outcome(source, None, (_about(source.path, error),))
        return Outcome(source, result, result.unreadable)


def batch_of(
    paths: Iterable[str | Path],
    output: str | Path,
    engine: Engine,
    settled: RunSettings | None = None,
    shared: BatchSettings | None = None,
) -> Batch:
    """Prepare a batch.

    Parameters
    ----------
    paths : iterable of str or Path
        Recordings, images, folders.
    output : str or Path
        Folder for the results; made if need be.
    engine : Engine
        Model and device.
    settled : RunSettings, optional
        All other settings.
    shared : BatchSettings, optional
        Which of the inputs are taken.

    Raises
    ------
    InputError
        If the folder for the results cannot be one.
    """
    settled = (settled or RunSettings()).for_model(engine.model)
    shared = shared or BatchSettings()
    inputs = tuple(plan_inputs(paths, subfolders=shared.subfolders, share=shared.share))
    return Batch(inputs=inputs, output=output_folder(Path(output)), engine=engine, settled=settled)


def batch_again(again: Again, output: str | Path, engine: Engine) -> Batch:
    """Prepare to make the result of a record again, of the very input it names.

    Parameters
    ----------
    again : Again
        What the record says.
    output : str or Path
        Folder for the results; made if need be.
    engine : Engine
        Of its model and settings.

    Raises
    ------
    InputError
        If the folder for the results cannot be one.
    """
    batch = batch_of([again.path], output, engine, again.settled)
    # A folder of images may hold recordings, which are inputs of their own.
    own = tuple(source for source in batch.inputs if source.path == again.path)
    alone = own or (Input(again.path, again.path.stem),)  # reading it says what is wrong
    return replace(batch, inputs=alone, sha256=again.sha256)


def _about(path: Path, error: Exception) -> str:
    text = one_line(error)
    return text if str(path) in text else f"{path}: {text.removeprefix(f'{path.stem}: ')}"
