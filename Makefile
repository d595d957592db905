# Everything stays in this folder: .venv holds the packages, .cache what tools would leave in your
# home, _build the pages. `make help` lists the targets; PYTHON=python3.12 chooses the Python.

BIN := .venv/bin
CACHE := $(CURDIR)/.cache

export XDG_CACHE_HOME := $(CACHE)/xdg
export PIP_CACHE_DIR := $(CACHE)/pip
export UV_CACHE_DIR := $(CACHE)/uv
export IPYTHONDIR := $(CACHE)/ipython
export JUPYTER_CONFIG_DIR := $(CACHE)/jupyter/config
export JUPYTER_DATA_DIR := $(CACHE)/jupyter/data
export JUPYTER_RUNTIME_DIR := $(CACHE)/jupyter/runtime
export MPLCONFIGDIR := $(CACHE)/matplotlib
export DASK_CONFIG := $(CACHE)/dask
export NPM_CONFIG_CACHE := $(CACHE)/npm
export TRITON_CACHE_DIR := $(CACHE)/triton
export CUDA_CACHE_PATH := $(CACHE)/cuda
# A socket's path may have about 100 characters: in a deep folder the system's own place is used.
ifeq ($(shell test $$(pwd | wc -c) -lt 60 && echo short),short)
export TMPDIR := $(CACHE)/tmp
endif

# The packages of a group, from the index only where the cache lacks one: without a network uv would fail though all are there.
GROUP = @group() { $(BIN)/uv pip install --quiet --python $(BIN)/python --group "$$@"; }; group

.PHONY: help install book test twice kit student bundle pdf wheels lab chapters results format bench torture check-site try-colab clean distclean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: ## make .venv, unless it is there and up to date
	@mkdir -p "$(CACHE)/tmp"
	@PYTHON="$(PYTHON)" sh tools/install.sh

book: install ## build the pages, warnings being errors
	@$(BIN)/python tools/lock.py book sh -c \
		'rm -rf _build/html && $(BIN)/jupyter-book build . --all -W -n --keep-going'
	@$(BIN)/python -c 'import pathlib as p; print("The book:", p.Path("_build/html/index.html").resolve().as_uri())'

test: install ## linter, unit tests, every chapter with its outputs compared
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	NAS_DEVICE=cpu $(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder --nbval

twice: install ## run each cell of the chapters twice, which must say the same (CHAPTERS="book/a.ipynb ...": those only)
	NAS_DEVICE=cpu $(BIN)/python tools/twice.py $(CHAPTERS)

kit: book ## make what a lecturer needs, in build/kit (PRODUCTS="slides ...": those only)
	$(GROUP) kit --offline 2>/dev/null || group kit
	NAS_DEVICE=cpu $(BIN)/python -m teach $(PRODUCTS)

bundle: book ## the book on a USB stick: pages, notebooks, records, weights and what `make kit` left, in build/kit/bundle.zip
	$(BIN)/python -m teach bundle

pdf: book ## the book as one PDF, in build/kit (needs Chromium)
	$(GROUP) kit --offline 2>/dev/null || group kit
	$(BIN)/python -m teach pdf

wheels: install ## wheels for laptops without network, in build/wheels (SYSTEMS="linux macos windows" OPTIONS=--dry-run)
	$(BIN)/python -m teach.wheels $(SYSTEMS) $(OPTIONS)

student: install ## write student copies and nbgrader's course folder, in build/kit (VARIANT=7: other numbers; TASKS=lecture or 1,3,5)
	NAS_DEVICE=cpu $(BIN)/python -m teach.student

lab: install ## open the chapters live
	$(BIN)/jupyter-lab book $(if $(filter 0,$(shell id -u)),--allow-root)

chapters: install ## run the chapters and write their outputs back (CHAPTERS="book/a.ipynb ...": those only)
	NAS_DEVICE=cpu $(BIN)/python tools/run_chapters.py $(CHAPTERS)

format: install ## let the linter mend and lay out the code, notebooks too
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

results: install ## repeat every record that a laptop can make, in build/results, and compare (hours; it goes on)
	NAS_DEVICE=cpu $(BIN)/python tools/repeat_results.py build/results

bench: install ## measure the engine against a plain loop (minutes; let nothing else run)
	$(BIN)/python -m study.speed

torture: install ## kill a small experiment 20 times and compare what it leaves
	NAS_DEVICE=cpu $(BIN)/python tools/torture.py

check-site: book ## look at every page, and drive every instrument, in a browser (needs Chromium)
	$(GROUP) site --offline 2>/dev/null || group site
	$(BIN)/python tools/lock.py book $(BIN)/python tools/check_site.py
	NAS_DEVICE=cpu $(BIN)/python tools/check_play.py

try-colab: install ## run a chapter's copy for Colab in a bare environment (CHAPTER=book/a.ipynb)
	$(BIN)/python tools/try_colab.py $(or $(CHAPTER),$(firstword $(sort $(wildcard book/*.ipynb))))

clean: ## remove pages and caches; .venv and build/ stay
	rm -rf _build .cache

distclean: clean ## remove .venv as well
	rm -rf .venv nas.egg-info
