"""What this machine computes with, and why."""

from __future__ import annotations

import pytest
import torch

from napari_squeakout.core.detection import devices
from napari_squeakout.core.detection.devices import (
    DeviceError,
    choose_device,
    choose_dtype,
    computes_in_bf16,
    has_nvidia_gpu,
    why_no_gpu,
)
from napari_squeakout.core.errors import SqueakOutError


@pytest.fixture
def machine(monkeypatch):
    """Say what the machine has: `machine(cuda=True, built_for="12.8", nvidia=True)`."""

    def has(*, cuda=False, mps=False, built_for=None, nvidia=False):
        monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda)
        monkeypatch.setattr(torch.cuda, "get_device_name", lambda: "NVIDIA Test 9000")
        monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)
        monkeypatch.setattr(torch.version, "cuda", built_for)
        monkeypatch.setattr(torch.version, "hip", None)
        monkeypatch.setattr(devices, "has_nvidia_gpu", lambda: nvidia)

    return has


@pytest.mark.parametrize(
    ("there", "taken"),
    [
        ({"cuda": True, "mps": True, "built_for": "12.8"}, "cuda"),
        ({"mps": True}, "mps"),
        ({}, "cpu"),
    ],
)
def test_auto_takes_cuda_then_mps_then_the_cpu(machine, there, taken):
    machine(**there)
    assert choose_device("auto").device.type == taken


@pytest.mark.parametrize(
    ("wanted", "there"),
    [("cuda", {"cuda": True, "mps": True}), ("mps", {"cuda": True, "mps": True})],
)
def test_a_device_that_is_there_is_the_one_taken(machine, wanted, there):
    machine(**there)
    assert choose_device(wanted).device.type == wanted


def test_the_cpu_is_taken_where_it_was_asked_for_beside_a_gpu(machine):
    machine(cuda=True, built_for="12.8")
    choice = choose_device("cpu")
    assert (choice.device.type, "asked" in choice.why) == ("cpu", True)


def test_the_choice_of_a_gpu_names_it(machine):
    machine(cuda=True, built_for="12.8")
    assert "NVIDIA Test 9000" in choose_device().why


@pytest.mark.parametrize(
    ("there", "reason"),
    [
        ({}, "no GPU found, and this torch is a CPU build"),
        ({"nvidia": True}, "install a CUDA build of torch"),
        ({"nvidia": True, "built_for": "12.8"}, "check the driver with nvidia-smi"),
        ({"built_for": "12.8"}, "no GPU found"),
    ],
)
def test_without_a_gpu_the_reason_is_told(machine, there, reason):
    machine(**there)
    assert reason in why_no_gpu()
    assert reason in choose_device("auto").why


@pytest.mark.parametrize("wanted", ["cuda", "mps"])
@pytest.mark.parametrize("nvidia", [False, True])
def test_a_device_that_is_not_there_is_refused_with_the_reason_and_the_remedy(
    machine, wanted, nvidia
):
    machine(nvidia=nvidia)
    with pytest.raises(DeviceError, match=f"^{wanted} cannot be used") as refusal:
        choose_device(wanted)
    assert why_no_gpu() in str(refusal.value)
    assert "choose auto or cpu" in str(refusal.value)
    assert isinstance(refusal.value, SqueakOutError)


@pytest.mark.parametrize(("program", "there"), [("/usr/bin/nvidia-smi", True), (None, False)])
def test_an_nvidia_driver_is_seen_by_its_program_where_it_has_no_entry_in_proc(
    monkeypatch, tmp_path, program, there
):
    monkeypatch.setattr(devices, "Path", lambda _: tmp_path / "version")
    monkeypatch.setattr(devices, "which", lambda _: program)
    assert has_nvidia_gpu() is there


@pytest.mark.parametrize(
    ("wanted", "dtype"),
    [("fp32", torch.float32), ("bf16", torch.bfloat16), ("fp16", torch.float16)],
)
@pytest.mark.parametrize("device", ["cpu", "cuda", "mps"])
def test_the_number_format_asked_for_is_taken_everywhere(wanted, dtype, device):
    assert choose_dtype(torch.device(device), wanted) == dtype


@pytest.mark.parametrize(
    ("avx512", "amx", "dtype"),
    [
        (False, False, torch.float32),
        (True, False, torch.bfloat16),
        (False, True, torch.bfloat16),
    ],
)
def test_a_processor_computes_in_bf16_only_where_it_does_so_natively(
    monkeypatch, avx512, amx, dtype
):
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: avx512)
    monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", lambda: amx)
    assert choose_dtype(torch.device("cpu")) == dtype


def test_a_mac_computes_in_float32():
    assert not computes_in_bf16(torch.device("mps"))
    assert choose_dtype(torch.device("mps")) == torch.float32


def test_cuda_computes_in_half_precision():
    assert choose_dtype(torch.device("cuda")) == torch.float16
