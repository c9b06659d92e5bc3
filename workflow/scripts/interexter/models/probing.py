"""What a model's chat template does: tried out when the model is prepared, so that no later job finds it out.

`probe` says how the model is to be spoken to (see chat.py) and what was found, for its manifest and the report.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from ..core.errors import UserError
from ..core.tables import Row
from ..text import thoughts
from .chat import Chat
from .messages import Message
from .rendering import TemplateRefusal
from .tokenizer import Tokenizer

_SYSTEM, _USER = Message("system", "Answer the Question."), Message("user", "Where is Osk?")
_ASSISTANT, _AGAIN = Message("assistant", "In Tarland."), Message("user", "And where is Limm?")
# The turns of which our prompts are made, and those that a completion ends.
_WITH_SYSTEM = ((_SYSTEM, _USER), (_SYSTEM, _USER, _ASSISTANT, _AGAIN))
_SHAPES = ((_USER,), *_WITH_SYSTEM)
_SHOWN = 4000  # characters of a whole prompt that go into the manifest
_LONG_AGO, _LATER = "2001-02-03", "2019-11-28"


def probe(model: Path, date: str | None = None, enable_thinking: bool | None = None) -> tuple[Chat, Row]:
    """Return how a model folder is to be spoken to, and what was found; raise UserError where it cannot be.

    `date` and `enable_thinking` are the model's keys of the config, None where they are not given. The findings are
    `system` (own, template or folded: who puts the system turn before the user's words), `date` (None where the
    template shows none), `thinking` (none, off, on, or always: the prompt opens a block), `end_of_turn`, the number of
    `control_tokens` that no passage can hold, and a whole prompt as `example`.
    """
    plain = Tokenizer(model, Chat())
    tokenizer = plain.speaking(Chat(folds_system=not all(_shows(plain, shape) for shape in _WITH_SYSTEM)))
    _check_shapes(tokenizer, model)
    dated = _differ(tokenizer, Chat(date=_LONG_AGO), Chat(date=_LATER))
    if date is not None:
        if not dated:
            raise UserError(f"{model}: its chat template shows no date. Take the key date out of the model.")
        tokenizer = tokenizer.speaking(replace(tokenizer.chat, date=date))
    switched = _differ(tokenizer, Chat(enable_thinking=False), Chat(enable_thinking=True))
    if switched:
        thinking = bool(enable_thinking)
        tokenizer = tokenizer.speaking(replace(tokenizer.chat, enable_thinking=thinking))
    elif enable_thinking is not None:
        raise UserError(
            f"{model}: its chat template does not ask for enable_thinking. Take the key out of the model; one that "
            "always thinks cannot be stopped from it."
        )
    end = _end(tokenizer, model)
    tokenizer = tokenizer.speaking(replace(tokenizer.chat, end=end))
    opened, lead = _opened(tokenizer)
    tokenizer = tokenizer.speaking(replace(tokenizer.chat, opened=opened, lead=lead))
    closed = tokenizer.plain_text(tokenizer.ids(thoughts.CLOSE))
    if (opened or tokenizer.chat.enable_thinking) and thoughts.CLOSE not in closed:
        raise UserError(
            f"{model}: {thoughts.CLOSE} is a special token, which texts do not show, so what it thinks could not be "
            "told from what it answers. Set enable_thinking: false, or take another model."
        )
    _check_passages(tokenizer, model)
    thinks = "always" if opened and not switched else "none" if not switched else "on" if enable_thinking else "off"
    return tokenizer.chat, {
        "system": _system(tokenizer),
        "date": tokenizer.chat.date if dated else None,
        "thinking": thinks,
        "end_of_turn": tokenizer.text(end or tokenizer.end_tokens()),
        "control_tokens": len(tokenizer.controls()),
        "example": tokenizer.rendered((_SYSTEM, _USER))[:_SHOWN],
    }


def _shows(tokenizer: Tokenizer, turns: Sequence[Message]) -> bool:
    """Tell whether the template takes turns and writes the words of all; those of users and assistants in order."""
    try:
        text = tokenizer.rendered(turns)
    except TemplateRefusal:
        return False
    places = [text.find(turn.content) for turn in turns if turn.role != "system"]
    return all(turn.content in text for turn in turns) and places == sorted(places)


def _check_shapes(tokenizer: Tokenizer, model: Path) -> None:
    """Raise UserError unless the template takes all turns that our prompts are made of."""
    for turns in _SHAPES:
        if not _shows(tokenizer, turns):
            tokenizer.rendered(turns)  # a refusal says why
            roles = ", ".join(turn.role for turn in turns)
            raise UserError(f"{model}: its chat template leaves out what is said in the turns {roles}.")
    tokenizer.rendered((_USER, _ASSISTANT), begun=False)


def _differ(tokenizer: Tokenizer, one: Chat, other: Chat) -> bool:
    """Tell whether two ways of speaking give other prompts, where what was found so far holds for both."""
    folds = tokenizer.chat.folds_system
    told = [tokenizer.speaking(replace(chat, folds_system=folds)) for chat in (one, other)]
    return any(told[0].rendered(turns) != told[1].rendered(turns) for turns in _SHAPES)


def _end(tokenizer: Tokenizer, model: Path) -> tuple[int, ...]:
    """Return the tokens that the template writes after the assistant's words, up to the first control token."""
    whole = tokenizer.rendered((_USER, _ASSISTANT), begun=False)
    _, said, after = whole.rpartition(_ASSISTANT.content)
    words, ids, ends = tokenizer.ids(said), tokenizer.ids(said + after), tokenizer.end_tokens()
    controls = {*tokenizer.controls().values(), *ends}
    first = next((place for place, token in enumerate(ids) if token in controls), None)
    if first is None:
        if after.strip():
            raise UserError(
                f"{model}: its chat template ends the assistant's turn by {after.strip()[:60]!r}, which is no token of "
                "its tokenizer, so no answer would stop there. Take another model or template."
            )
        return ()
    end = ids[len(words) if ids[: len(words)] == words else first : first + 1]
    return () if end == ends else tuple(end)


