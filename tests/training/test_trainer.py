import json
import os
import shutil
import signal
import time
from types import SimpleNamespace

import pytest
import training_runs
from hypothesis import given
from hypothesis import strategies as st
from interexter.core import identity
from interexter.core.errors import UserError
from interexter.core.json_files import write_json
from interexter.models import weights
from interexter.training import callbacks, examples, manifest, plan, ranks, resuming
from interexter.training.deepspeed_settings import deepspeed_config
from training_runs import RECIPE, ROWS, Run, row, surprise

tiny = training_runs.tiny  # a fixture

# --- what is decided before training


@given(st.integers(1, 200), st.integers(1, 8), st.integers(1, 8))
def test_a_batch_plan_multiplies_out_or_is_refused(global_batch, ranks, micro_batch):
    if global_batch % (ranks * micro_batch):
        with pytest.raises(UserError):
            plan.batch_plan(global_batch, ranks, micro_batch)
    else:
        assert plan.batch_plan(global_batch, ranks, micro_batch) * ranks * micro_batch == global_batch


def test_the_refusal_of_a_batch_shows_the_arithmetic_and_what_would_fit():
    # 12 / (2 x 4) = 1.5; each rank's share is 6 = 1 x 6 = 2 x 3 = 3 x 2 = 6 x 1; the neighbours of 12 are 8 and 16.
    with pytest.raises(UserError) as caught:
        plan.batch_plan(12, 2, 4)
    for part in ("2 ranks x 4 examples = 8", "1.50 micro-batches", "can be 1, 2, 3, 6;", "global_batch of 8 or 16"):
        assert part in str(caught.value)
    with pytest.raises(UserError, match="global_batch of 4"):
        plan.batch_plan(3, 2, 2)


def test_a_step_plan_counts_the_short_last_batch():
    # 18 rows, 4 at a time: 5 micro-batches, the last filled up with 2 repeated rows; 2 to a step: 3 steps an epoch.
    recipe = RECIPE | {"epochs": 2}
    assert plan.step_plan(18, recipe, 2) == {
        "accumulation": 2,
        "steps": 6,
        "examples_per_step": 8.0,
        "repeated_per_epoch": 2,
    }
    assert plan.step_plan(18, recipe | {"max_steps": 4}, 2)["steps"] == 4
    with pytest.raises(UserError, match="no training rows"):
        plan.step_plan(0, recipe, 2)


def leaves(value):
    return [leaf for part in value.values() for leaf in leaves(part)] if isinstance(value, dict) else [value]


def test_a_step_of_packs_holds_about_the_global_batch():
    # 18 rows in 6 packs: 3 to a pack; 2 ranks x 1 pack = 6 examples at a time, so 8 / 6 = 1.33 -> 1, 10 / 6 -> 2.
    recipe = RECIPE | {"micro_batch": 1, "epochs": 1}
    steps = plan.step_plan(18, recipe | {"global_batch": 8}, 2, packs=6)
    assert steps == {"accumulation": 1, "steps": 3, "examples_per_step": 6.0, "repeated_per_epoch": 0}
    assert plan.step_plan(18, recipe | {"global_batch": 10}, 2, packs=6)["examples_per_step"] == 12.0
    assert plan.step_plan(18, recipe | {"global_batch": 1}, 2, packs=6)["accumulation"] == 1


@given(st.integers(1, 100), st.integers(1, 8))
def test_the_fitting_micro_batches_are_those_that_a_plan_accepts(global_batch, ranks):
    accepted = []
    for size in range(1, global_batch + 1):
        if global_batch % (ranks * size) == 0:
            accepted.append(size)
    assert plan.fitting_micro_batches(global_batch, ranks) == accepted


def test_whole_questions_are_held_out_whatever_the_order_of_the_rows():
    rows = [row(f"q{n % 10}", 10, 2) | {"condition": f"c{n // 10}"} for n in range(20)]
    kept, away = examples.held_out(rows, 0.3, seed=0)
    assert (len(kept), len(away)) == (14, 6)  # 3 of 10 questions, each under two conditions
    assert not {r["question_id"] for r in kept} & {r["question_id"] for r in away}
    assert [r for r in rows if r in kept] == kept
    turned = examples.held_out(rows[::-1], 0.3, seed=0)[1]
    assert {r["question_id"] for r in turned} == {r["question_id"] for r in away}
    assert examples.held_out(rows, 0.0, seed=0) == (rows, [])
    assert len(examples.held_out(rows, 0.001, seed=0)[1]) == 2  # a share above 0 holds one question out
    with pytest.raises(UserError, match="leaves none"):
        examples.held_out(rows[:1], 0.5, seed=0)


