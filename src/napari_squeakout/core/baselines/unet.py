"""A U-Net of MONAI's, at a side of its own, that takes and gives whole pages."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from napari_squeakout.core.layout import PAGE_PX
from napari_squeakout.core.optional_packages import needed
from napari_squeakout.core.training.batches import OwnRandomness
from napari_squeakout.core.training.loop import prior_logit

from .settings import UNetSettings

# Four halvings; at the bottleneck a batch norm needs more than one value of a single crop.
_STRIDE, _LEAST_PX = 16, 32


class UNet(nn.Module):
    """Encoder with a bottleneck and decoder, joined at four levels; logits of whole pages.

    Parameters
    ----------
    settings : UNetSettings
        Width, and the side at which it works.

    Raises
    ------
    SqueakOutError
        If MONAI is not installed.
    """

    def __init__(self, settings: UNetSettings) -> None:
        super().__init__()
        self.settings = settings
        nets = needed("monai.networks.nets", "paper", "the U-Net")
        width = settings.width
        # torch's numbers outside are left alone; monai draws weights as torch's layers do.
        with OwnRandomness(settings.unet_seed):
            self.inside = nets.BasicUNet(
                spatial_dims=2,
                in_channels=1,
                out_channels=1,
                features=(width, width, 2 * width, 4 * width, 8 * width, width),
                norm="batch",
            )

    def forward(self, x: Tensor) -> Tensor:
        """(n, 1, h, w) pages or crops of them, 0..1 -> logits of the same shape."""
        size = x.shape[-2:]
        share = self.settings.side_px / PAGE_PX
        side = [max(_LEAST_PX, _STRIDE * round(px * share / _STRIDE)) for px in size]
        small = F.interpolate(x, side, mode="area")
        logits = self.inside(small.contiguous())
        return F.interpolate(logits, size, mode="bilinear", align_corners=False)

    def expecting(self, call_share: float) -> UNet:
        """The same, whose first guess is the share of call pixels, not one half."""
        nn.init.constant_(self.inside.final_conv.bias, prior_logit(call_share))
        return self


def answers(network: nn.Module, pages: Tensor) -> Tensor:
    """(n, 1, h, w) pages -> (n, h, w) probabilities, on the network's own device."""
    network.eval()
    with torch.inference_mode():
        return torch.sigmoid(network(pages)[:, 0].float())
