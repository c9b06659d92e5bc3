"""A template that names what nobody fills in is refused with the config, in whatever round it is asked."""

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from interexter.answers import methods, rationales, recall
from interexter.core.errors import UserError
from interexter.engine import prompts
from interexter.study import rehearsal, settings

SMOKE = Path(__file__).parents[2] / "config/smoke.yaml"


@pytest.fixture
def rendered(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Return the names of the templates that are rendered from now on."""
    seen: set[str] = set()
    plain = prompts.PromptSet.messages

    def messages(self: prompts.PromptSet, template: str, **values: Any) -> Any:
        seen.add(template)
        return plain(self, template, **values)

    monkeypatch.setattr(prompts.PromptSet, "messages", messages)
    return seen


@pytest.mark.parametrize("name", methods.names())
def test_every_prompt_of_a_method_is_filled_in(name: str, rendered: set[str]) -> None:
    assert rehearsal.of_method(name, "ours") == ""
    assert rendered == set(methods.load(name).TEMPLATES)


def test_every_prompt_of_recall_and_rationales_is_filled_in(rendered: set[str]) -> None:
    assert rehearsal.of_general(["instructrag", "interexter"], "ours") == ""
    assert rendered == {*recall.TEMPLATES, *rationales.TEMPLATES}


@pytest.mark.parametrize(
    ("template", "right", "method"),
    [
        ("vanilla-rag", "documents", "vanilla-rag"),
        ("astute-answer", "groups", "astute-rag"),  # asked in the third round
        ("internal-document", "question", "closed-book"),  # asked by recall
        ("rationale-interexter-internal", "answer", "closed-book"),
    ],
)
def test_a_misspelt_name_is_refused_with_the_config(
    template: str, right: str, method: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(prompts.FOLDER / "ours", tmp_path / "ours")
    monkeypatch.setattr(prompts, "FOLDER", tmp_path)
    config = yaml.safe_load(SMOKE.read_text()) | {"methods": sorted({"closed-book", "vanilla-rag", method})}
    settings.checked(config)
    path = tmp_path / f"ours/{template}.j2"
    path.write_text(path.read_text().replace(f"{{{{ {right} }}}}", f"{{{{ {right}x }}}}"))
    with pytest.raises(UserError, match=rf"prompt_set: \S+/{template}\.j2: '{right}x' is undefined"):
        settings.checked(config)
