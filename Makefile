# Each target sets up what it needs in .venv; once that is there, a second call starts at once.
# Another Python: make test PYTHON=python3.12

PYTHON ?= python3

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
INSTALLED := $(VENV)/installed
LINT_INSTALLED := $(VENV)/installed-lint
DOCS_INSTALLED := $(VENV)/installed-docs
DIST_INSTALLED := $(VENV)/installed-dist
# A bare environment with nothing but the wheel, and one with the oldest libraries.
TRIAL := build/trial
OLDEST := build/oldest
WINDOW_INSTALLED := $(VENV)/installed-window

# What Qt's wheels expect of Debian.
WINDOW_LIBRARIES := libegl1 libgl1 libopengl0 libglib2.0-0 libdbus-1-3 libfontconfig1 \
	libxkbcommon-x11-0 libxcb-cursor0 libxcb-icccm4 libxcb-image0 libxcb-keysyms1 \
	libxcb-render-util0 libxcb-shape0 libxcb-xinerama0
XVFB_RUN := $(if $(filter Linux,$(shell uname)),xvfb-run -a -s "-screen 0 1920x1200x24")
# As many tests at once as there are cores, up to four: each loads torch.
AT_ONCE := -n logical --maxprocesses 4 --dist loadscope
# pytest-xvfb gives every worker a screen of its own, so that none takes another's keyboard. More
# than two screens that begin at once have been late.
WINDOWS_AT_ONCE := -n logical --maxprocesses 2 --dist loadscope
SCREEN := -o xvfb_width=1920 -o xvfb_height=1200 -o xvfb_colordepth=24
HAS_SCREEN := [ "$$(uname)" = Darwin ] || [ -n "$$DISPLAY$$WAYLAND_DISPLAY" ]
# Whether Qt loads, with what it needs to open a window on Linux.
QT_LOADS := $(BIN)/python -c "import ctypes, pathlib, PyQt6.QtOpenGLWidgets as qt; \
	[ctypes.CDLL(str(p)) for p in pathlib.Path(qt.__file__).parent.glob('Qt6/plugins/platforms/libqxcb.so')]"

# $(call need,COMMAND,PACKAGE): where COMMAND fails, install Debian's PACKAGE; where that is not
# possible or does not help, say what is missing, and fail.
need = $(1) 2>/dev/null || { \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		apt-get update; DEBIAN_FRONTEND=noninteractive apt-get install --yes $(2) </dev/null; \
	fi; \
	$(1) || { \
		echo "Missing on this machine: $(2). Install it, for example: sudo apt-get install $(2)" >&2; \
		exit 1; \
	}; }

.DEFAULT_GOAL := help
.PHONY: help demo demo-window test window test-window pictures docs lint dist try-wheel test-oldest clean

help:  ## Say what there is to make
	@sed -n 's/^\([a-z-]*\):.*##/\1/p' $(MAKEFILE_LIST) | while read -r name what; do \
		printf '  make %-11s %s\n' "$$name" "$$what"; done