def _opened(tokenizer: Tokenizer) -> tuple[str, str]:
    """Return the think block that a prompt opens, and what stands between a prompt and an answer without a thought.

    Some tokenizers put a space before every text of their own accord; then the one that a template writes is left out.
    """
    prompt, whole = tokenizer.rendered((_USER,)), tokenizer.rendered((_USER, _ASSISTANT), begun=False)
    opened = thoughts.open_block(prompt.rpartition(_USER.content)[2])
    if opened:
        return opened, f"\n{thoughts.CLOSE}\n\n"
    if not whole.startswith(prompt):
        return "", ""
    trained = [*tokenizer.ids(prompt), *tokenizer.completion(_ASSISTANT.content)]
    fits = tokenizer.ids(whole)[: len(trained)] == trained
    return "", "" if fits else whole[len(prompt) :].partition(_ASSISTANT.content)[0]


def _check_passages(tokenizer: Tokenizer, model: Path) -> None:
    """Raise UserError if the words of a message can hold a control token."""
    controls = tokenizer.controls()

    def held(ids: Sequence[int]) -> list[int]:
        return [token for token in ids if token in controls.values()]

    names = f"a {' b '.join(controls)} c {''.join(controls)} d"
    prompts = [tokenizer.prompt((_SYSTEM, Message("user", words))) for words in ("a b c d", names)]
    completions = [tokenizer.completion(words) for words in ("a b c d", names)]
    if any(held(one) != held(other) for one, other in (prompts, completions)):
        raise UserError(f"{model}: its tokenizer makes control tokens of words in a passage. Take another tokenizer.")


def _system(tokenizer: Tokenizer) -> str:
    """Return who puts the system turn before the user's words: see `probe`."""
    if tokenizer.chat.folds_system:
        return "folded"
    text = tokenizer.rendered((_SYSTEM, _USER))
    between = text[text.index(_SYSTEM.content) : text.index(_USER.content)]
    return "own" if set(tokenizer.ids(between)) & set(tokenizer.controls().values()) else "template"
