"""Mouse ultrasonic calls, pixel by pixel: segment, clean, correct, measure.

The public names are listed in `__init__.pyi` and imported when first used, so that importing the
package imports neither torch nor napari nor Qt.
"""

from importlib.metadata import PackageNotFoundError, version

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

try:
    __version__ = version("napari-squeakout")
except PackageNotFoundError:  # used from its sources, without being installed
    __version__ = "0+unknown"