demo: $(INSTALLED) demo/sample  ## Segment a recording with known calls: demo/result, then the window
	$(BIN)/squeakout segment demo/sample/*.wav --output demo/result --masks --picture --overwrite
	@$(MAKE) --no-print-directory demo-window || \
		echo "The window could not be shown: what is missing stands above." \
			"The result is there all the same: demo/result/synthetic" >&2

demo-window: $(WINDOW_INSTALLED) demo/sample
	@if $(HAS_SCREEN); then \
		echo "The same recording in napari; close its window to end."; \
		$(BIN)/python docs/pictures.py --demo demo/sample/synthetic.wav; \
	else \
		echo "No display here: the same window is driven without one, for demo/window.png."; \
		$(XVFB_RUN) $(BIN)/python docs/pictures.py --demo demo/sample/synthetic.wav \
			--output demo/window.png; \
	fi

test: $(INSTALLED)  ## Run the tests, but for those of the window
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest $(AT_ONCE) --ignore=tests/gui

window: $(WINDOW_INSTALLED)  ## Install napari beside it; then: .venv/bin/napari --with napari-squeakout

test-window: $(WINDOW_INSTALLED)  ## Run the tests of the window, on screens of their own
	@[ "$$(uname)" != Linux ] || { $(call need,command -v Xvfb >/dev/null,xvfb); }
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest $(WINDOWS_AT_ONCE) $(SCREEN) tests/gui

pictures: $(WINDOW_INSTALLED)  ## Make the pictures of the guide anew, from the window itself
	@[ "$$(uname)" != Linux ] || { $(call need,command -v xvfb-run >/dev/null,xauth xvfb); }
	$(XVFB_RUN) $(BIN)/python docs/pictures.py

docs: $(DOCS_INSTALLED)  ## Build the user guide; look in site/
	$(BIN)/mkdocs build --strict

lint: $(LINT_INSTALLED)  ## Check style, types and the walls between the rooms
	$(BIN)/ruff check src tests benchmarks docs
	$(BIN)/ruff format --check src tests benchmarks docs
	$(BIN)/lint-imports
	$(BIN)/mypy

dist: $(DIST_INSTALLED)  ## Build wheel and sdist into dist/, check them, and try the wheel
	rm -rf dist
	$(BIN)/validate-pyproject pyproject.toml
	$(BIN)/python -m build --outdir dist .
	$(BIN)/twine check --strict dist/*
	$(BIN)/python -c "import pathlib; \
		big = [str(p) for p in pathlib.Path('dist').iterdir() if p.stat().st_size > 15e6]; \
		raise SystemExit(f'larger than 15 MB: {big}' if big else 0)"
	@$(MAKE) --no-print-directory try-wheel

# Another Python: make try-wheel PYTHON=python3.13
try-wheel:  ## Install the wheel of dist/ into a bare environment and segment a recording with it
	rm -rf $(TRIAL)
	$(PYTHON) -m venv $(TRIAL)
	$(TRIAL)/bin/python -m pip --disable-pip-version-check install -c constraints.txt dist/*.whl
	cd $(TRIAL) && bin/squeakout doctor
	cd $(TRIAL) && bin/squeakout sample sample --seconds 4 --images 0
	cd $(TRIAL) && bin/squeakout segment sample/synthetic.wav --output results --masks
	$(TRIAL)/bin/python -c "import pathlib; \
		lines = pathlib.Path('$(TRIAL)/results/synthetic/calls.csv').read_text().splitlines(); \
		raise SystemExit(0 if len(lines) > 1 else 'the wheel found no call')"
	$(TRIAL)/bin/python -m pip --disable-pip-version-check install npe2
	$(TRIAL)/bin/npe2 validate napari-squeakout

# Only what the package itself asks for: of the extra `export` each release wants another pydantic.
test-oldest:  ## Run the tests of core with the oldest libraries that the package claims to work with
	rm -rf $(OLDEST)
	$(PYTHON) -m venv $(OLDEST)
	$(OLDEST)/bin/python -m pip --disable-pip-version-check install -c constraints-oldest.txt \
		. pytest pytest-xdist hypothesis
	OMP_NUM_THREADS=1 $(OLDEST)/bin/python -m pytest $(AT_ONCE) tests/core

clean:  ## Remove the environment and everything made from the sources
	rm -rf $(VENV) .tox build dist site demo .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis

demo/sample: | $(INSTALLED)
	$(BIN)/squeakout sample $@ --seconds 20 || { rm -rf $@; exit 1; }

# PyTorch comes first and alone, so that nothing else chooses its build.
$(INSTALLED): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null || { \
		echo "Python 3.11, 3.12 or 3.13 is needed, and $(PYTHON) is" \
			"$$($(PYTHON) --version 2>/dev/null || echo missing):" \
			"name another, for example: make PYTHON=python3.12" >&2; \
		exit 1; }
	@$(call need,$(PYTHON) -c "import ensurepip",python3-venv)
	$(PYTHON) -m venv $(VENV)
	$(PIP) install -c constraints.txt torch
	$(PIP) install -c constraints.txt -e ".[test]"
	@$(call need,$(BIN)/python -c "import soundfile",libsndfile1)
	@touch $@

$(WINDOW_INSTALLED): $(INSTALLED)
	$(PIP) install -c constraints.txt -e ".[gui,test]" "napari[pyqt6]" pytest-qt pytest-xvfb
	@[ "$$(uname)" != Linux ] || { $(call need,$(QT_LOADS),$(WINDOW_LIBRARIES)); }
	@[ "$$(uname)" != Linux ] || $(HAS_SCREEN) || { \
		$(call need,command -v xvfb-run >/dev/null,xauth xvfb); }
	@touch $@

$(LINT_INSTALLED): $(INSTALLED)
	$(PIP) install -c constraints.txt -e ".[lint]"
	@touch $@

$(DIST_INSTALLED): $(INSTALLED)
	$(PIP) install -c constraints.txt build twine "validate-pyproject[all]"
	@touch $@

$(DOCS_INSTALLED): $(INSTALLED)
	$(PIP) install -c constraints.txt -e ".[docs]"
	@touch $@
