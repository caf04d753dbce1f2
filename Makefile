# fazhi: set-up and everyday commands. Needs make and a Python from 3.11 to 3.13, nothing else.
#
#   make run      set up what is missing, then run the night on the bundled sample portals
#   make test     set up what is missing, then run the tests
#   make chaos    kill nights at 60 points, fill disks, break clocks …, and see that one rerun mends it (an hour or two)
#   make lint     style, formatting and types of the code, style of the SQL
#   make docs     the documentation of all tables as one page: dbt_project/target/docs/static_index.html
#   make dagster  the web view of the asset graph on http://127.0.0.1:3000
#   make explore  the newest release as web pages on http://127.0.0.1:8765
#
# PYTHON=/path/to/python chooses the interpreter that the virtual environment is made from;
# ARGS="…" is handed on to the program that the target starts.

PYTHON ?=
ARGS ?=
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
READY_DEV := $(VENV)/.ready-dev
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet --no-input

# Dagster finds its settings (dagster.yaml) here and keeps its own files below the data home.
export DAGSTER_HOME := $(CURDIR)
export FAZHI_HOME ?= $(CURDIR)/data
export FAZHI_DAGSTER ?= $(FAZHI_HOME)/dagster
export DAGSTER_DISABLE_TELEMETRY := 1
export DBT_SEND_ANONYMOUS_USAGE_STATS := false
export DO_NOT_TRACK := 1

# A virtual environment whose interpreter has gone is no environment: forget that it was ready.
ifneq ($(wildcard $(READY)),)
ifneq ($(shell $(BIN)/python -c 'print("works")' 2>/dev/null),works)
$(shell rm -f $(READY) $(READY_DEV))
endif
endif

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev run test chaos lint format docs dagster explore clean

help:
	@sed -n 's/^#  *make /make /p' Makefile

setup: $(READY)

setup-dev: $(READY_DEV)

run: $(READY)
	@$(BIN)/fazhi run $(ARGS)

test: $(READY_DEV)
	@$(BIN)/python -m pytest -n 2 --dist loadfile $(ARGS)

chaos: $(READY_DEV)
	@$(BIN)/python tests/chaos/run_chaos.py $(ARGS)

lint: $(READY_DEV)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@cd dbt_project && ../$(BIN)/sqlfluff lint --processes 2 models macros tests

format: $(READY_DEV)
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

# Neither a warehouse nor a host is asked: what the tables hold is said in the project itself.
docs: $(READY)
	@cd dbt_project && FAZHI_WAREHOUSE=:memory: ../$(BIN)/dbt docs generate --static --empty-catalog \
		--profiles-dir . --target-path target/docs --log-path target/docs

dagster: $(READY)
	@mkdir -p "$(FAZHI_DAGSTER)"
	@$(BIN)/dagster dev -m pipelines.definitions -h 127.0.0.1 $(ARGS)

explore: $(READY)
	@$(BIN)/fazhi explore $(ARGS)

clean:
	rm -rf $(VENV) *.egg-info dbt_project/target dbt_project/logs .mypy_cache .ruff_cache .pytest_cache

$(READY): pyproject.toml constraints.txt
	@set -e; \
	usable='import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))'; \
	chosen=''; \
	for candidate in $(if $(PYTHON),"$(PYTHON)",python3.11 python3.12 python3.13 python3 python); do \
		if "$$candidate" -c "$$usable" >/dev/null 2>&1; then chosen="$$candidate"; break; fi; \
	done; \
	if [ -z "$$chosen" ]; then \
		echo "No usable Python found$(if $(PYTHON), at PYTHON=$(PYTHON),)." >&2; \
		echo "fazhi needs Python 3.11, 3.12 or 3.13 with the modules venv and ensurepip." >&2; \
		for candidate in $(if $(PYTHON),"$(PYTHON)",python3 python); do \
			if version=$$("$$candidate" --version 2>&1); then echo "  $$candidate is $$version" >&2; fi; \
		done; \
		echo "Install one (on Debian or Ubuntu: apt install python3 python3-venv), or name one: make PYTHON=/path/to/python3.12 …" >&2; \
		exit 1; \
	fi; \
	if [ ! -x "$(BIN)/python" ] || ! "$(BIN)/python" -c "$$usable" >/dev/null 2>&1; then \
		echo "Making the virtual environment $(VENV) with $$("$$chosen" --version) …"; \
		rm -rf "$(VENV)"; \
		"$$chosen" -m venv "$(VENV)"; \
	fi; \
	echo "Installing the pinned packages (once; a minute or two) …"; \
	$(PIP) install -c constraints.txt -e .
	@touch $@

$(READY_DEV): $(READY)
	@echo "Installing the tools for tests and checks …"
	@$(PIP) install -c constraints.txt -e '.[dev]'
	@touch $@
