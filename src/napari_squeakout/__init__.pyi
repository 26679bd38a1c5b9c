from .core.batch_settings import BatchSettings
from .core.detection.engine import Engine
from .core.errors import InputError, ModelError, SqueakOutError
from .core.fine_tuning.approved import ApprovedPages
from .core.fine_tuning.fine_tune import FineTuned
from .core.fine_tuning.verdict import Verdict
from .core.groups.comparing import GroupComparison, compare_groups
from .core.groups.settings import GroupSettings
from .core.layout import Grid, Layout
from .core.listening.settings import ListenSettings
from .core.listening.sound import AudibleSound, sound_of
from .core.measures.summary import Summary
from .core.model.card import ModelCard
from .core.model.model import Model
from .core.model.network import SqueakOut
from .core.recording import Recording
from .core.rendering.render import render
from .core.review.review import PageState, Review
from .core.scoring.annotation import Annotation
from .core.scoring.comparison import Comparison
from .core.scoring.event_scores import EventScores
from .core.scoring.mask_scores import MaskScores, evaluate
from .core.settings import (
    CleanSettings,
    CompareSettings,
    ImageSettings,
    MeasureSettings,
    RecordingSettings,
    RenderSettings,
    ResultSettings,
    SampleSettings,
    SegmentSettings,
    SummarySettings,
)
from .core.stacks import MaskStack, ProbabilityStack, SpectrogramStack
from .core.steps import Progress, Steps, run
from .core.training.state import TrainResult
from .core.training_settings import FineTuneSettings, SynthesisSettings, TrainSettings
from .io.batch.batch import Outcome
from .io.models.registry import (
    ModelEntry,
    import_model,
    list_models,
    load_model,
    save_model,
    set_default_model,
)
from .io.results.work_results import Work, unknown_pages
from .io.sources.audio import read_recording
from .io.sources.images import read_images
from .io.tables.annotations import read_annotation
from .io.tables.calls import write_calls
from .io.tasks.exporting import Exported
from .io.tasks.fine_tuning import FineTuning
from .io.tasks.training import Trained
from .verbs.classing import read_classes, set_classes
from .verbs.exporting import export_calls
from .verbs.learning import approved_pages, fine_tune, fine_tune_on, train
from .verbs.listening import save_sound
from .verbs.measuring import embed_calls, measure_calls, report, summarise
from .verbs.scoring import compare_calls, score_calls, score_masks
from .verbs.segmenting import (
    Segmented,
    clean,
    find_calls,
    open_source,
    segment,
    segment_file,
    segment_files,
)
from .verbs.sessions import read_approved, read_session

__all__ = [
    "Annotation",
    "ApprovedPages",
    "AudibleSound",
    "BatchSettings",
    "CleanSettings",
    "CompareSettings",
    "Comparison",
    "Engine",
    "EventScores",
    "Exported",
    "FineTuneSettings",
    "FineTuned",
    "FineTuning",
    "Grid",
    "GroupComparison",
    "GroupSettings",
    "ImageSettings",
    "InputError",
    "Layout",
    "ListenSettings",
    "MaskScores",
    "MaskStack",
    "MeasureSettings",
    "Model",
    "ModelCard",
    "ModelEntry",
    "ModelError",
    "Outcome",
    "PageState",
    "ProbabilityStack",
    "Progress",
    "Recording",
    "RecordingSettings",
    "RenderSettings",
    "ResultSettings",
    "Review",
    "SampleSettings",
    "SegmentSettings",
    "Segmented",
    "SpectrogramStack",
    "SqueakOut",
    "SqueakOutError",
    "Steps",
    "Summary",
    "SummarySettings",
    "SynthesisSettings",
    "TrainResult",
    "TrainSettings",
    "Trained",
    "Verdict",
    "Work",
    "approved_pages",
    "clean",
    "compare_calls",
    "compare_groups",
    "embed_calls",
    "evaluate",
    "export_calls",
    "find_calls",
    "fine_tune",
    "fine_tune_on",
    "import_model",
    "list_models",
    "load_model",
    "measure_calls",
    "open_source",
    "read_annotation",
    "read_approved",
    "read_classes",
    "read_images",
    "read_recording",
    "read_session",
    "render",
    "report",
    "run",
    "save_model",
    "save_sound",
    "score_calls",
    "score_masks",
    "segment",
    "segment_file",
    "segment_files",
    "set_classes",
    "set_default_model",
    "sound_of",
    "summarise",
    "train",
    "unknown_pages",
    "write_calls",
]

__version__: str
