"""What this machine computes with, and why."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from shutil import which

import torch

from napari_squeakout.core.errors import SqueakOutError
from napari_squeakout.core.settings import Device, Precision


class DeviceError(SqueakOutError):
    """A device was asked for that this machine or this torch does not have."""


@dataclass(frozen=True)
class DeviceChoice:
    """A device, and the reason it was chosen, for people."""

    device: torch.device
    why: str


def choose_device(wanted: Device = "auto") -> DeviceChoice:
    """Take the device asked for; by default CUDA, then MPS, then the CPU.

    Raises
    ------
    DeviceError
        If the device asked for cannot be used; the text says why.
    """
    if wanted == "cpu":
        return DeviceChoice(torch.device("cpu"), "CPU, as asked for")
    if wanted in {"auto", "cuda"} and torch.cuda.is_available():
        return DeviceChoice(torch.device("cuda"), f"CUDA: {torch.cuda.get_device_name()}")
    if wanted in {"auto", "mps"} and torch.backends.mps.is_available():
        return DeviceChoice(torch.device("mps"), "MPS: the GPU of this Mac")
    reason = why_no_gpu()
    if wanted == "auto":
        return DeviceChoice(
            torch.device("cpu"),
            f"CPU ({torch.get_num_threads()} of {os.cpu_count()} cores): {reason}",
        )
    msg = f"{wanted} cannot be used: {reason}; choose auto or cpu"
    raise DeviceError(msg)


def why_no_gpu() -> str:
    """Say why neither CUDA nor MPS is used."""
    if torch.version.cuda is None and torch.version.hip is None:
        if has_nvidia_gpu():
            return (
                "there is an NVIDIA GPU, but this torch is a CPU build; "
                "install a CUDA build of torch to use it"
            )
        return "no GPU found, and this torch is a CPU build"
    if has_nvidia_gpu():
        return "there is an NVIDIA GPU, but torch cannot use it; check the driver with nvidia-smi"
    return "no GPU found"


def has_nvidia_gpu() -> bool:
    """Whether the system has an NVIDIA driver, whatever torch can do."""
    return Path("/proc/driver/nvidia/version").exists() or which("nvidia-smi") is not None


def computes_in_bf16(device: torch.device) -> bool:
    """Whether bfloat16 is faster than float32 there."""
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    if device.type == "cpu":
        # No public query exists for what the processor multiplies natively.
        return bool(torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported())
    return False


def choose_dtype(device: torch.device, wanted: Precision = "auto") -> torch.dtype:
    """Take the number format asked for; by default the fastest one that keeps the masks."""
    named = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}
    if wanted != "auto":
        return named[wanted]
    if device.type == "cuda":
        return torch.float16
    return torch.bfloat16 if computes_in_bf16(device) else torch.float32
