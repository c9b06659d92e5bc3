"""A process that renders one chat template: `rendering.Renderer` starts this file as a program.

A chat template is a program that comes with a model, so it is not trusted. It sees no name but those given here, and
an alarm that it cannot stop ends the process. This file imports nothing of ours: it starts in a tenth of a second.

The first line read is a JSON object with the `template` and its bounds, `seconds` of work for a rendering and bytes of
`memory` for the process; each further one has the `messages`, the other `variables`, the `date` and the most characters
to write (`limit`). Each is answered by one line, with a `text`, an `error`, or the bound that was `exceeded`.
"""

import datetime
import itertools
import json
import random
import resource
import signal
import sys
from typing import Any, Never

import jinja2
import jinja2.ext
import jinja2.nodes
import jinja2.parser
import jinja2.sandbox


class _ExceededError(Exception):
    """A bound was exceeded, which no template does that is meant well."""


class _Generation(jinja2.ext.Extension):
    """The block `generation`, by which some templates mark what the assistant writes: rendered as what it holds."""

    tags = {"generation"}  # noqa: RUF012

    def parse(self, parser: jinja2.parser.Parser) -> list[jinja2.nodes.Node]:
        next(parser.stream)
        return parser.parse_statements(("name:endgeneration",), drop_needle=True)


def environment() -> jinja2.sandbox.ImmutableSandboxedEnvironment:
    """Return what templates are written for, as transformers documents it, in a sandbox."""
    made = jinja2.sandbox.ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=[_Generation, jinja2.ext.loopcontrols]
    )
    made.filters["tojson"] = _to_json
    made.globals["raise_exception"] = _raise
    return made


def render(template: jinja2.Template, asked: dict[str, Any]) -> str:
    """Render messages; raise whatever the template raises, and _ExceededError for more text than the limit."""
    day = datetime.datetime.fromisoformat(asked["date"])
    random.seed(0)  # the filter `random` chooses alike every time
    parts, size = [], 0
    for part in template.generate(messages=asked["messages"], strftime_now=day.strftime, **asked["variables"]):
        parts.append(part)
        size += len(part)
        if size > asked["limit"]:
            raise _ExceededError(f"writes more than {asked['limit']} characters")
    text = "".join(parts)
    text.encode()  # half of a pair of surrogates is no text: no tokenizer takes it
    return text


def main() -> None:
    """Answer line by line until there are no more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever started this is interrupted too, and closes the pipe
    first = json.loads(sys.stdin.readline())
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    memory = first["memory"] if most == resource.RLIM_INFINITY else min(first["memory"], most)
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    template: Any = None
    for asked in itertools.chain([first], map(json.loads, sys.stdin)):
        signal.setitimer(signal.ITIMER_PROF, first["seconds"])  # what it does by default is to end the process
        try:
            if template is None:
                template = environment().from_string(asked["template"])
                answer = {"text": ""}
            else:
                answer = {"text": render(template, asked)}
        except MemoryError:
            answer = {"exceeded": f"needs more than {memory // 2**20} MiB of memory"}
        except _ExceededError as error:
            answer = {"exceeded": str(error)}
        except Exception as error:  # a template can raise whatever Python can
            answer = {"error": _in_one_line(error)}
        signal.setitimer(signal.ITIMER_PROF, 0)
        print(json.dumps(answer), flush=True)


def _in_one_line(error: Exception) -> str:
    said = " ".join(str(error)[:300].split())
    return said if isinstance(error, jinja2.TemplateError) and said else f"{type(error).__name__} {said}"


def _to_json(value: Any, ensure_ascii: bool = False, indent: Any = None, **more: Any) -> str:
    return json.dumps(value, ensure_ascii=ensure_ascii, indent=indent, **more)  # Jinja's own would escape for HTML


def _raise(message: str) -> Never:
    raise jinja2.TemplateError(message)


if __name__ == "__main__":
    main()
