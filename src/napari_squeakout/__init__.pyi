from .core.detection.calls import find_calls
from .core.detection.clean import clean
from .core.detection.engine import Engine
from .core.detection.rendering import render
from .core.detection.segment import segment
from .core.errors import InputError, ModelError, SqueakOutError
from .core.fine_tuning.approved import ApprovedPages
from .core.fine_tuning.fine_tune import FineTuned, fine_tune
from .core.model.network import SqueakOut
from .core.scoring.annotation import Annotation
from .core.scoring.mask_scores import evaluate
from .core.setting import Settings
from .core.settings import (
    CleanSettings,
    ImageSettings,
    RecordingSettings,
    RenderSettings,
    ResultSettings,
    SampleSettings,
    SegmentSettings,
)
from .core.stacks import Grid, Layout, MaskStack, ProbabilityStack, Recording, SpectrogramStack
from .core.steps import run
from .core.training.loop import train
from .core.training_settings import FineTuneSettings, SynthesisSettings, TrainSettings
from .io.models.registry import Model, ModelCard, list_models, load_model
from .io.sources.audio import read_recording
from .io.sources.images import read_images
from .io.tables.annotations import read_annotation

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
