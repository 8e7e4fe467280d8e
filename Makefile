# One target per product. Each does the set-up that it needs; a second run is quick.
# Needed: make and Python >= 3.11. Choose an interpreter with `make PYTHON=/path/to/python3 ...`.

PYTHON ?=
PY := .venv/bin/python
READY := .venv/ready

.DEFAULT_GOAL := help
.PHONY: help demo test slow install course check-exercise lab lint bench clean

help:           ## this list
	@sed -n 's/^\([a-z-]*\):.*## */  make \1|/p' Makefile | awk -F'|' '{ printf "%-23s %s\n", $$1, $$2 }'

demo: $(READY)  ## a made-up class of twelve, graded end to end
	@$(PY) -m autograder demo

test: $(READY)  ## the test-suite
	@$(PY) -m pytest -n auto --dist loadfile -m "not slow"

slow: $(READY)  ## the rest of the test-suite: many seeds, long runs
	@$(PY) -m pytest -n auto --dist worksteal -m slow

install: $(READY)  ## .venv with the pinned versions and the course
	@echo "Ready. Activate it with:  . .venv/bin/activate"

course: $(READY)  ## solutions/*.py -> course/**/*.ipynb, and the tables of chapters
	@$(PY) -m autograder build
	@$(PY) docs/make_tables.py

check-exercise: $(READY)  ## what an exercise still lacks: NAME=softmax
	@$(PY) -m autograder check-exercise $(if $(NAME),'$(NAME)',$(error which one? make check-exercise NAME=softmax))

lab: $(READY)   ## open the course's first page in JupyterLab
	@$(PY) -m jupyterlab --notebook-dir=course course/README.ipynb

lint: $(READY)  ## ruff, its rules and its layout, and mypy
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m mypy

bench: $(READY)  ## the benchmarks, as tables in benchmarks/results/
	@failed=0; for b in $$(grep -l __main__ benchmarks/*.py); do \
	  echo "== $$b"; $(PY) "$$b" || failed=1; \
	done; exit $$failed

clean:          ## remove .venv (your classroom/ stays)
	rm -rf .venv build *.egg-info

# The stamp holds the folder it was made in: a copied or broken .venv is made anew.
$(shell [ "$$(cat $(READY) 2>/dev/null)" = "$$PWD" ] && $(PY) -c '' 2>/dev/null || rm -f $(READY))

$(READY): requirements.lock pyproject.toml
	@old=; bare=; found=; \
	for p in $(if $(PYTHON),'$(PYTHON)',python3.13 python3.12 python3.11 python3 python); do \
	  "$$p" -c '' 2>/dev/null || continue; \
	  "$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { old=$$p; continue; }; \
	  "$$p" -c 'import ensurepip, venv' 2>/dev/null || { bare=$$p; continue; }; \
	  found=$$p; break; \
	done; \
	if [ -z "$$found" ] && [ -n "$$bare" ]; then \
	  v=$$("$$bare" -c 'import sys; print("%d.%d" % sys.version_info[:2])'); \
	  echo "$$bare cannot make virtual environments: install its venv module (Debian, Ubuntu: apt install python$$v-venv)." >&2; exit 1; \
	elif [ -z "$$found" ]; then \
	  echo "This course needs Python 3.11 or newer$${old:+ ($$old is older)}: install it, or name it with  make PYTHON=/path/to/python3" >&2; exit 1; \
	fi; \
	echo "Making .venv with $$("$$found" -V) and installing requirements.lock (once, about a minute) ..."; \
	"$$found" -m venv --clear .venv \
	  && $(PY) -m pip install --quiet --disable-pip-version-check --requirement requirements.lock \
	  && $(PY) -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable . \
	  || { echo "The set-up did not finish; the lines above say why. Run the same command again." >&2; exit 1; }; \
	printf '%s' "$$PWD" > $(READY)
