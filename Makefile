# `make demo` shows what text2mdt does, `make test` checks it; `make help` lists the rest.
#   make demo TORCH=cpu          PyTorch's CPU build (TORCH=cu130, … for another one; unset: what pip finds)
#   make demo PYTHON=python3.12  another interpreter

VENV   ?= .venv
PYTHON ?= $(shell for python in python3 python3.11 python3.12 python3.13 python3.14 python; do \
            $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
TORCH  ?=

BIN     := $(VENV)/bin
PIP     := $(BIN)/python -m pip install --disable-pip-version-check -c constraints.txt \
             $(if $(TORCH),--extra-index-url https://download.pytorch.org/whl/$(TORCH))
PACKAGE := $(VENV)/.package-installed
TOOLS   := $(VENV)/.tools-installed
RELEASE := $(VENV)/.release-tools-installed
RUNTIME := build/runtime
LOCKED  := deploy/locked
LOCK    := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate \
             --custom-compile-command 'make lock' -c constraints.txt
SAMPLE  := data/samples/acute-otitis-media-children.md

.PHONY: help demo test test-slow install lint format bench compare app train docs figures site wheel sbom licences \
        audit lock model clean clean-all
.NOTPARALLEL:

help:  ## this list
	@awk -F ':.*##' '/^[a-z-]+:.*##/ {printf "  %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(PACKAGE) model  ## extract the trees of a sample guideline into demo-output/
	@$(BIN)/text2mdt extract $(SAMPLE) --format json,svg,html -o demo-output
	@echo
	@echo "Open demo-output/$(basename $(notdir $(SAMPLE))).html in a browser: the text with its marked words, and"
	@echo "the trees beside it. The same as data is in the .json, each tree alone in an .svg."

test: $(TOOLS) model  ## all tests but the slow ones, two files at a time
	HF_HUB_OFFLINE=1 $(BIN)/python -m pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder

test-slow: $(TOOLS) model  ## the slow tests
	HF_HUB_OFFLINE=1 $(BIN)/python -m pytest -m slow

install: $(TOOLS)  ## the virtual environment with the page and the developers' tools

lint: $(TOOLS)  ## format, style and types
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy

format: $(TOOLS)  ## bring the code into its format
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

bench: $(TOOLS) model  ## time, memory and speed, into docs/benchmarks.md (long; wants an idle machine)
	$(BIN)/python benchmarks/run_all.py

compare: $(TOOLS) model  ## every method against the others, into runs/compare/english (very long; goes on where it was)
	$(BIN)/text2mdt compare configs/compare/english.yaml

app: $(TOOLS) model  ## the page in the browser
	$(BIN)/text2mdt app

train: $(TOOLS) model  ## train an adapter as the shipped one was, on all records, into runs/pi_lora/adapter
	$(BIN)/text2mdt train configs/train/pi_lora.yaml

docs: $(TOOLS)  ## write the generated pages of docs/ anew
	$(BIN)/python docs/make_errors.py
	$(BIN)/python docs/make_file_map.py
	$(BIN)/python docs/make_quality.py
	$(BIN)/python docs/make_page_pictures.py
	$(BIN)/python docs/make_schema.py

figures: $(TOOLS)  ## the figures of docs/ that a short command gives, anew (some minutes)
	$(BIN)/python docs/make_figures.py

wheel: $(RELEASE)  ## source archive and wheel into dist/; the version is that of the last tag
	rm -rf dist
	$(BIN)/python -m build

sbom: wheel  ## what the wheel brings along with the page, as CycloneDX, into docs/sbom.cdx.json
	rm -rf $(RUNTIME)
	$(BIN)/python -m venv --without-pip $(RUNTIME)
	$(BIN)/python -m pip --python $(RUNTIME)/bin/python install --disable-pip-version-check -c constraints.txt --find-links dist \
	  "text2mdt[app]==$$(ls dist/*.whl | cut -d- -f2)"
	$(BIN)/cyclonedx-py environment --output-reproducible -o docs/sbom.cdx.json $(RUNTIME)/bin/python

licences: $(TOOLS)  ## the licences of all packages, into docs/licences.md
	$(PIP) -e '.[app,postgresql,openai,llamacpp,nf4,ray,tensorboard,mlflow,peft]'
	$(BIN)/python docs/make_licences.py

audit: $(RELEASE)  ## known weaknesses of the packages (asks a data base over the network)
	$(BIN)/python .ci/audit_packages.py

lock: $(RELEASE)  ## the packages of the images with their hashes, into deploy/locked/ (what is pinned there stays)
	$(LOCK) pyproject.toml --extra app --extra postgresql --extra openai --no-emit-package torch \
	  --excludes $(LOCKED)/gpu_only.in -o $(LOCKED)/packages.txt
	echo torch | $(LOCK) - -c $(LOCKED)/packages.txt -o $(LOCKED)/torch-cuda.txt
	$(LOCK) $(LOCKED)/build.in -c $(LOCKED)/packages.txt -o $(LOCKED)/build.txt

site: $(TOOLS)  ## the documentation as a site, into site/
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict --quiet

model: $(PACKAGE)
	@$(BIN)/text2mdt models fetch

clean:  ## remove caches and what the demo wrote
	rm -rf demo-output build dist site .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find app benchmarks docs pilora tests text2mdt -name __pycache__ -prune -exec rm -rf {} +

clean-all: clean  ## … and the virtual environment
	rm -rf $(VENV)

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "No Python 3.11 or newer was found; name one: make PYTHON=/path/to/python3" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(PACKAGE): pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) -e .
	@touch $@

$(TOOLS): pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) -e '.[app,dev]'
	@touch $(PACKAGE) $@

$(RELEASE): pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) -e '.[release]'
	@touch $@
