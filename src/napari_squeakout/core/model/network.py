"""SqueakOut, the network: spectrograms in, logits of the same size out."""

from __future__ import annotations

import copy
import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

#: Input height and width must be multiples of this: the encoder halves five times.
STRIDE = 32

# MobileNetV2 at width 1.0 (Sandler et al. 2018, table 2):
# expansion t, output channels c, repeats n, stride of the first repeat s
_ENCODER = [
    # t,   c, n, s
    (1, 16, 1, 1),
    (6, 24, 2, 2),
    (6, 32, 3, 2),
    (6, 64, 4, 2),
    (6, 96, 3, 1),
    (6, 160, 3, 2),
    (6, 320, 1, 1),
]
# Feature blocks after which the decoder taps the encoder: 1/2, 1/4, 1/8 and 1/16 of the input size.
_SKIPS = (1, 3, 6, 13)


def _conv_bn_relu(
    c_in: int, c_out: int, *, kernel: int, stride: int = 1, groups: int = 1
) -> list[nn.Module]:
    """Convolution without bias, batch norm, ReLU6."""
    padding = kernel // 2
    return [
        nn.Conv2d(c_in, c_out, kernel, stride, padding, groups=groups, bias=False),
        nn.BatchNorm2d(c_out),
        nn.ReLU6(inplace=True),
    ]


class InvertedResidual(nn.Module):
    """Expand, filter depthwise, project; with a shortcut where shape allows.

    Parameters
    ----------
    c_in, c_out : int
        Channels in and out.
    stride : int
        1 or 2.
    expansion : int
        Hidden channels per input channel; 1 leaves the expansion out.
    """

    def __init__(self, c_in: int, c_out: int, *, stride: int, expansion: int) -> None:
        super().__init__()
        hidden = c_in * expansion
        expand = _conv_bn_relu(c_in, hidden, kernel=1) if expansion > 1 else []
        depthwise = _conv_bn_relu(hidden, hidden, kernel=3, stride=stride, groups=hidden)
        project = [nn.Conv2d(hidden, c_out, 1, bias=False), nn.BatchNorm2d(c_out)]
        self.conv = nn.Sequential(*expand, *depthwise, *project)
        self.shortcut = stride == 1 and c_in == c_out

    def forward(self, x: Tensor) -> Tensor:
        """(n, c_in, h, w) -> (n, c_out, h / stride, w / stride)."""
        out: Tensor = self.conv(x)
        return x + out if self.shortcut else out


class _Backbone(nn.Module):
    """MobileNetV2's feature blocks for one-channel images; only `features` has weights."""

    def __init__(self) -> None:
        super().__init__()
        blocks: list[nn.Module] = [nn.Sequential(*_conv_bn_relu(1, 32, kernel=3, stride=2))]
        channels = 32
        for t, c, n, s in _ENCODER:
            for repeat in range(n):
                stride = s if repeat == 0 else 1
                blocks.append(InvertedResidual(channels, c, stride=stride, expansion=t))
                channels = c
        blocks.append(nn.Sequential(*_conv_bn_relu(channels, 1280, kernel=1)))
        self.features = nn.Sequential(*blocks)


class SqueakOut(nn.Module):
    """MobileNetV2 encoder, skip connections, transposed convolutions (Santana & Dietrich 2024).

    4,682,319 parameters. The names in its `state_dict` are those of the authors' published
    weights, so that these load strictly.
    """

    def __init__(self) -> None:
        super().__init__()
        self.backbone = _Backbone()
        self.dconv1 = _double_size(1280, 96)
        self.invres1 = InvertedResidual(192, 96, stride=1, expansion=6)
        self.dconv2 = _double_size(96, 32)
        self.invres2 = InvertedResidual(64, 32, stride=1, expansion=6)
        self.dconv3 = _double_size(32, 24)
        self.invres3 = InvertedResidual(48, 24, stride=1, expansion=6)
        self.dconv4 = _double_size(24, 16)
        self.invres4 = InvertedResidual(32, 16, stride=1, expansion=6)
        self.conv_last = nn.Conv2d(16, 3, 1)
        self.conv_score = nn.Conv2d(3, 1, 1)
        _initialise(self)

    def forward(self, x: Tensor) -> Tensor:
        """Logits for spectrograms.

        Parameters
        ----------
        x : Tensor
            (n, 1, h, w), 0..1, h and w multiples of 32.

        Returns
        -------
        Tensor
            (n, 1, h, w); a sigmoid turns them into probabilities.

        Raises
        ------
        ValueError
            If h or w is no multiple of 32.
        """
        height, width = x.shape[-2:]
        if not torch.compiler.is_compiling() and (height % STRIDE or width % STRIDE):
            fit = tuple(math.ceil(side / STRIDE) * STRIDE for side in (height, width))
            msg = (
                f"SqueakOut takes sides that are multiples of {STRIDE}, got {height} x {width}: "
                f"pad to {fit[0]} x {fit[1]}"
            )
            raise ValueError(msg)
        taps = []
        for index, block in enumerate(self.backbone.features):
            x = block(x)
            if index in _SKIPS:
                taps.append(x)  # (n, 16, h/2), (n, 24, h/4), (n, 32, h/8), (n, 96, h/16)
        half, quarter, eighth, sixteenth = taps  # x: (n, 1280, h/32, w/32)
        x = self.invres1(torch.cat([sixteenth, self.dconv1(x)], dim=1))  # (n, 96, h/16, w/16)
        x = self.invres2(torch.cat([eighth, self.dconv2(x)], dim=1))  # (n, 32, h/8, w/8)
        x = self.invres3(torch.cat([quarter, self.dconv3(x)], dim=1))  # (n, 24, h/4, w/4)
        x = self.invres4(torch.cat([half, self.dconv4(x)], dim=1))  # (n, 16, h/2, w/2)
        x = self.conv_last(x)  # (n, 3, h/2, w/2)
        x = F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)  # (n, 3, h, w)
        logits: Tensor = self.conv_score(x)  # (n, 1, h, w)
        return logits


def between(start: SqueakOut, end: SqueakOut, share: float) -> SqueakOut:
    """A new network whose weights lie this far on the way."""
    weights = end.state_dict()
    for name, value in start.state_dict().items():
        if value.is_floating_point():
            weights[name] = torch.lerp(value.cpu(), weights[name], share)
    mixed = copy.deepcopy(end)
    mixed.load_state_dict(weights)
    return mixed


def _double_size(c_in: int, c_out: int) -> nn.ConvTranspose2d:
    return nn.ConvTranspose2d(c_in, c_out, 4, stride=2, padding=1)


def _initialise(network: nn.Module) -> None:
    """Draw weights as upstream does: normal, scaled by the fan-out."""
    for module in network.modules():
        if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
            fan_out = module.kernel_size[0] * module.kernel_size[1] * module.out_channels
            nn.init.normal_(module.weight, 0.0, math.sqrt(2.0 / fan_out))
            if module.bias is not None:
                nn.init.zeros_(module.bias)