@pytest.mark.parametrize("offload", [False, True])
@pytest.mark.parametrize("stage", [1, 2, 3])
def test_deepspeed_s_settings_hold_no_hyper_parameter_and_compile_nothing(stage, offload):
    config = deepspeed_config(RECIPE | {"zero_stage": stage, "offload": offload}, "cpu")
    assert config.pop("zero_force_ds_cpu_optimizer") is False
    assert "optimizer" not in config
    assert "scheduler" not in config
    outside = {key: value for key, value in config.items() if key != "zero_optimization"}
    assert set(leaves(outside)) == {"auto"}
    zero = dict(config["zero_optimization"])
    assert zero.pop("stage") == stage
    assert zero.pop("offload_optimizer", None) == ({"device": "cpu", "pin_memory": False} if offload else None)
    assert zero.pop("reduce_bucket_size") == 50_000_000  # elements: a matter of memory, no hyper-parameter
    assert all(value == "auto" or isinstance(value, bool) for value in zero.values())


def test_another_input_or_hyper_parameter_never_resumes_a_checkpoint():
    given = {"base": "b", "data": "d", "recipe": RECIPE, "ranks": 2, "device": "cpu", "versions": {"torch": "2"}}
    others = [
        {"base": "c"},
        {"data": "e"},
        {"recipe": RECIPE | {"seed": 1}},
        {"ranks": 1},
        {"device": "cuda"},
        {"versions": {"torch": "3"}},
    ]
    ids = [resuming.hyperparameters_id(**given | change) for change in [{}, *others]]
    assert len(set(ids)) == len(ids)
    assert resuming.hyperparameters_id(**given) == ids[0]


def test_rows_that_would_lose_their_completion_are_refused_by_name():
    examples.check_rows(ROWS, 44, 44)
    with pytest.raises(UserError, match=r"^1 training rows are too long: q3 \(clean\)\. .*has 44 .*max_length = 43\."):
        examples.check_rows(ROWS, 43, 44)
    with pytest.raises(UserError, match="no completion: q9"):
        examples.check_rows([row("q9", 5, 0)], 10, 10)
    with pytest.raises(UserError, match=r"no prompt .*: q9"):
        examples.check_rows([row("q9", 5, 5)], 10, 10)
    with pytest.raises(UserError, match="another length: q9"):
        examples.check_rows([row("q9", 5, 2) | {"completion_mask": [0, 1]}], 10, 10)


def test_rows_that_are_longer_than_the_model_reads_are_refused_whatever_the_recipe_says():
    with pytest.raises(UserError, match=r"^2 training rows .*q3 .*q6 .*longest has 44 tokens, more than the 30 .*Show"):
        examples.check_rows(ROWS, 4096, 30)


def test_labels_count_the_completion_only():
    example = {"input_ids": [5, 6, 7, 2], "completion_mask": [0, 0, 1, 1]}
    assert examples.labels_of(example) == [-100, -100, 7, 2]


def test_ranks_share_the_threads_that_snakemake_gives_to_the_job(monkeypatch):
    """It sets these variables to the job's threads; MKL's alone tripled the first step of two ranks."""
    names = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "GOTO_NUM_THREADS", "NUMEXPR_NUM_THREADS")
    environment = dict.fromkeys(names, "8")
    monkeypatch.setattr(os, "environ", environment)
    ranks.set_environment("cpu", threads=8, local_ranks=2)
    assert [environment[name] for name in names] == ["4"] * 5


def test_the_last_complete_checkpoint_is_the_highest_marked_one(tmp_path):
    assert resuming.last_complete(tmp_path / "none") is None
    for step in (9, 10, 11):
        (tmp_path / f"checkpoint-{step}").mkdir()
    assert resuming.last_complete(tmp_path) is None
    for step in (9, 10):
        resuming.mark_complete(tmp_path / f"checkpoint-{step}")
    assert resuming.last_complete(tmp_path) == tmp_path / "checkpoint-10"


def test_checkpoints_become_rare_where_writing_one_takes_long_and_not_where_evaluating_does(monkeypatch, tmp_path):
    """Seconds: a step ends, 100 of evaluation, 20 of writing; then the next state is due 400 after the last."""
    clock = iter((0.0, 0.0, 350.0, 350.0, 450.0, 470.0))
    monkeypatch.setattr(callbacks.time, "monotonic", lambda: next(clock))
    monkeypatch.setattr(callbacks.torch.distributed, "broadcast", lambda due, src: None)
    monkeypatch.setattr(callbacks.torch.distributed, "barrier", lambda: None)
    monkeypatch.setattr(callbacks.resuming, "mark_complete", lambda place: None)
    one = callbacks._Checkpoints(None)
    arguments, control = SimpleNamespace(device="cpu", output_dir=str(tmp_path)), SimpleNamespace(should_save=False)
    state = SimpleNamespace(global_step=1, max_steps=9, is_world_process_zero=True)
    one.on_train_begin(arguments, state, control)
    one.on_step_end(arguments, state, control)
    assert control.should_save
    one.on_evaluate(arguments, state, control)
    one.on_save(arguments, state, control)
    assert one.every == callbacks._RARER * 20


