import json
import resource
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from interexter.core.errors import UserError
from interexter.models.sizes import GIB
from interexter.training import preflight
from interexter.training.preflight import Gpu, Machine
from training_runs import LLAMA, RECIPE

H100 = Gpu("NVIDIA H100 80GB HBM3", 80 * GIB, 79 * GIB, bfloat16=True)
GOOD = Machine(
    torch="2.13.0+cu128",
    torch_cuda="12.8",
    toolkit_cuda="12.8",
    gpus=(H100,) * 4,
    memory_total=500 * GIB,
    disk_free=2000 * GIB,
    cpu_bfloat16=True,
    compiler="/usr/bin/cc",
    flash_attention=True,
)
FULL = RECIPE | {
    "global_batch": 128,
    "micro_batch": 1,
    "max_length": 4096,
    "precision": "bfloat16",
    "gradient_checkpointing": True,
}


def lines(machine, recipe=FULL, device="cuda", gpus=4):
    found = preflight.machine_findings(machine, device, gpus)
    found += preflight.recipe_findings(machine, recipe, LLAMA, max(gpus, 2), max(gpus, 2))
    return [str(finding) for finding in found if finding.level != "ok"]


def test_a_good_machine_has_nothing_against_the_paper_s_recipe():
    assert lines(GOOD) == []


@pytest.mark.parametrize(
    ("change", "recipe", "said"),
    [
        (
            {"torch_cuda": None},
            {},
            "error   device is cuda, but torch 2.13.0+cu128 is a CPU build. Remedy: add",
        ),
        ({"compiler": None}, {}, "error   No C compiler: Triton"),
        ({"gpus": (H100,)}, {}, "error   4 GPUs are asked for, 1 are visible."),
        ({"gpus": (replace(H100, free=GIB), *(H100,) * 3)}, {}, "warning GPU 0 is NVIDIA H100 80GB HBM3, 1.0 of 80.0"),
        ({"gpus": (replace(H100, bfloat16=False),) * 4}, {}, "error   A GPU does not compute in bfloat16."),
        (
            {"flash_attention": False},
            {},
            "warning flash-attn is not installed: attention is computed one example after the other",
        ),
        ({"disk_free": 100 * GIB}, {}, "error   The disk has 100.0 GiB free; checkpoints take up to"),
        (
            {},
            {"precision": "float32", "zero_stage": 1},
            "error   ZeRO-1 on 4 ranks needs 29.9 weights + 29.9 gradients",
        ),
        ({}, {"micro_batch": 16, "gradient_checkpointing": False}, "warning ZeRO-2 on 4 ranks needs 15.0 weights"),
        ({"memory_total": 50 * GIB}, {"offload": True}, "error   ZeRO-2"),
    ],
)
def test_what_does_not_suit_is_a_line_with_its_remedy(change, recipe, said):
    found = [line for line in lines(replace(GOOD, **change), FULL | recipe) if line.startswith(said)]
    assert len(found) == 1
    assert "Remedy: " in found[0]


def test_a_recipe_that_allows_more_tokens_than_the_model_reads_is_warned():
    assert preflight.length_finding(4096, 4096).level == "ok"
    finding = preflight.length_finding(4097, 4096)
    assert (finding.level, "max_length: 4096" in finding.remedy) == ("warning", True)


def test_gpus_are_read_from_what_nvidia_smi_says():
    said = "NVIDIA H100 80GB HBM3, 81559, 80994, 9.0\nTesla V100-SXM2-16GB, 16384, 100, 7.0\n"
    found = preflight._gpus(said)
    assert [(gpu.name, gpu.total, gpu.bfloat16) for gpu in found] == [
        ("NVIDIA H100 80GB HBM3", 81559 * 2**20, True),
        ("Tesla V100-SXM2-16GB", 16384 * 2**20, False),
    ]
    assert found[1].free == 100 * 2**20
    assert preflight._gpus("") == ()


def test_another_cuda_toolkit_does_no_harm_since_nothing_is_compiled():
    machine = replace(GOOD, toolkit_cuda="13.0")
    assert lines(machine) == []
    said = " ".join(map(str, preflight.machine_findings(machine, "cuda", 4)))
    assert "DeepSpeed compiles nothing" in said
    assert "the toolkit's CUDA is 13.0 does no harm" in said


def test_errors_stop_a_training_and_warnings_are_said(capsys):
    poor = preflight.machine_findings(replace(GOOD, flash_attention=False), "cuda", 4)
    preflight.settle(poor, say=True)
    assert "flash-attn is not installed" in capsys.readouterr().out
    preflight.settle(poor, say=False)
    assert capsys.readouterr().out == ""
    with pytest.raises(UserError, match="4 GPUs are asked for, 0 are visible"):
        preflight.settle(preflight.machine_findings(replace(GOOD, gpus=()), "cuda", 4), say=True)


def test_auto_takes_the_first_micro_batch_with_enough_tokens_that_makes_up_the_global_batch():
    def chosen(lengths, machine=GOOD, **change):
        return preflight.micro_batch(machine, LLAMA, FULL | {"micro_batch": "auto"} | change, lengths, 4, 4)

    # 128 / 4 = 32 examples a rank: 1, 2, 4, 8, 16 or 32. 16384 tokens are 4 of 4096, or 16 of 1024 (the longest first).
    assert chosen([4096] * 500) == 4
    assert chosen([1024] * 500) == 16
    assert chosen([100] * 500) == 32
    assert chosen([4096, *[100] * 499], batching="padded") == 4
    # 40 GiB hold 15.0 + 3.7 + 22.4 GiB of the model's state not at all: 1, and the findings say why.
    small = replace(GOOD, gpus=(replace(H100, total=40 * GIB),) * 4)
    assert chosen([4096] * 500, small) == 1
    # Without checkpointing 17 GiB for 4096 tokens: 41.1 + 17 < 72 < 41.1 + 34.
    assert chosen([4096] * 500, gradient_checkpointing=False) == 1
    with pytest.raises(UserError, match="126 / 4"):
        chosen([10] * 500, global_batch=126)


def test_the_program_names_what_is_wrong_within_ten_seconds(tmp_path):
    script = Path(__file__).parents[2] / "workflow/scripts/preflight.py"
    recipes = json.dumps({"mine": RECIPE | {"ranks": {"none": 2}}, "odd": RECIPE | {"ranks": {"none": 3}}})
    options = ["--device", "cpu", "--gpus", "0", "--models", str(tmp_path / "none"), "--recipes", recipes]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([sys.executable, script, *options], capture_output=True, text=True, cwd=tmp_path)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    # Seconds of computing: those by the clock depend on what else the machine does.
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 10
    assert done.stdout.splitlines()[0].startswith("ok      torch ")
    assert "warning mine on none: the model is not prepared yet" in done.stdout
    assert "error   odd on none: A global batch of 8 examples cannot be made of 3 ranks x 2 examples" in done.stdout
    assert done.returncode == 1
    assert done.stderr.startswith("error: preflight: ")
