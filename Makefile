# Sparkproof's commands; `make` alone lists them.
.DEFAULT_GOAL := help
SHELL := /bin/bash -o pipefail
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/ready

.PHONY: help setup test mutants mutants-code lint fix check-units check-charts check-steps check-types check-style check-format check-rooms demo acceptance live trouble sabotage report bench compare pythons charts docs lock clean

help: ## list these commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 20

setup: $(READY) ## install Sparkproof and what it is built with into .venv, from the hashed lock file

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and f"Python 3.11 or newer is needed; {sys.executable} is {sys.version.split()[0]}: set PYTHON=/path/to/python3.11.")'
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || DEBIAN_FRONTEND=noninteractive apt-get install -y -qq python3-venv
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --no-deps --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --quiet --no-deps --no-build-isolation --editable .
	@touch $@

# Several parts run side by side; each prints as a whole, and all are run before one that failed ends it.
TOGETHER := $(MAKE) --no-print-directory --keep-going --jobs=2 --output-sync=target

test: $(READY) ## everything that needs no cluster: lint, types, rooms, dry run, criteria of the charts, unit and chart tests
	@$(TOGETHER) check-units check-charts check-types check-style check-format check-rooms check-steps

mutants-code: $(READY) ## break the checks' own code, and list what no unit test notices; MINUTES
	@nice $(BIN)/python -m tests.code_mutants --minutes $(or $(MINUTES),30)

lint: $(READY) ## style, format, types and the rooms' imports; every fault of all of them
	@$(TOGETHER) check-types check-style check-format check-rooms

fix: $(READY) ## mend what can be mended: style, format, the charts' files, the pages and schemas that follow from the code
	$(BIN)/ruff check --fix --exit-zero .
	$(BIN)/ruff format .
	$(BIN)/sparkproof charts
	$(BIN)/sparkproof pages
	$(BIN)/python -m tests.sabotage

# A module's tests share what they render, so one worker has them all.
check-units:
	@$(BIN)/pytest --numprocesses=2 --dist=loadfile --junitxml=build/pytest.xml

check-charts:
	@$(BIN)/behave --tags='@charts and not @wip' --format=null -D reports=build/charts

check-steps:
	@$(BIN)/behave --dry-run --no-summary --format=null

check-types:
	@$(BIN)/mypy

check-style:
	@$(BIN)/ruff check .

check-format:
	@$(BIN)/ruff format --check .

check-rooms:
	@$(BIN)/lint-imports --no-cache --no-logo

demo: $(READY) ## from nothing to a verdict: cluster, images, chart, the @smoke criteria, the report
	@status=0; $(BIN)/behave -j 2 --tags=@smoke || status=$$?; $(BIN)/sparkproof report && exit $$status

acceptance: $(READY) ## every criterion, on the embedded cluster
	@status=0; $(BIN)/behave -j 2 || status=$$?; $(BIN)/sparkproof report && exit $$status

live: $(READY) ## what needs the embedded cluster to be tested: interrupted runs, images against their labels
	$(BIN)/pytest -m cluster --junitxml=build/live.xml

trouble: $(READY) ## what goes wrong with the embedded cluster itself: taken ports, killed daemons, missing images
	$(BIN)/pytest -m trouble -v

sabotage: $(READY) ## break the platform on purpose and see the criteria turn red
	$(BIN)/pytest -m sabotage -v

mutants: $(READY) ## break each line of what the charts render, and list what nothing notices; SEED, MINUTES, CLUSTER=--cluster
	$(BIN)/python -m tests.mutants --seed $(or $(SEED),1) --minutes $(or $(MINUTES),30) $(CLUSTER)

report: $(READY) ## the acceptance statement of the last run, and every criterion in detail
	$(BIN)/sparkproof report

bench: $(READY) ## what is promised of speed and size, measured side by side with the alternatives
	$(BIN)/python -m bench

compare: $(READY) ## behave's own self-tests by behave's runner and by ours, side by side; fetched, and run for an hour
	$(BIN)/python -m tests.selftests

pythons: $(READY) ## the tests of the runner, the core and the suite, and the dry run, on each Python from 3.11 that is here
	@$(BIN)/python -m tests.pythons

charts: $(READY) ## the files of charts/ that are put together from shared parts
	$(BIN)/sparkproof charts

docs: $(READY) ## the pages that follow from the code: phrases, tags, criteria, sabotages
	$(BIN)/sparkproof pages
	$(BIN)/python -m tests.sabotage

lock: ## pin, by hash, every Python package of pyproject.toml and of Spark versions that have no pins yet
	$(BIN)/pip-compile --quiet --strip-extras --allow-unsafe --extra dev --generate-hashes --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --output-file requirements.lock pyproject.toml
	$(BIN)/sparkproof lock

clean: ## remove .venv, reports and caches of this checkout; the embedded cluster goes with `sparkproof down`
	rm -rf .venv reports build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
