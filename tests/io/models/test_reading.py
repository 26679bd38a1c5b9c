import io
import os
import pickle
import struct
import subprocess
import sys
import types
import zipfile
from collections import OrderedDict
from pathlib import Path

import numpy as np
import pytest
import safetensors.torch
import torch

from napari_squeakout.core.errors import ModelError
from napari_squeakout.core.model import published
from napari_squeakout.core.model.checkpoint import network_shapes
from napari_squeakout.core.model.network import SqueakOut
from napari_squeakout.core.model.unpickling import InertUnpickler
from napari_squeakout.io.models.reading import read_checkpoint


@pytest.fixture(autouse=True)
def _home(tmp_path, monkeypatch):
    monkeypatch.setenv("NAPARI_SQUEAKOUT_HOME", str(tmp_path / "home"))


@pytest.fixture(scope="module")
def network():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return SqueakOut().eval()


@pytest.fixture
def lightning(monkeypatch):
    """Classes as if from Lightning, importable while a test pickles them."""
    classes = {}
    for full in (
        "pytorch_lightning.callbacks.model_checkpoint.ModelCheckpoint",
        "pytorch_lightning.utilities.parsing.AttributeDict",
    ):
        module, _, name = full.rpartition(".")
        bases = (dict,) if name == "AttributeDict" else ()
        classes[name] = type(name, bases, {"__module__": module})
        parts = module.split(".")
        for depth in range(1, len(parts) + 1):
            path = ".".join(parts[:depth])
            monkeypatch.setitem(sys.modules, path, types.ModuleType(path))
        setattr(sys.modules[module], name, classes[name])
    return types.SimpleNamespace(**classes)


def lightning_content(network, lightning):
    named = {f"model.{name}": value for name, value in network.state_dict().items()}
    dead = {
        "model.backbone.classifier.1.weight": torch.ones(1, 1280),
        "model.backbone.classifier.1.bias": torch.ones(1),
    }
    moments = {
        i: {"step": 3, "exp_avg": torch.ones(5), "exp_avg_sq": torch.ones(5)} for i in range(3)
    }
    return {
        "epoch": 7,
        "global_step": 100,
        "pytorch-lightning_version": "1.4.0",
        "state_dict": OrderedDict(named | dead),
        "optimizer_states": [
            {"state": moments, "param_groups": [{"lr": 1e-4, "betas": (0.9, 0.999)}]}
        ],
        "callbacks": {
            lightning.ModelCheckpoint: {
                "best_model_score": torch.tensor(0.1),
                "best": np.float64(0.9),
                "dirpath": Path("runs"),
                "seen": {1, 2},
            }
        },
        "hyper_parameters": lightning.AttributeDict(lr=1e-4, monitor=lightning.ModelCheckpoint()),
    }


def saved(content, path):
    torch.save(content, path)
    return path


