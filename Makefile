# `make` alone prints what can be made.
#
# .venv and node_modules are the only places that are installed into. .venv/.run: Footfall as its users install it;
# .venv/.dev: the sources in place, with the tools. Where .dev exists, the demo uses it too. What browsers run is built
# into the wheel for .run (hatch_build.py), and by $(BUNDLE) for .dev; without a Node, PyPI's is used (scripts/node.py).

PYTHON ?= python3
BIN := .venv/bin
# Three files of tests at once on two processors (tests/conftest.py); the long ones, of browsers, come first.
PYTEST := $(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder --durations 15
PIP := $(BIN)/python -m pip -qq --disable-pip-version-check
DEV := .venv/.dev
MODULES := node_modules/.package-lock.json
BUNDLE := src/footfall/http/bundle/footfall.js
SCHEMA := dashboard/src/api/schema.d.ts
RUN := $(if $(wildcard $(DEV)),$(DEV) $(BUNDLE),.venv/.run)
NPM := $(BIN)/python scripts/node.py npm --loglevel=error
MANIFESTS := package.json $(wildcard packages/*/package.json dashboard/package.json examples/*/package.json tests/browser/*/package.json)
PAGES := src/footfall/demo/catalogue.json $(shell find packages/*/src packages/browser/bundle.mjs dashboard examples -name node_modules -prune -o -name dist -prune -o -name schema.d.ts -prune -o -type f -print)
SOURCES := $(shell find src -name __pycache__ -prune -o -name bundle -prune -o -print) $(PAGES) hatch_build.py

# What waits for a package or a type checker leaves the rest alone.
MAKEFLAGS += --jobs=2

.DEFAULT_GOAL := help
.PHONY: help demo test test-all vitest bench screenshots lint lint-python lint-types lint-browser format lock clean debian-packages

help: ## print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(RUN) ## a server with a lifelike shop in it, at the address it prints; ARGS="--events 100000"
	@$(BIN)/footfall demo $(ARGS)

test: debian-packages lint vitest ## lint, and all tests but the slow ones; ARGS="-k funnel"
	$(PYTEST) -m "not slow" $(ARGS)

test-all: debian-packages lint vitest ## lint, and all tests, with all of their random cases
	$(PYTEST) --hypothesis-profile=thorough $(ARGS)

bench: $(DEV) $(BUNDLE) ## measure, against a baseline in the same run
	@$(BIN)/python -m bench $(ARGS)

screenshots: $(DEV) $(BUNDLE) ## pictures of each page in both themes, for the README
	@PYTHONPATH=. $(BIN)/python scripts/screenshots.py

lint: lint-python lint-types lint-browser ## style, format, types, and which way imports point

lint-python: $(DEV)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/lint-imports

lint-types: $(DEV)
	$(BIN)/basedpyright --pythonpath $(BIN)/python

lint-browser: $(DEV) $(BUNDLE) $(SCHEMA)
	$(NPM) run --silent lint
	$(NPM) run --silent types
	$(NPM) run --silent packages

vitest: $(DEV)
	$(NPM) run --silent test

format: $(DEV) $(MODULES) ## put the sources into shape
	$(BIN)/ruff check --fix-only
	$(BIN)/ruff format
	$(NPM) run --silent format

# Without ARGS=--upgrade, versions that still fit stay.
LOCK = $(BIN)/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --no-emit-index-url \
	--annotation-style line --custom-compile-command 'make lock' $(ARGS)

lock: $(DEV) ## pin the dependencies anew after a change of pyproject.toml; ARGS=--upgrade
	$(LOCK) --output-file requirements.lock
	$(LOCK) --group dev --constraints requirements.lock --output-file requirements-dev.lock

clean: ## remove everything that was made here
	rm -rf .venv build dist .hypothesis .import_linter_cache .pytest_cache .ruff_cache
	rm -rf node_modules */*/node_modules tests/browser/react-18/node_modules */*/dist */*/*.tsbuildinfo $(dir $(BUNDLE))
	find src tests bench -name __pycache__ -prune -exec rm -rf {} + 2>/dev/null || true

debian-packages:
	@scripts/debian-packages

.venv/bin/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo 'Footfall needs Python 3.11 or newer; name one with: make PYTHON=python3.12 …' >&2; exit 1; }
	@$(PYTHON) -m venv .venv || { \
	  echo 'Python has no working venv module here; on Debian: apt-get install python3-venv' >&2; exit 1; }

.venv/.run: .venv/bin/pip requirements.lock pyproject.toml $(SOURCES)
	@echo 'Installing Footfall into .venv (the first time: about 1 GB of disk) …'
	@$(PIP) install --constraint requirements.lock .
	@touch $@

.venv/.dev: .venv/bin/pip requirements-dev.lock pyproject.toml packages/client/pyproject.toml hatch_build.py $(MODULES)
	@echo 'Installing Footfall and its tools into .venv …'
	@$(PIP) install --requirement requirements-dev.lock
	@$(PIP) install --no-deps --editable . --editable packages/client
	@touch $@

$(MODULES): .venv/bin/pip package-lock.json $(MANIFESTS)
	@echo 'Installing what the browser packages are built and tested with into node_modules …'
	@$(NPM) ci --ignore-scripts
	@touch $@

# The words of the API, for the compiler; nothing of it is in what is built.
$(SCHEMA): $(DEV) scripts/openapi.py $(shell find src/footfall -name '*.py')
	@mkdir -p build
	@$(BIN)/python scripts/openapi.py > build/openapi.json
	@$(NPM) run --silent api --workspace dashboard -- ../build/openapi.json --output src/api/schema.d.ts \
	  --default-non-nullable false > build/openapi.log || { cat build/openapi.log >&2; exit 1; }

# After $(DEV), which builds the wheel, and for it the same files.
$(BUNDLE): $(MODULES) $(PAGES) | $(DEV)
	@$(NPM) run --silent bundle
	@touch $@
