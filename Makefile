# The commands of the project: `make help`.
PYTHON_VENV := .venv/bin/python
CONFIG ?= config/config.yaml
BENCHMARKS := $(addprefix bench-,asking generation injection intervals levels planning preparation scoring substitution training)

export PATH := $(CURDIR)/.venv/bin:$(PATH)
# Tools and benchmarks import the library from where it stands.
export PYTHONPATH := $(CURDIR)/workflow/scripts
export HYPOTHESIS_STORAGE_DIRECTORY := .cache/hypothesis
# Whatever the locale.
export PYTHONUTF8 := 1
unexport PYTHONHOME VIRTUAL_ENV

.PHONY: help setup demo smoke study run status prompt report compare archive export export-questions test test-engines test-others test-long test-random test-integrity lint clean
.PHONY: $(BENCHMARKS)
.DEFAULT_GOAL := help

help:
	@echo "make demo     set up, run the embedded default on all cores, print the headline table"
	@echo "make test     set up, run the test suite"
	@echo
	@echo "make run      run CONFIG=path/to/your.yaml in studies/NAME; ARGS=\"--resources gpu=4\" goes to Snakemake"
	@echo "make study    run config/vital.yaml: real text, counter-answers at two strengths, a plausibility gate"
	@echo "make smoke    run config/smoke.yaml: the whole chain on a random model, in two minutes"
	@echo "make status   what of CONFIG is there, what is missing, what that would take"
	@echo "make prompt   QUESTION=id-or-words METHOD=vanilla-rag CONDITION=clean: what a finished run asks, with token counts"
	@echo "make report   Snakemake's own report on the last run of CONFIG: rules, parameters, run times"
	@echo "make compare  set two studies side by side: A=config/a.yaml B=config/b.yaml (docs/studies.md)"
	@echo "make export-questions  what another system needs to answer the prompts of METHOD=vanilla-rag (docs/own-answers.md)"
	@echo "make export   training rows and rationales as JSON Lines, examples as data sets, answers as logs (docs/exports.md)"
	@echo "make archive  pack the finished study of CONFIG as an RO-Crate for a paper's supplement: results/archive.zip"
	@echo
	@echo "make setup    create .venv (PYTHON=python3.12 chooses the interpreter)"
	@echo "make lint     check style and types"
	@echo "make test-long    what takes longer: kills, SLURM, data sets from file to report"
	@echo "make test-random  property tests on inputs drawn at random, in the suite they are always the same"
	@echo "make test-integrity  bit flips, hostile input, kills: docs/reliability.md"
	@echo "make clean    delete the default study's results, and what all studies share; studies/ and .venv stay"
	@echo
	@echo "make bench-training     tokens per second and MFU of training, beside a bare PyTorch loop"
	@echo "make bench-generation   the pipeline beside bare vLLM, on a finished study's in-context prompts (docs/measurements.md)"
	@echo "make bench-asking       prompts, store and answers of a study of any size, without an engine"
	@echo "make bench-intervals    how often the 95 % intervals cover what is true: the table of docs/metrics.md"
	@echo "make bench-levels       how often p is below 0.05 where methods are alike but for their seeds: a table there too"
	@echo "make bench-planning     planning 10,000 jobs beside an empty workflow of as many"
	@echo "make bench-injection    injection and gates: 10 thousand, 100 thousand and a million examples"
	@echo "make bench-scoring      labels and metrics: 10 thousand, 100 thousand and a million answers"
	@echo "make bench-substitution  whether counter-passages can be told by their form (10 minutes on one core)"
	@echo "make bench-preparation  preparation and BM25 at size (5 minutes, 6 GB below .cache/bench)"

setup:
	@./envs/setup.sh

demo: setup
	@$(PYTHON_VENV) tools/run.py --configfile config/config.yaml

smoke: setup
	@$(PYTHON_VENV) tools/run.py --configfile config/smoke.yaml

study: setup
	@$(PYTHON_VENV) tools/run.py --configfile config/vital.yaml

run: setup
	@$(PYTHON_VENV) tools/run.py --configfile "$(CONFIG)" $(ARGS)

report: setup
	@$(PYTHON_VENV) tools/run.py --configfile "$(CONFIG)" --report results/report/workflow.html
	@echo "It is results/report/workflow.html of the study's folder."

compare: setup
	@$(PYTHON_VENV) tools/compare_studies.py --a "$(A)" --b "$(B)" $(ARGS)

METHOD ?= vanilla-rag

export-questions: setup
	@$(PYTHON_VENV) tools/questions.py --configfile "$(CONFIG)" --method "$(METHOD)" $(ARGS)

export: setup
	@$(PYTHON_VENV) tools/export.py --configfile "$(CONFIG)" $(ARGS)

status: setup
	@$(PYTHON_VENV) tools/status.py --configfile "$(CONFIG)"

prompt: setup
	@$(PYTHON_VENV) tools/show_prompt.py --configfile "$(CONFIG)" --question "$(QUESTION)" --method "$(METHOD)" --condition "$(CONDITION)" $(ARGS)

archive: setup
	@$(PYTHON_VENV) tools/archive.py --configfile "$(CONFIG)" --agent "$(AGENT)" --agent-id "$(AGENT_ID)" $(ARGS)

# What starts an engine within the tests has a process of its own: vLLM does not start where llvmlite, which bm25s loads,
# is imported, and its engines share state.
APART := $(addprefix tests/engine/test_,vllm.py embedded.py logits.py)

# Two files at a time, in their order, which ends with the long ones; tests of a file share what its first one made.
TWO := -n 2 --dist loadfile --no-loadscope-reorder

# `.ci/run` leaves out `studies` only.
LEFT_OUT := long or studies

# One after the other; `make --jobs 3 test` runs them side by side, as CI does.
test: lint test-engines test-others

test-engines: setup
	@for file in $(APART); do $(PYTHON_VENV) -m pytest $$file || exit 1; done

test-others: setup
	@$(PYTHON_VENV) -m pytest $(TWO) -m "not ($(LEFT_OUT))" $(APART:%=--ignore %)

# Twenty kills, a cluster of one node, data sets and the predecessors' studies from file to report, what a real model
# writes and believes.
test-long: setup
	@$(PYTHON_VENV) -m pytest -m "long or studies"

# Damaged files, hostile input, kills. All but the kills are in `make test` too.
test-integrity: setup
	@$(PYTHON_VENV) -m pytest $(TWO) tests/integrity
	@$(PYTHON_VENV) -m pytest tests/workflow/test_kills.py

test-random: setup
	@HYPOTHESIS_PROFILE=random $(PYTHON_VENV) -m pytest $(TWO) -m "not slow and not long and not studies" $(APART:%=--ignore %)

lint: setup
	@$(PYTHON_VENV) -m ruff check
	@$(PYTHON_VENV) -m ruff format --check
	@$(PYTHON_VENV) -m snakefmt.snakefmt --check Snakefile workflow/rules
	@$(PYTHON_VENV) -m mypy
	@$(PYTHON_VENV) -m snakemake --lint

# Named one by one: make looks for no pattern rule where a target is phony.
$(BENCHMARKS): bench-%: setup
	@$(PYTHON_VENV) benchmarks/$*.py $(ARGS)

clean:
	@rm -rf results .snakemake .cache