# --- real runs: two ranks, TRL, DeepSpeed


@pytest.fixture(scope="module")
def trained(tiny, tmp_path_factory):
    run = Run(tmp_path_factory.mktemp("trained") / "run", tiny, ROWS)
    assert run.finish() == 0, run.log
    return run


@pytest.mark.slow
def test_the_first_loss_and_gradient_are_those_of_the_mean_over_the_completions_tokens(trained, tiny):
    """One step holds all rows, so both can be worked out row by row: no padding, ranks or accumulation.

    An example that saw another one of its micro-batch, a prompt that counted, or ranks that averaged over examples
    instead of tokens would change them.
    """
    import torch
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(tiny, dtype=torch.float32)
    losses = torch.cat([surprise(model, example) for example in ROWS])
    assert len(losses) == 2 * (2 + 5 + 8 + 11)
    loss = losses.mean()
    loss.backward()
    norm = torch.stack([weight.grad.norm() for weight in model.parameters()]).norm().item()
    first = trained.curve[0]
    assert first["loss"] == pytest.approx(loss.item(), abs=1e-4)
    assert first["gradient_norm"] == pytest.approx(norm, rel=1e-3)
    assert trained.manifest["first_loss"] == first["loss"]


@pytest.mark.slow
def test_the_loss_falls_and_the_rate_is_the_trainer_s_cosine(trained):
    curve = trained.curve
    assert [entry["step"] for entry in curve] == [1, 2, 3, 4, 5, 6]
    assert curve[-1]["loss"] < curve[0]["loss"] - 1
    assert all(entry["gradient_norm"] > 0 for entry in curve)
    assert {(entry["examples"], entry["tokens"], entry["padding"]) for entry in curve} == {(8, 200, 0.0)}
    # A schedule of 7 steps without its first: warm-up ceil(0.25 x 7) = 2, so 1/2, then (1 + cos(pi x k / 5)) / 2.
    shares = [0.5, 1.0, 0.904508, 0.654508, 0.345492, 0.095492]
    assert [entry["learning_rate"] / 0.01 for entry in curve] == pytest.approx(shares, abs=1e-5)


@pytest.mark.slow
def test_the_manifest_says_what_was_trained_and_holds_no_time(trained, tiny):
    manifest = trained.manifest
    assert manifest["base"]["weights_id"] == weights.weights_id(tiny)
    assert manifest["base"]["manifest_id"] == identity.file_id(tiny.with_name("tiny.json"))
    assert manifest["weights_id"] == weights.weights_id(trained.out) != manifest["base"]["weights_id"]
    assert manifest["examples"] == 8
    assert manifest["tokens_trained"] == 6 * sum(len(example["input_ids"]) for example in ROWS) == 6 * 200
    resolved = {"ranks": 2, "accumulation": 2, "steps": 6, "repeated_per_epoch": 0, "examples_per_step": 8.0}
    assert manifest["recipe"] == RECIPE | resolved | {"examples": 8, "held_out_examples": 0}
    assert manifest["deepspeed"] == deepspeed_config(RECIPE, "cpu")
    assert not any("second" in key for key in manifest)
    costs = json.loads((trained.folder / "costs.json").read_text())
    assert costs["tokens"] == manifest["tokens_trained"]
    assert costs["tokens_per_second"] > 0


@pytest.mark.slow
def test_a_checkpoint_differs_from_its_base_in_its_weights_only(trained, tiny):
    from safetensors import safe_open

    names = {path.name for path in tiny.iterdir()}
    assert {path.name for path in trained.out.iterdir()} == names | {"README.md"}
    for name in names - {"model.safetensors"}:
        assert (trained.out / name).read_bytes() == (tiny / name).read_bytes()
    with safe_open(tiny / "model.safetensors", "pt") as old, safe_open(trained.out / "model.safetensors", "pt") as new:
        assert set(old.keys()) == set(new.keys())  # a tied head is not stored twice
        for name in old.keys():  # noqa: SIM118
            assert new.get_tensor(name).dtype == old.get_tensor(name).dtype
            assert not new.get_tensor(name).equal(old.get_tensor(name))
    card = (trained.out / "README.md").read_text().splitlines()
    assert {"| training data | own |", "| licence of the data | CC BY 4.0 |"} <= set(card)
    left = {path.name for path in trained.folder.glob(".*")}
    assert left <= {".cache"}  # no checkpoint of the running training


