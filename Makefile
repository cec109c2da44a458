# make run    install what is needed into .venv and run the Korean case
# make test   install what the tests need into .venv and run all of them
# make test-fast  those that take little: no repeated sampling, no sweeps over inputs, no whole commands
# make soak   studies and batches with a failure at each call to the disk; make test fails every third
# make look   try page and workbook in a real Chromium and LibreOffice, where they are installed
# make bench  time the engine beside a numpy peer of the same model
# make golden write the golden results anew, after a change of figures that is meant
# make shown  write anew what the shipped cases show, after a change that is meant
# make pictures  make the pictures of the docs anew (those of page and workbook need Chromium and LibreOffice)
# make figures    play the shipped cases in full where they changed, and write README, the case study and
#                 the Korean case anew, and figures in other pages (some ten minutes)
# make importers  write the shipped importers anew, after a change of the generator or its tables
# make reference  write anew the tables of docs/ that follow from the code
# make site   build the documentation into build/site; every warning fails, a dead link too
# make lock   resolve the dependencies again (needs uv)

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
# Most modules of the libraries are never imported: those that are get compiled then.
INSTALL := $(PIP) install --no-compile
LOCK := uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-header --no-annotate --quiet

FAST := not costly and not statistical and not exhaustive and not whole and not processes and not browser and not office

# Without its files every process would parse the package, and rewrite the tests, once more.
unexport PYTHONDONTWRITEBYTECODE

# Two workers on two processors: more threads of linear algebra would wait for each other in loops.
test test-fast: export OPENBLAS_NUM_THREADS = 1

# Tests write and remove tens of thousands of small files: in memory, where it has 8 GB of room.
MEMORY := $(shell test -w /dev/shm && df -Pk /dev/shm | awk 'NR == 2 && $$4 > 8000000 { print "/dev/shm" }')
ifneq ($(MEMORY),)
test test-fast soak look: export TMPDIR = $(MEMORY)
test test-fast soak look: export PYTEST_ADDOPTS += -o tmp_path_retention_policy=failed
endif

.PHONY: run test test-fast soak look bench golden shown figures pictures importers reference site lock clean formatted typed layered compiled

# Threads take turns where kernels are interpreted, so that nothing is to be seen of them.
INTERPRETED := tests/kernel --deselect \
	tests/kernel/test_points.py::test_neither_threads_nor_slices_nor_the_number_of_trials_show

run: $(VENV)/run
	$(BIN)/riskengine run configs/korea-2026.toml

test: $(VENV)/test
	$(MAKE) -j 2 typed formatted layered compiled
	$(BIN)/python -m pytest -n 2 --dist worksteal
	NUMBA_DISABLE_JIT=1 $(BIN)/python -m coverage run \
		-m pytest -q -n 2 --dist worksteal $(INTERPRETED) tests/analytic/test_exact_limits.py \
		tests/simulate/test_versions.py::test_versions_have_the_bits_of_their_runs
	$(BIN)/python -m coverage combine --quiet
	$(BIN)/python -m coverage report --fail-under=90

typed:
	$(BIN)/mypy

formatted:
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

layered:
	$(BIN)/lint-imports --no-cache

# Package and tests, once for both workers; pytest says of what it cannot read when it runs.
compiled:
	@$(BIN)/python -m pytest --collect-only -qq >/dev/null || true

test-fast: $(VENV)/test
	$(BIN)/python -m pytest -q -n 2 --dist worksteal -m "$(FAST)"

soak: export EVERY_CALL = 1
soak: $(VENV)/test
	$(BIN)/python -m pytest -q -n 2 --dist worksteal -k "failure_at_any_call" tests

look: $(VENV)/test
	$(BIN)/python -m pytest -q -n 3 --dist loadfile -m "browser or office" tests/report tests/docs

bench: $(VENV)/test
	$(BIN)/python -m pytest benchmarks -p no:xdist -s

golden: $(VENV)/test
	$(BIN)/python -m tests.golden.regenerate $(if $(REASON),"$(REASON)")

shown: $(VENV)/test
	$(BIN)/python -m tests.pinned.regenerate $(if $(REASON),"$(REASON)")

pictures: $(VENV)/test
	$(BIN)/python -m tests.pictures.regenerate $(ONLY)

figures: $(VENV)/test
	$(BIN)/python -m tests.docs.shipped

importers: $(VENV)/test
	$(BIN)/python -m tests.economies.regenerate

reference: $(VENV)/test
	$(BIN)/python -m tests.docs.generated

site: $(VENV)/test
	$(BIN)/python -m sphinx -q -W --keep-going -E -c docs -d build/site-doctrees . build/site
	@echo "Open build/site/index.html"

lock:
	$(LOCK) --extra build --output-file requirements.lock
	$(LOCK) --extra dev --constraint requirements.lock --output-file requirements-dev.lock

clean:
	rm -rf $(VENV)

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/run: $(BIN)/python requirements.lock pyproject.toml
	$(INSTALL) --require-hashes -r requirements.lock
	$(INSTALL) --no-deps --no-build-isolation -e .
	touch $@

$(VENV)/test: $(BIN)/python requirements-dev.lock pyproject.toml
	$(INSTALL) --require-hashes -r requirements-dev.lock
	$(INSTALL) --no-deps --no-build-isolation -e .
	touch $@
