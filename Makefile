# Two commands do everything from a bare clone: `make study` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
OUT ?= studies/guarded

.DEFAULT_GOAL := help
.PHONY: help install study test quick lint types hooks clean

help:           ## Show this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:[^#]*##/\t/' | expand -t 12

install: $(STAMP) ## Create .venv and install everything that was tested (constraints.txt)

$(STAMP): pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt torch --editable '.[dev]'
	touch $(STAMP)

study: $(STAMP) ## Ask the organism `guarded` why it fakes alignment; write $(OUT)/report.html
	$(BIN)/feint study organism/guarded --out $(OUT) --overwrite

# Files run whole and in order, the longest not last. Three processes for two cores, each computing with one thread:
# many tests wait for programs that they start, and a fourth would spend more on collecting tests than it saves.
# What is compiled is kept, whatever the environment says: each process compiles all tests otherwise.
test: $(STAMP) browser lint types ## Lint, type-check, test
	PYTHONDONTWRITEBYTECODE= FEINT_THREADS=1 OMP_NUM_THREADS=1 $(BIN)/pytest -n 3 --dist loadfile --no-loadscope-reorder

quick: $(STAMP) ## The tests that take seconds
	$(BIN)/pytest -m "not slow and not browser"

lint: $(STAMP)
	$(BIN)/ruff check src tests benchmarks contrib
	$(BIN)/ruff format --check src tests benchmarks contrib

types: $(STAMP)
	$(BIN)/mypy --num-workers auto

.PHONY: browser
browser:        # The browser tests need Chromium; install it where we may, else they skip and say so
	@command -v chromium >/dev/null || command -v google-chrome >/dev/null || { \
	  test "$$(id -u)" = 0 && command -v apt-get >/dev/null && \
	  apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium >/dev/null; } || true

hooks: $(STAMP) ## Install the pre-commit hooks
	$(BIN)/pre-commit install

clean:          ## Remove what was built
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache studies