@pytest.mark.slow
def test_a_fault_after_the_training_costs_nothing_of_it(trained, tiny, tmp_path):
    run = Run(tmp_path / "run", tiny, ROWS)
    (run.folder / "costs.json").mkdir()  # what is written last but one cannot be
    assert run.finish() != 0
    assert "step 6/6" in run.log
    for output in ("curve.parquet", "speed.parquet"):  # as Snakemake does with what a failed job declares
        (run.folder / output).unlink()
    (run.folder / "costs.json").rmdir()
    assert not run.out.exists()
    (run.folder / "log").unlink()
    assert run.finish() == 0, run.log
    assert "nothing is trained" in run.log
    assert "step 6/6" not in run.log
    assert weights.weights_id(run.out) == trained.manifest["weights_id"]
    assert (run.manifest, run.curve) == (trained.manifest, trained.curve)
    assert not list(run.folder.glob(".*.partial"))


@pytest.mark.parametrize(("file", "text"), [("own/card.json", ""), ("model.json", "{}")])
def test_an_unreadable_input_is_named_before_the_training(tiny, tmp_path, file, text):
    run = Run(tmp_path / "run", tiny, ROWS, ranks=1)
    (run.folder / file).write_text(text)
    if file == "model.json":
        run.command[run.command.index("--model-manifest") + 1] = file
    assert run.finish() != 0
    [line] = [line for line in run.log.splitlines() if line.startswith("error: ")]
    assert file in line
    assert "step" not in run.log


def test_other_weights_than_the_manifest_names_are_not_trained(tiny, tmp_path):
    base = shutil.copytree(tiny, tmp_path / "base")
    shutil.copyfile(f"{tiny}.json", f"{base}.json")
    whole = bytearray((base / "model.safetensors").read_bytes())
    whole[-1] ^= 1
    (base / "model.safetensors").write_bytes(whole)
    run = Run(tmp_path / "run", base, ROWS, ranks=1)
    assert run.finish() != 0
    [line] = [line for line in run.log.splitlines() if line.startswith("error: ")]
    assert "its files have the weights_id" in line
    assert "step" not in run.log


@pytest.mark.slow
def test_a_killed_training_goes_on_and_ends_in_the_same_bytes(trained, tiny, tmp_path):
    run = Run(tmp_path / "run", tiny, ROWS)
    process = run.start("--resume-seconds", "0")
    deadline = time.monotonic() + 200
    while not list(run.folder.glob(".checkpoint.*.partial/checkpoint-3/complete")):
        assert process.poll() is None, run.log
        assert time.monotonic() < deadline, run.log
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert not run.out.exists()
    # Two are kept: the first made way for the third. A fourth may have been under way.
    kept = {path.parent.name for path in run.folder.glob(".checkpoint.*.partial/checkpoint-*/complete")}
    assert kept in ({"checkpoint-2", "checkpoint-3"}, {"checkpoint-3"}, {"checkpoint-3", "checkpoint-4"})
    # Another learning rate never goes on from there, and does not disturb what is there either.
    other = Run(tmp_path / "other", tiny, ROWS, learning_rate=0.02, max_steps=1)
    other.command[-1:], other.folder = ["costs.json"], run.folder
    other.command[other.command.index("checkpoint")] = "other"
    assert other.finish() == 0, run.log
    assert "resumed" not in run.log
    assert run.finish() == 0, run.log
    assert "resumed from checkpoint-" in run.log
    assert weights.weights_id(run.out) == trained.manifest["weights_id"]
    assert (run.folder / "manifest.json").read_bytes() == (trained.folder / "manifest.json").read_bytes()
    assert (run.folder / "curve.parquet").read_bytes() == (trained.folder / "curve.parquet").read_bytes()


def test_a_row_that_is_too_long_stops_the_program_with_its_name(tmp_path):
    described = {**dict.fromkeys(manifest.OF_BASE, ""), "context_length": 64}
    write_json(tmp_path / "no-model.json", described)
    run = Run(tmp_path / "run", tmp_path / "no-model", ROWS, max_length=30)
    assert run.finish() != 0
    lines = [line for line in run.log.splitlines() if line.startswith("error: ")]
    assert lines == [
        "error: 2 training rows are too long: q3 (clean), q6 (clean). The longest has 44 tokens, more than "
        "max_length = 30. Raise max_length in the recipe, or show fewer passages."
    ]
    assert not run.out.exists()
