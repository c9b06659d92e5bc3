"""Configs as people should not write them: every one is refused in one line, with its key or its line, or is fine.

The first tests name a fault each; the last make some thousand configs, always the same, by putting what does not
belong there at every place of a study, and by damaging its file.
"""

import random
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml
from interexter.core.errors import UserError
from interexter.study import schema, settings

CONFIG = Path(__file__).parents[2] / "config"
SMOKE: dict[str, Any] = yaml.safe_load((CONFIG / "smoke.yaml").read_text(encoding="utf-8"))


def refused(config: Any) -> str:
    """Return the one line that a config is refused with, "" where it is not."""
    try:
        settings.checked(deepcopy(config))
    except UserError as error:
        said = str(error)
        assert said.startswith("config: ") and "\n" not in said and len(said) < 700, said
        return said
    return ""


def with_value(path: tuple[str | int, ...], value: Any) -> dict[str, Any]:
    """Return the smoke study with another value at a path."""
    config: Any = deepcopy(SMOKE)
    part = config
    for name in path[:-1]:
        part = part.setdefault(name, {}) if isinstance(part, dict) else part[name]
    part[path[-1]] = value
    return config


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("seed: 1\nseed: 2\n", 2, "the key 'seed' stands in line 1 already"),
        ("a: {b: 1,\n    b: 2}\n", 2, "the key 'b' stands in line 1 already"),
        ("a: [{b: 1, 'b': 2}]\n", 1, "the key 'b' stands in line 1 already"),
        ("datasets:\n  no: 1\n", 2, "the key 'no' is no text but would be read as bool; put it in quotes"),
        ("datasets:\n  2024: 1\n", 2, "the key '2024' is no text but would be read as int"),
        ("~: 1\n", 1, "the key '~' is no text but would be read as null"),
        ("1.5: 1\n", 1, "the key '1.5' is no text but would be read as float"),
        ("2024-01-01: 1\n", 1, "the key '2024-01-01' is no text but would be read as timestamp"),
        ("? [a]\n: 1\n", 1, "a key that is no text"),
        ("a: 1\ntrain: 010\n", 2, "'010' would be read as an octal number"),
        ("train: -07\n", 1, "'-07' would be read as an octal number"),
        ("train: 1:30\n", 1, "'1:30' would be read in base 60"),
        ("train: 1:30.5\n", 1, "'1:30.5' would be read in base 60"),
        ("epochs: .inf\n", 1, "'.inf' is no finite number"),
        ("epochs: -.INF\n", 1, "'-.INF' is no finite number"),
        ("epochs: .nan\n", 1, "'.nan' is no finite number"),
        ("epochs: 1.0e+400\n", 1, "'1.0e+400' is no finite number"),
        ("seed: 1" + "0" * 30 + "\n", 1, "is too large a number"),
        ("revision: 2024-01-01\n", 1, "'2024-01-01' would be read as timestamp"),
        ("a: !!binary aGk=\n", 1, "would be read as binary"),
        ("a: !!python/object/apply:os.system [ls]\n", 1, "would be read as python/object/apply:os.system"),
        ("a: 1\nb: &x [*x]\n", 2, "a value that holds itself"),
        ("a: " + "[" * 40 + "]" * 40 + "\n", 1, "more than 32 lists and mappings within each other"),
        ("a: " + "{a: " * 5000 + "\n", 1, "more than 32 lists and mappings within each other"),
        ("a: 1\n b: 2\n", 2, "not YAML"),
        ("a: 'x\n", 2, "not YAML"),
        ("a: *nobody\n", 1, "not YAML (found undefined alias)"),
        ("a: 1\n---\nb: 2\n", 2, "not YAML"),
        ("a:\n\t- b\n", 2, "not YAML"),
        ("a: %\n", 1, "not YAML"),
        ("a: é", 1, "not UTF-8 (byte 0xe9)"),  # in Latin-1
        ("a: 1\nb: \x07\n", 2, "a control character, U+0007"),
        ("a: 1\nb: \x00\n", 2, "a control character, U+0000"),
        ("a: \x9b\n".encode().decode("latin-1"), 1, "a control character, U+009B"),
    ],
)
def test_what_yaml_reads_otherwise_than_people_is_refused_with_its_line(
    tmp_path: Path, text: str, line: int, said: str
) -> None:
    path = tmp_path / "mine.yaml"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(UserError) as caught:
        settings.read(path)
    assert str(caught.value).startswith(f"{path}, line {line}: {said}") or said in str(caught.value)
    assert f"{path}, line {line}: " in str(caught.value) and "\n" not in str(caught.value)


