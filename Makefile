# Two commands set everything up on a fresh machine: `make demo` and `make test`.
# Needs only a CPython 3.11 to 3.13 with pip, and make; the virtual environment is made without
# ensurepip, which a bare Debian does not have.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(PYTHON) -m pip --python $(BIN)/python --disable-pip-version-check --quiet
WHEN_READY := $(VENV)/ready-to-run
WHEN_TESTABLE := $(VENV)/ready-to-test

.PHONY: demo test lint bench sample golden pins wheel clean

demo: $(WHEN_READY)
	$(BIN)/ecopattern demo --out out/demo

test: $(WHEN_TESTABLE)
	tools/browser.sh
	$(BIN)/python -m pytest -n 2 --dist loadfile

lint: $(WHEN_TESTABLE)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(WHEN_TESTABLE)
	$(BIN)/python -m benchmarks

sample: $(WHEN_TESTABLE)
	$(BIN)/python -m layers.drawing layers/shangdang

# Compiled for the oldest Python; one file serves all platforms.
pins:
	uv pip compile --quiet --universal --fork-strategy fewest --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url requirements/run.in -o requirements/run.txt
	uv pip compile --quiet --universal --fork-strategy fewest --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url requirements/dev.in -o requirements/dev.txt

wheel: $(WHEN_TESTABLE)
	$(BIN)/python -m build --wheel --no-isolation --outdir dist

clean:
	rm -rf $(VENV) build dist out

$(BIN)/python:
	$(PYTHON) -m venv --without-pip $(VENV)

# pip refuses an editable install together with hashes: the pins first, then the project alone.
$(WHEN_READY): $(BIN)/python requirements/run.txt pyproject.toml
	@echo "Installing the pinned packages (once; a few minutes) / 正在安装依赖（仅首次，约几分钟）"
	$(PIP) install --require-hashes --only-binary :all: -r requirements/run.txt
	$(PIP) install --no-deps --no-build-isolation -e .
	touch $@

$(WHEN_TESTABLE): $(WHEN_READY) requirements/dev.txt
	$(PIP) install --require-hashes --only-binary :all: -r requirements/dev.txt
	touch $@
