"""Model: a network's weights, under a name, with their card."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import torch
from torch import Tensor

from napari_squeakout.core.errors import ModelError
from napari_squeakout.core.settings import CleanSettings, RenderSettings

from .card import ModelCard, check_name
from .checkpoint import check_shapes, own_copy
from .network import SqueakOut


def weights_fingerprint(weights: Mapping[str, Tensor]) -> str:
    """sha256 over names, shapes and values, hexadecimal."""
    digest = hashlib.sha256()
    for name, value in sorted(weights.items()):
        digest.update(f"{name}{tuple(value.shape)}".encode())
        digest.update(value.detach().float().cpu().numpy().astype("<f4").tobytes())
    return digest.hexdigest()


def _is_whole_number(value: Tensor) -> bool:
    return not (value.is_floating_point() or value.is_complex())


def _is_counter(name: str) -> bool:
    """Whether it is the one kind of value that is a whole number: batches seen by a batch norm."""
    return name.endswith(".num_batches_tracked")


@dataclass(frozen=True, eq=False)
class Model:
    """A network's weights and their card.

    Parameters
    ----------
    name : str
        Letters, digits, '-', '_' and '.', at most 64.
    weights : mapping of str to Tensor
        By the names of SqueakOut's `state_dict`, exactly; copied to float32 on the CPU
        (counters to int64), so that training on does not change the model.
    card : ModelCard
        Bears the same name.

    Raises
    ------
    ModelError
        If a name is missing, foreign or of another shape, or a weight is not finite or a whole
        number.
    """

    name: str
    weights: Mapping[str, Tensor] = field(repr=False)
    card: ModelCard = field(repr=False)

    def __post_init__(self) -> None:
        if self.card.name != check_name(self.name):
            msg = f"model {self.name!r} has the card of {self.card.name!r}: give both the same name"
            raise ModelError(msg)
        check_shapes({name: tuple(value.shape) for name, value in self.weights.items()}, self.name)
        whole = [n for n, w in self.weights.items() if _is_whole_number(w) and not _is_counter(n)]
        if whole:
            msg = (
                f"{self.name}: {len(whole)} weights are whole numbers, {whole[0]} for one, as of a "
                "quantised network: save it with its weights as real numbers"
            )
            raise ModelError(msg)
        weights = {name: own_copy(value) for name, value in self.weights.items()}
        broken = [name for name, value in weights.items() if not torch.isfinite(value).all()]
        if broken:
            msg = (
                f"{self.name}: {len(broken)} weights are not finite numbers, {broken[0]} for "
                "one: train it again with a lower learning rate, or choose another file"
            )
            raise ModelError(msg)
        object.__setattr__(self, "weights", weights)

    @cached_property
    def fingerprint(self) -> str:
        """That of its weights; the same whatever file they are in."""
        return weights_fingerprint(self.weights)

    def network(self) -> SqueakOut:
        """A new network with these weights, in eval mode, on the CPU; it shares no memory."""
        with torch.device("meta"):  # draws no random numbers only to overwrite them
            network = SqueakOut()
        network.load_state_dict({n: w.clone() for n, w in self.weights.items()}, assign=True)
        return network.eval()

    def rendering(self, wanted: RenderSettings) -> RenderSettings:
        """What this model expects of pages, but for the settings that `wanted` states outright."""
        stated = {name: getattr(wanted, name) for name in wanted.model_fields_set}
        return RenderSettings.model_validate({**self.card.rendering.model_dump(), **stated})

    def cleaning(self, wanted: CleanSettings) -> CleanSettings:
        """What its calls were judged with, but for the settings that `wanted` states outright."""
        judged = self.card.cleaning
        if judged is None:
            return wanted
        stated = {name: getattr(wanted, name) for name in wanted.model_fields_set}
        return CleanSettings.model_validate({**judged.model_dump(), **stated})

    def renamed(self, name: str) -> Model:
        """The same weights under another name."""
        if name == self.name:
            return self
        return Model(name, self.weights, self.card.model_copy(update={"name": check_name(name)}))