def test_aliases_that_grow_by_repetition_are_refused_before_they_have_grown(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 12)]  # 10^12 values
    (tmp_path / "mine.yaml").write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(UserError, match="more than 100,000 values"):
        settings.read(tmp_path / "mine.yaml")


def test_files_that_are_no_config_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    for data, said in [
        ("seed: 1".encode("utf-16"), "line 1: not UTF-8"),
        (b"", "expected keys and values"),
        (b"- a", "expected keys and values"),
        (b"5", "expected keys and values"),
        (b"#" * (1 << 21), "more than 1 MiB"),
    ]:
        path.write_bytes(data)
        with pytest.raises(UserError, match=said):
            settings.read(path)
    for odd in (tmp_path, tmp_path / "none", tmp_path / ("x" * 300), Path("a\0b")):
        with pytest.raises(UserError, match="the config cannot be read"):
            settings.read(odd)


def test_what_yaml_reads_as_people_do_is_read(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    text = (CONFIG / "smoke.yaml").read_text(encoding="utf-8")
    path.write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    assert settings.read(path) == settings.read(CONFIG / "smoke.yaml")


CAPS = [
    *(("recall", key) for key in ("answer_tokens", "document_tokens")),
    *(("generate", key) for key in ("answer_tokens", "rationale_tokens")),
    *(("rationales", "max_tokens"), ("counters", "passage_tokens")),
]


@pytest.mark.parametrize("cap", CAPS, ids=".".join)
def test_a_cap_leaves_room_for_the_prompt(cap: tuple[str, str]) -> None:
    assert f"config: {'.'.join(cap)}: 1000000 tokens leave none for the prompt" in refused(with_value(cap, 10**6))


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf"), -1, 0, 10**30, "1", True, [1], None])
def test_a_number_is_finite_and_in_its_range(value: Any) -> None:
    for path in (("recipes", "interexter-ft", "training", "epochs"), ("recall", "answer_tokens")):
        assert f"config: {'.'.join(path)}: " in refused(with_value(path, value))


def parts(part: Any) -> Iterator[dict[str, Any]]:
    """Yield all mappings within a schema."""
    if isinstance(part, dict):
        yield part
    for value in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        yield from parts(value)


def test_every_number_has_a_least_one() -> None:
    numbers = [part for part in parts(schema.load()) if part.get("type") in ("number", "integer")]
    assert len(numbers) > 50
    assert all({"minimum", "exclusiveMinimum", "enum"} & part.keys() for part in numbers)


@pytest.mark.parametrize("key", ["datasets", "models", "conditions", "recipes"])
@pytest.mark.parametrize(
    "name", ["a\n", "\na", "A", "a b", "a/b", "..", "", "-a", "a" * 65, "a" * 300, "ä", "a\0", "a{b}", "a_b", "a\u2028"]
)
def test_a_name_is_one_that_files_can_have(key: str, name: str) -> None:
    config = deepcopy(SMOKE)
    config[key][name] = next(iter(config[key].values()))
    said = refused(config)
    assert said.startswith(f"config: {key}: ") and ("is no name" in said or "has a control character" in said)


@pytest.mark.parametrize("ending", [".json", ".manifest.json", ".costs.json", ".rejected", ".comparisons"])
def test_no_two_models_have_a_file_in_common(ending: str) -> None:
    """The rejected rows of the model `a` would be the rows of a model `a.rejected`."""
    [model] = SMOKE["models"].values()
    settings.checked(SMOKE | {"models": SMOKE["models"] | {"llama-3.1": model}})
    assert "is no name" in refused(SMOKE | {"models": SMOKE["models"] | {f"a{ending}": model}})


def test_no_name_may_end_in_a_newline() -> None:
    """To Python, $ stands before a newline at the end, too."""
    found = [part["pattern"] for part in parts(schema.load()) if isinstance(part.get("pattern"), str)]
    assert len(found) > 10
    assert all(pattern.endswith(r"\Z") for pattern in found)


@pytest.mark.parametrize("name", ["a\n", "a" * 300])
def test_what_else_gives_a_folder_or_a_row_its_name_is_bounded_too(name: str) -> None:
    assert refused(SMOKE | {"study": name}).startswith("config: study: ")
    given = {"kind": "file", "files": {"vital": "a.jsonl"}}
    assert refused(SMOKE | {"answers": {name: given}}).startswith("config: answers: ")
    assert refused(SMOKE | {"answers": {"mine": given | {"method": name}}}).startswith("config: answers.mine.method: ")


def test_the_name_of_the_model_that_is_not_trained_is_taken() -> None:
    recipes = {"base": SMOKE["recipes"]["interexter-ft"]}
    assert "recipes: 'base' is the name of the model that is not trained" in refused(SMOKE | {"recipes": recipes})


@pytest.mark.parametrize("key", [1, 1.5, None, True, (1, 2)])
def test_a_key_is_a_text(key: Any) -> None:
    assert "is no text; put it in quotes" in refused(SMOKE | {key: 1})
    assert "datasets: the key" in refused(SMOKE | {"datasets": {key: SMOKE["datasets"]["vital"]}})


MODELS = [
    ({"kind": "local", "path": 5}, "path is 5; expected a folder"),
    ({"kind": "local", "path": ""}, "path is ''; expected a folder"),
    ({"kind": "local", "path": ["a"]}, "expected a folder"),
    ({"kind": "random", "package": "p", "version": "1", "seed": "abc"}, "seed is 'abc'; expected a number"),
    ({"kind": "random", "package": "p", "version": "1", "seed": -1}, "seed is -1; expected a number"),
    ({"kind": "random", "package": "p", "version": "1", "seed": True}, "seed is True; expected a number"),
    ({"kind": "random", "package": "p", "version": "1", "seed": 1.0}, "seed is 1.0; expected a number"),
    ({"kind": "package", "package": "p", "version": 1.2}, "version is 1.2; expected a version, in quotes"),
    ({"kind": "package", "package": "p x", "version": "1"}, "expected the name of a Python package"),
    ({"kind": "hub", "repository": "a/b", "revision": "main"}, "revision is 'main'; expected a commit"),
    ({"kind": "hub", "repository": "a/b", "revision": "0" * 40 + "\n"}, "expected a commit"),
    ({"kind": "hub", "repository": "a/b", "revision": 10**39}, "more than"),
    ({"kind": "hub", "repository": "ab", "revision": "0" * 40}, "repository is 'ab'; expected owner/name"),
    ({"kind": "hub", "repository": "../../etc", "revision": "0" * 40}, "expected owner/name"),
    ({"kind": ["local"], "path": "x"}, "is unknown"),
    ({"kind": "local", "path": "x", "dtype": "float32"}, "unknown keys ['dtype']"),
    ({"kind": "local-adapter", "path": "x"}, "'local-adapter' is unknown"),  # no model by itself
    ("local", "is not of type 'object'"),
]


@pytest.mark.parametrize(("source", "said"), MODELS)
def test_the_source_of_a_model_is_checked_before_any_job(source: Any, said: str) -> None:
    assert said in refused(SMOKE | {"models": {"tiny": source}})


def test_paths_that_do_not_exist_are_named(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data/there.csv").touch()
    local = {"kind": "local", "path": "data"}
    for path, value, said in [
        (("datasets", "vital", "source"), {"kind": "local", "path": "x" * 300}, "datasets.vital.source.path"),
        (("datasets", "vital", "source"), {**local, "questions": "q.csv"}, "data/q.csv"),
        (("datasets", "vital", "source"), {**local, "files": ["there.csv", "b.csv"]}, "data/b.csv"),
        (("datasets", "vital", "source"), {"kind": "local", "questions": "q.csv"}, "no file q.csv, neither in"),
        (("datasets", "vital", "source"), {"kind": "vital", "path": "wheels"}, "datasets.vital.source.path"),
        (("datasets", "vital", "retrieval"), {"method": "dense", "model": "./encoder"}, "datasets.vital.retrieval"),
        (("models", "tiny"), {"kind": "local", "path": "data/there.csv"}, "is no folder"),
        (("prompt_files",), {"instructrag": "data"}, "is no file"),
        (("gates",), {"nli": {"model": "/no/judge"}}, "gates.nli.model"),
        (("citations",), {"datasets": ["vital"], "model": "~/no/judge"}, "citations.model"),
    ]:
        config = settings.checked(with_value(path, value))
        with pytest.raises(UserError) as caught:
            settings.check_paths(config, tmp_path)
        assert said in str(caught.value) and "\n" not in str(caught.value)
    there = with_value(("datasets", "vital", "source"), {**local, "questions": "there.csv"})
    settings.check_paths(settings.checked(there), tmp_path)


WRONG: list[Any] = [
    *(None, True, -1, 1.0, 10**30, float("nan")),
    *("", "no such thing", "a\nb", "\ud800", "x" * 20_000, "{a}", "../.."),
    *([], {}, [None], [[]], {"a": None}, {1: 2}, (1,), {"a": {"a": {"a": {}}}}),
]


def places(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Yield the path of every value within a config."""
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, part in parts:
        yield (*path, name)
        yield from places(part, (*path, name))


RESOLVED = settings.checked(SMOKE)


@pytest.mark.parametrize("section", RESOLVED)
def test_whatever_stands_at_a_place_is_taken_or_refused_in_one_line(section: str) -> None:
    tried = kept = 0
    for path in [(section,), *places(RESOLVED[section], (section,))]:
        for wrong in WRONG:
            config: Any = deepcopy(RESOLVED)
            part = config
            for name in path[:-1]:
                part = part[name]
            part[path[-1]] = wrong
            tried += 1
            kept += not refused(config)
    assert tried >= len(WRONG) and kept < tried * 0.4


def nested(depth: int) -> Any:
    value: Any = "x"
    for _ in range(depth):
        value = [value]
    return value


def test_what_lies_too_deep_is_refused_however_it_was_read() -> None:
    assert "within each other" in refused(SMOKE | {"grids": nested(100_000 // 1000)})
    loop: dict[str, Any] = {}
    loop["a"] = loop
    with pytest.raises(UserError, match="within each other"):
        settings.checked({**SMOKE, "grids": loop})


def test_a_grid_has_a_bound() -> None:
    grid = {key: [f"v{i}" for i in range(100)] for key in ("kind", "supporting", "position")}
    assert "1,000,000 combinations" in refused(SMOKE | {"grids": {"g": {"count": 1, **grid}}})


def test_damaged_files_are_read_or_refused_in_one_line(tmp_path: Path) -> None:
    """Bytes taken out, doubled, replaced and cut off: 600 files, always the same."""
    text = (CONFIG / "smoke.yaml").read_bytes()
    drawn = random.Random(18)
    odd = [
        b":",
        b"\n",
        b" ",
        b"\t",
        b"'",
        b'"',
        b"[",
        b"}",
        b"&a",
        b"*a",
        b"!!int ",
        b"\x00",
        b"\xff",
        b"- ",
        b"#",
        b"|",
    ]
    path = tmp_path / "mine.yaml"
    refusals = 0
    for _ in range(600):
        data = bytearray(text)
        for _ in range(drawn.randint(1, 3)):
            at = drawn.randrange(len(data))
            end = at + drawn.randint(0, 40)
            data[at:end] = drawn.choice([b"", bytes(data[at:end]) * 2, drawn.choice(odd), drawn.choice(odd)])
        path.write_bytes(data)
        try:
            settings.read(path)
        except UserError as error:
            refusals += 1
            assert "\n" not in str(error) and len(str(error)) < 900
    assert refusals > 200
