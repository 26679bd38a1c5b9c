from .core.annotations import Annotation
from .core.approved import ApprovedPages
from .core.calls import find_calls
from .core.clean import clean
from .core.engine import Engine
from .core.errors import InputError, ModelError, SqueakOutError
from .core.fine_tune import FineTuned, fine_tune
from .core.knobs import Settings
from .core.learning_settings import FineTuneSettings, SynthesisSettings, TrainSettings
from .core.metrics import evaluate
from .core.models import Model, ModelCard, list_models, load_model
from .core.network import SqueakOut
from .core.rendering import render
from .core.segment import segment
from .core.settings import (
    CleanSettings,
    ImageSettings,
    RecordingSettings,
    RenderSettings,
    ResultSettings,
    SampleSettings,
    SegmentSettings,
)
from .core.stacks import (
    Grid,
    Layout,
    MaskStack,
    ProbabilityStack,
    Recording,
    SpectrogramStack,
)
from .core.steps import run
from .core.train import train
from .io.annotations import read_annotation
from .io.audio import read_recording
from .io.images import read_images

__all__ = [
    "Annotation",
    "ApprovedPages",
    "CleanSettings",
    "Engine",
    "FineTuneSettings",
    "FineTuned",
    "Grid",
    "ImageSettings",
    "InputError",
    "Layout",
    "MaskStack",
    "Model",
    "ModelCard",
    "ModelError",
    "ProbabilityStack",
    "Recording",
    "RecordingSettings",
    "RenderSettings",
    "ResultSettings",
    "SampleSettings",
    "SegmentSettings",
    "Settings",
    "SpectrogramStack",
    "SqueakOut",
    "SqueakOutError",
    "SynthesisSettings",
    "TrainSettings",
    "clean",
    "evaluate",
    "find_calls",
    "fine_tune",
    "list_models",
    "load_model",
    "read_annotation",
    "read_images",
    "read_recording",
    "render",
    "run",
    "segment",
    "train",
]

__version__: str
