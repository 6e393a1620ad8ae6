"""`tidegate serve`: durable decisions over HTTP."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter as Option

from tidegate.cli.whole_number import WholeNumber


def serve(
    *,
    data: Path | None = None,
    policy: str | None = None,
    parameters: str | None = None,
    host: str | None = None,
    port: WholeNumber | None = None,
    json: Annotated[bool, Option(negative="")] = False,
) -> int:
    """Answer events over HTTP, each decision durable before it is answered.

    Everything is kept in one folder. Stop it with Ctrl-C or SIGTERM: what is under way is answered, nothing is lost;
    after a crash it recovers what it had acknowledged. Every setting may come from the environment: `TIDEGATE_PORT`.

    Examples:
    - `tidegate serve --data tidegate-data`
    - `tidegate serve --host 0.0.0.0 --port 8420 --policy ours.py`

    Parameters
    ----------
    data
        Folder of the journal, the checkpoints and the books; made where there is none. Default: tidegate-data.
    policy
        A shipped policy, or the path of a Python file. Default: messenger.
    parameters
        Other figures: a JSON or TOML file, or a parameter set of the policy.
    host
        Address to listen on. Default: 127.0.0.1, this machine only.
    port
        Port to listen on. Default: 8420.
    json
        Say as JSON, on one line, where it listens, and at the first start the key of the administrator.
    """
    from tidegate.cli.serve_text import say_ready, say_ready_in_json
    from tidegate.clock import now_ms
    from tidegate.service.observe.logs import set_up
    from tidegate.service.server import serve as run
    from tidegate.service.settings import Settings, misspelt

    settings = Settings.from_environment(
        data=data, policy=policy, parameters=parameters, host=host, port=port
    )
    set_up(settings.log_level)
    log = logging.getLogger("tidegate.server")
    for name, meant in misspelt():
        log.warning("%s is no setting; did you mean %s?", name, meant)
    if settings.in_the_clear:
        log.warning(
            "listens beyond this machine without TLS: set TIDEGATE_TLS_CERTIFICATE and TIDEGATE_TLS_KEY, or let a proxy speak it"
        )
    run(settings, opened=say_ready_in_json if json else lambda server: say_ready(server, now_ms()))
    return 0
