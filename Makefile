# Face GAN Lab. `make` alone lists the targets; each needs nothing done before it.
# Without make (Windows): python -m lib setup, python -m lib run-all, ... do the same.

PYTHON ?= python3
PROFILE := $(or $(PROFILE),auto)
LAB := .venv/bin/python -m lib
OPTIONS = $(if $(PARAMETERS),--parameters $(PARAMETERS))

.DEFAULT_GOAL := help
.PHONY: help setup doctor lab run run-all test lint format render bench badges book lock clean restore weights

help: ## list the targets
	@awk -F ' *## ' '/^[a-z-]+:.*##/ { sub(":.*", "", $$1); printf "  make %-9s %s\n", $$1, $$2 }' Makefile

setup: ## make .venv from the lock (GPU=1 or nvidia-smi: with CUDA); seconds when it is there
	@$(PYTHON) -m lib setup

doctor: setup ## versions, device, memory, disk, and a remedy for all that is missing
	@$(LAB) doctor

lab: setup ## open JupyterLab on the first lesson
	@$(LAB) lab

run: setup ## run one lesson: make run NB=01 PROFILE=smoke PARAMETERS="SEED=3"
	@$(LAB) run $(NB) --profile $(PROFILE) $(OPTIONS)

run-all: setup ## run every lesson, PROFILE=smoke|laptop|colab|paper JOBS=2, and end with a table
	@$(LAB) run-all --profile $(PROFILE) $(if $(JOBS),--jobs $(JOBS)) $(OPTIONS)

test: setup ## lint, unit tests, a browser (chromium), every lesson at the smoke profile
	@$(LAB) test

lint: setup ## ruff over code and lessons
	@.venv/bin/ruff check . && .venv/bin/ruff format --check .

format: setup ## let ruff put code and lessons into shape
	@.venv/bin/ruff check --fix . ; .venv/bin/ruff format .

restore: setup ## repair photos: make restore TASK=unmask|shine|both PHOTOS=folder OUT=folder KEEP=1
	@$(LAB) restore --task "$(or $(TASK),unmask)" --photos "$(PHOTOS)" --out "$(OUT)" $(if $(KEEP),--keep)

weights: setup ## train the shipped weights anew, hours without a GPU: make weights ONLY="parser spec_net"
	@$(LAB) weights $(ONLY)

render: setup ## record the outputs that lessons are committed with: make render NB=01
	@$(LAB) render $(NB)

bench: setup ## print the measurements behind the figures we state: make bench ONLY=identity
	@$(LAB) bench $(ONLY)

badges: setup ## rewrite badges, set-up cells and the index; REPOSITORY=owner/name sets the address
	@$(LAB) badges $(if $(REPOSITORY),--repository $(REPOSITORY))

book: setup ## every lesson as a web page, in book/: make book EXECUTED=runs/laptop shows your own run
	@$(LAB) book $(if $(EXECUTED),--executed $(EXECUTED))

# jsonschema's checker of IRIs, which nothing here asks for, takes two seconds to import each time
UNWANTED = rfc3987-syntax lark
COMPILE = .venv/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes \
	$(UNWANTED:%=--no-emit-package %) --extra lab pyproject.toml

lock: setup ## compile both lock files anew from pyproject.toml
	@$(COMPILE) --extra cpu -o requirements.lock
	@$(COMPILE) --extra gpu -o requirements-gpu.lock

clean: ## remove runs, prepared data and caches; .venv and data/raw stay
	@$(PYTHON) -m lib clean