def hostile(pickled: bytes, path: Path) -> Path:
    """A file of torch's zip format around a pickle."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archive/data.pkl", pickled)
        archive.writestr("archive/version", "3\n")
    return path


class Reduced:
    def __init__(self, function, *args):
        self.reduced = (function, args)

    def __reduce__(self):
        return self.reduced


def test_a_lightning_checkpoint_gives_the_logits_of_the_original(network, lightning, tmp_path):
    path = saved(lightning_content(network, lightning), tmp_path / "a.ckpt")
    weights = read_checkpoint(path).weights
    copy = SqueakOut().eval()
    copy.load_state_dict(weights)
    image = torch.rand(1, 1, 64, 64)
    with torch.no_grad():
        assert torch.equal(copy(image), network(image))


def test_classes_in_a_lightning_checkpoint_are_named_and_not_imported(
    network, lightning, tmp_path, monkeypatch
):
    path = saved(lightning_content(network, lightning), tmp_path / "a.ckpt")
    for module in [m for m in sys.modules if m.startswith("pytorch_lightning")]:
        monkeypatch.delitem(sys.modules, module)
    ignored = read_checkpoint(path).ignored_classes
    assert "pytorch_lightning.callbacks.model_checkpoint.ModelCheckpoint" in ignored
    assert "pytorch_lightning.utilities.parsing.AttributeDict" in ignored
    assert not any(module.startswith("pytorch_lightning") for module in sys.modules)


@pytest.mark.parametrize("prefix", ["", "model.", "module.", "state_dict.model."])
def test_prefixes_of_wrappers_are_stripped(prefix, network, tmp_path):
    state = {prefix + name: value for name, value in network.state_dict().items()}
    weights = read_checkpoint(saved(state, tmp_path / "a.pt")).weights
    assert weights.keys() == network_shapes().keys()


def test_parameters_and_half_precision_become_float32_tensors(network, tmp_path):
    state = network.state_dict()
    state["conv_last.weight"] = torch.nn.Parameter(state["conv_last.weight"])
    state["conv_score.weight"] = state["conv_score.weight"].half()
    weights = read_checkpoint(saved(state, tmp_path / "a.pth")).weights
    assert {value.dtype for value in weights.values()} == {torch.float32, torch.int64}
    assert torch.equal(weights["conv_last.weight"], state["conv_last.weight"].detach())


def test_tensors_that_are_views_of_another_come_out_whole(network, tmp_path):
    state = network.state_dict()
    wide = torch.arange(96.0).reshape(16, 6)
    state["conv_last.weight"] = wide[:, 1:4].T.reshape(3, 16, 1, 1)
    state["conv_last.bias"] = wide[2:5, 5]
    weights = read_checkpoint(saved(state, tmp_path / "a.pt")).weights
    assert torch.equal(weights["conv_last.weight"], state["conv_last.weight"])
    assert torch.equal(weights["conv_last.bias"], state["conv_last.bias"])


def test_safetensors_are_read(network, tmp_path):
    safetensors.torch.save_file(network.state_dict(), tmp_path / "a.safetensors")
    weights = read_checkpoint(tmp_path / "a.safetensors").weights
    assert torch.equal(weights["conv_last.weight"], network.state_dict()["conv_last.weight"])


HOSTILE = {
    "os.system by reduce": (lambda mark: Reduced(os.system, f"touch {mark}"), "system"),
    "subprocess": (lambda mark: Reduced(subprocess.call, ["touch", str(mark)]), "call"),
    "eval": (lambda mark: Reduced(eval, f"open({str(mark)!r}, 'w')"), "eval"),
    "exec": (lambda mark: Reduced(exec, f"open({str(mark)!r}, 'w')"), "exec"),
    "open": (lambda mark: Reduced(open, str(mark), "w"), "open"),
    "numpy loader": (lambda mark: Reduced(np.load, str(mark)), "load"),
    "torch.load": (lambda mark: Reduced(torch.load, str(mark)), "torch"),
}


@pytest.mark.parametrize("protocol", [0, 2, 4])
@pytest.mark.parametrize("kind", HOSTILE)
def test_a_file_that_asks_to_run_something_is_refused_by_name(kind, protocol, tmp_path):
    make, named = HOSTILE[kind]
    mark = tmp_path / "mark"
    pickled = pickle.dumps({"state_dict": {}, "callbacks": make(mark)}, protocol)
    with pytest.raises(ModelError, match=rf"asks to run `[\w.]*{named}[\w.]*`; nothing was run"):
        read_checkpoint(hostile(pickled, tmp_path / "a.ckpt"))
    assert not mark.exists()


def text(value: str) -> bytes:
    return b"X" + struct.pack("<I", len(value)) + value.encode()


@pytest.mark.parametrize(
    ("pickled", "named"),
    [
        (
            b"\x80\x04"
            + text("os")
            + text("system.__call__")
            + b"\x93"
            + text("touch MARK")
            + b"\x85R.",
            "os.system.__call__",
        ),
        (b"(S'touch MARK'\nios\nsystem\n.", "os.system"),
        (b"(cos\nsystem\nS'touch MARK'\no.", "os.system"),
        (b"c__builtin__\ngetattr\n(cos\nsystem\nS'x'\ntR.", "__builtin__.getattr"),
        (b"cimportlib\nimport_module\n(S'antigravity'\ntR.", "importlib.import_module"),
        (b"ctorch.optim\nAdam\n(tRcbuiltins\nexec\n(S'1'\ntR.", "builtins.exec"),
        (b"ctorch.serialization\nload\n(tR.", "torch.serialization.load"),
        (b"ccollections\nnamedtuple\n(S'a'\nS'b'\ntR.", "collections.namedtuple"),
        (b"ccollections\nOrderedDict.fromkeys\n(tR.", "collections.OrderedDict.fromkeys"),
        (b"cpytorch_lightning_not\nrun\n(tR.", "pytorch_lightning_not.run"),
    ],
)
def test_handmade_opcodes_are_refused_by_name(pickled, named, tmp_path):
    mark = tmp_path / "mark"
    pickled = pickled.replace(b"MARK", b"mark")
    with pytest.raises(ModelError) as caught:
        read_checkpoint(hostile(pickled, tmp_path / "a.ckpt"))
    assert f"`{named}`" in str(caught.value)
    assert not mark.exists()
    assert not Path("mark").exists()


@pytest.mark.parametrize(
    "pickled",
    [
        b"ctorch.optim\nAdam\n(S'x'\ntR}S'a'\nI1\nsb.",  # BUILD on a stand-in
        b"ctorch.optim\nAdam\n}S'a'\nI1\nsb.",  # BUILD on a stand-in's class
        b"ctorch._utils\n_rebuild_tensor_v2\n(N}S'__defaults__'\n(I1\ntstb.",  # BUILD on a function
        b"ccollections\nOrderedDict\n(N}S'update'\nI1\nstb.",  # BUILD on a real class
        b"ctorch\nFloatStorage\n(tR.",
        b"\x80\x02\x82\x01.",  # an extension code
        b"\x80\x02]" + b"\x85" * 3000 + b".",
        b"",
        b"garbage",
    ],
)
def test_pickles_that_tamper_or_are_garbage_are_refused_and_change_nothing(pickled, tmp_path):
    before = (torch._utils._rebuild_tensor_v2.__defaults__, OrderedDict.update)
    with pytest.raises(ModelError, match=r"a\.ckpt: .*: "):
        read_checkpoint(hostile(pickled, tmp_path / "a.ckpt"))
    assert before == (torch._utils._rebuild_tensor_v2.__defaults__, OrderedDict.update)


def test_a_tensor_that_reaches_outside_its_storage_is_refused(network, tmp_path):
    class Beyond:
        def __reduce__(self):
            args = (torch.zeros(3).storage(), 10, (3,), (1,), False, OrderedDict())
            return torch._utils._rebuild_tensor_v2, args

    path = tmp_path / "a.ckpt"
    with pytest.warns(UserWarning, match="TypedStorage"):
        torch.save(network.state_dict() | {"conv_last.bias": Beyond()}, path)
    with pytest.raises(ModelError, match="damaged"):
        read_checkpoint(path)


@pytest.mark.parametrize("protocol", [0, 2, 4])
def test_a_bare_pickle_is_refused_unread(protocol, tmp_path):
    mark, path = tmp_path / "mark", tmp_path / "a.ckpt"
    path.write_bytes(pickle.dumps(Reduced(os.system, f"touch {mark}"), protocol))
    with pytest.raises(ModelError, match="not a checkpoint that can be read safely"):
        read_checkpoint(path)
    assert not mark.exists()


def test_the_format_from_before_torch_1_6_is_refused_with_a_remedy(network, tmp_path):
    path = tmp_path / "old.pt"
    torch.save(network.state_dict(), path, _use_new_zipfile_serialization=False)
    with pytest.raises(ModelError, match="save it again"):
        read_checkpoint(path)


def test_a_torchscript_program_is_refused(tmp_path):
    path = tmp_path / "a.pt"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archive/data.pkl", pickle.dumps({}))
        archive.writestr("archive/constants.pkl", pickle.dumps(()))
    with pytest.raises(ModelError, match="TorchScript"):
        read_checkpoint(path)


@pytest.mark.parametrize("share", [0.3, 0.99])
def test_a_truncated_checkpoint_is_named_with_the_remedy(share, network, tmp_path):
    buffer = io.BytesIO()
    torch.save(network.state_dict(), buffer)
    path = tmp_path / "cut.ckpt"
    path.write_bytes(buffer.getvalue()[: int(share * buffer.tell())])
    with pytest.raises(ModelError, match=r"cut\.ckpt: damaged or cut short.* download it again"):
        read_checkpoint(path)


def test_a_truncated_safetensors_file_is_named_with_the_remedy(network, tmp_path):
    path = tmp_path / "cut.safetensors"
    path.write_bytes(safetensors.torch.save(network.state_dict())[:-1000])
    with pytest.raises(ModelError, match="damaged or cut short"):
        read_checkpoint(path)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ModelError, match=r"none\.ckpt: cannot be read \(No such file"):
        read_checkpoint(tmp_path / "none.ckpt")


def test_another_network_is_refused_naming_three_of_the_missing(tmp_path):
    path = saved(torch.nn.Linear(2, 2).state_dict(), tmp_path / "a.pt")
    with pytest.raises(ModelError, match=r"lacks \S+, \S+, \S+, \.\.\. \(\d{3} such"):
        read_checkpoint(path)


def test_foreign_names_and_other_shapes_are_named(network, tmp_path):
    state = network.state_dict()
    with pytest.raises(ModelError, match=r"foreign head\.weight \(1 such"):
        read_checkpoint(saved(state | {"head.weight": torch.ones(1)}, tmp_path / "a.pt"))
    with pytest.raises(ModelError, match=r"another shape for conv_last\.bias"):
        read_checkpoint(saved(state | {"conv_last.bias": torch.ones(4)}, tmp_path / "a.pt"))


def test_a_whole_pickled_network_is_refused_saying_what_to_save(tmp_path):
    path = saved(torch.nn.ReLU(), tmp_path / "a.pt")
    with pytest.raises(ModelError, match=r"asks to run|holds no state_dict"):
        read_checkpoint(path)


def test_identity_tells_the_published_file_from_others(network, tmp_path, monkeypatch):
    path = saved(network.state_dict(), tmp_path / "a.pt")
    other = read_checkpoint(path)
    assert other.known is None
    assert other.identity.startswith(
        f"not byte for byte the published checkpoint: sha256 {other.sha256}"
    )
    monkeypatch.setattr(
        published, "PUBLISHED", published.PUBLISHED._replace(git_blob_id=other.git_blob_id)
    )
    assert read_checkpoint(path).identity == "this is the authors' published checkpoint"


def test_the_git_blob_id_is_gits():
    assert published.file_identity(b"hello\n")[1] == "ce013625030ba8dba906f756967f9e9ca394464a"


def test_a_pickle_that_asks_for_a_table_without_end_is_refused_before_it_is_made(tmp_path):
    pickled = b"\x80\x02}r" + struct.pack("<I", 2**31 - 1) + b"."
    with pytest.raises(ModelError, match="asks for a table of 2,147,483,647 entries"):
        read_checkpoint(hostile(pickled, tmp_path / "a.pt"))


@pytest.mark.parametrize("joined", [b"\x86", b"R", b"t"])
def test_a_pickle_whose_hash_would_never_end_is_refused_before_it_is_asked_for(tmp_path, joined):
    """Tuples of twice the one before, as the key of a dict: nothing but a kill would end it."""
    once = {b"\x86": b"q\0h\0\x86", b"R": b"q\0\x85h\0\x86", b"t": b"q\0(h\0h\0t"}[joined]
    pickled = b"\x80\x02}K\1\x85" + once * 60 + b"K\1s."
    with pytest.raises(ModelError, match="nests more than 10,000,000 values"):
        read_checkpoint(hostile(pickled, tmp_path / "a.pt"))


def test_a_pickle_that_is_longer_than_any_checkpoints_is_refused(tmp_path):
    with pytest.raises(ModelError, match="describes itself in 3,000,002 bytes"):
        read_checkpoint(hostile(b"\x80\x02" + b"}" * 3_000_000, tmp_path / "a.pt"))


def test_a_class_that_is_mentioned_often_takes_the_room_of_one(tmp_path):
    unpickler = InertUnpickler(b"ctorch.nn\nReLU\n0" * 1000 + b"}.", tmp_path / "a.pt")
    assert unpickler.load() == {}
    assert len(unpickler._stand_ins) == 1


@pytest.mark.parametrize("name", ["a/data.pkl", "a/data/0"])
def test_an_archive_that_unpacks_to_far_more_is_refused_before_it_is_read(
    tmp_path, monkeypatch, name
):
    path = tmp_path / "a.pt"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, bytes(1_000_000))
    monkeypatch.setattr(zipfile.ZipFile, "read", lambda *_: pytest.fail("it was read"))
    with pytest.raises(ModelError, match=r"a\.pt: unpacks to 1,000,000 bytes, more than 10 times"):
        read_checkpoint(path)
