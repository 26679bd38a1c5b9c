# Each target sets up what it needs in .venv; once that is there, a second call starts at once.
# Another Python: make test PYTHON=python3.12

PYTHON ?= python3

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
INSTALLED := $(VENV)/installed
LINT_INSTALLED := $(VENV)/installed-lint
DOCS_INSTALLED := $(VENV)/installed-docs

# $(call need,COMMAND,PACKAGE): where COMMAND fails, install Debian's PACKAGE, or say who can.
need = $(1) 2>/dev/null || { \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install --yes $(2) </dev/null; \
	else \
		echo "Missing on this machine: $(2). Install it, for example: sudo apt-get install $(2)" >&2; \
		exit 1; \
	fi; }

.DEFAULT_GOAL := help
.PHONY: help demo test docs lint clean

help:  ## Say what there is to make
	@sed -n 's/^\([a-z]*\):.*##/\1/p' $(MAKEFILE_LIST) | while read -r name what; do \
		printf '  make %-6s %s\n' "$$name" "$$what"; done

demo: $(INSTALLED) demo/sample  ## Make a recording with known calls, segment it; look in demo/result
	$(BIN)/squeakout segment demo/sample/*.wav --output demo/result --masks --picture --overwrite

test: $(INSTALLED)  ## Run the tests
	$(BIN)/python -m pytest

docs: $(DOCS_INSTALLED)  ## Build the user guide; look in site/
	$(BIN)/mkdocs build --strict

lint: $(LINT_INSTALLED)  ## Check style, types and the walls between the rooms
	$(BIN)/ruff check src tests benchmarks docs
	$(BIN)/ruff format --check src tests benchmarks docs
	$(BIN)/lint-imports
	$(BIN)/mypy

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

$(LINT_INSTALLED): $(INSTALLED)
	$(PIP) install -c constraints.txt -e ".[lint]"
	@touch $@

$(DOCS_INSTALLED): $(INSTALLED)
	$(PIP) install -c constraints.txt -e ".[docs]"
	@touch $@
