# Two commands set everything up on a fresh machine: `make demo` and `make test`.
# Needs only a CPython 3.11 to 3.13 with pip, and make; the virtual environment is made without
# ensurepip, which a bare Debian does not have.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(PYTHON) -m pip --python $(BIN)/python --disable-pip-version-check --quiet
WHEN_READY := $(VENV)/ready-to-run
WHEN_TESTABLE := $(VENV)/ready-to-test
WHEN_MEASURABLE := $(VENV)/ready-to-measure

.PHONY: demo test lint bench sample gallery golden pins wheel wheelhouse clean

demo: $(WHEN_READY)
	$(BIN)/ecopattern demo --out out/demo

test: $(WHEN_TESTABLE)
	tools/browser.sh
	$(BIN)/python -m pytest -n 2 --dist loadfile -rs

lint: $(WHEN_TESTABLE)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(WHEN_MEASURABLE)
	$(BIN)/python -m benchmarks

sample: $(WHEN_TESTABLE)
	$(BIN)/python -m layers.drawing layers/shangdang

pins:
	$(BIN)/python -m tools.pins

gallery: $(WHEN_TESTABLE)
	$(BIN)/python -m tools.gallery

golden: $(WHEN_TESTABLE)
	$(BIN)/python -m tools.golden

wheel: $(WHEN_TESTABLE)
	$(BIN)/python -m build --wheel --no-isolation --outdir dist

# Everything a machine without internet needs, wheels only: copy the folder there. Markers are
# resolved for this machine, so the one for Windows is taken off when the wheels are for Windows.
PLATFORM ?= win_amd64
PYTHON_VERSION ?= 3.11
wheelhouse: wheel
	mkdir -p wheelhouse
	case "$(PLATFORM)" in win*) sed 's/ ; .*win32. / /' requirements/run.txt ;; *) cat requirements/run.txt ;; esac > wheelhouse/requirements.txt
	$(PIP) download --require-hashes --only-binary :all: --platform $(PLATFORM) --python-version $(PYTHON_VERSION) --dest wheelhouse -r wheelhouse/requirements.txt
	cp requirements/run.txt wheelhouse/requirements.txt
	cp dist/ecopattern-*.whl wheelhouse/

clean:
	rm -rf $(VENV) build dist out wheelhouse

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

$(WHEN_MEASURABLE): $(WHEN_TESTABLE) requirements/bench.txt
	$(PIP) install --require-hashes --only-binary :all: -r requirements/bench.txt
	touch $@
