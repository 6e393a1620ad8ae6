"""`tidegate keys`: API keys, and the keys of what is at rest."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import App
from cyclopts import Parameter as Option
from rich.table import Table

from tidegate import clock
from tidegate.cli.books import acting, custody_of
from tidegate.cli.keys_at_rest import at_rest, change_master, reseal, retire, rotate
from tidegate.cli.terminal import console, print_json, print_rows
from tidegate.service.access.grant import Role

DATA = Path("tidegate-data")

EXAMPLES = """\
Examples:

- `tidegate keys create "chat server" --role ingest`
- `tidegate keys list`
- `tidegate keys revoke 3f9c0a1b2c4d --reason "left the team"`
- `tidegate keys rotate`, then with the server stopped `tidegate keys reseal` and `tidegate keys retire 1`
"""

app = App(
    name="keys",
    help="Make, list and revoke API keys; renew the keys of what is at rest.",
    help_epilogue=EXAMPLES,
    result_action="return_value",
)


@app.command(help_epilogue="")
def create(
    name: str,
    /,
    *,
    role: list[Role],
    data: Path = DATA,
    expires: str | None = None,
    per_s: float | None = None,
    network: Annotated[list[str] | None, Option(negative="")] = None,
    reason: str = "",
    json: Annotated[bool, Option(negative="")] = False,
) -> int:
    """Make an API key and print it: this once, it is stored nowhere.

    Example: `tidegate keys create console --role analyst --expires P90D`

    Parameters
    ----------
    name
        Whose key it is, for the audit log.
    role
        ingest sends events; read looks; analyst decides as well; admin does everything; standing is for other organisations.
        May be given more than once.
    data
        The data folder.
    expires
        When it ends: a span such as P90D, or a time such as 2027-01-01T00:00:00Z. Left out: when it is revoked.
    per_s
        Requests a second; 0: as many as it likes. Left out: what its role has.
    network
        From where it counts, such as 192.0.2.0/24. May be given more than once; left out: from anywhere.
    reason
        Why, for the audit log.
    json
        Print as JSON.
    """
    from tidegate.service.access.expiry import moment

    now = clock.now_ms()
    ends = None if expires is None else moment(expires, now)
    with custody_of(data, create=True) as custody:
        key, token = custody.keys.create(
            name, role, actor=acting(), expires_at=ends, per_s=per_s, networks=network or (), reason=reason
        )
    if json:
        print_json(key.data(now) | {"token": token})
        return 0
    console.print(f"key {key.id} for {name} ({', '.join(role)}), shown this once:", markup=False)
    console.print(token, markup=False, soft_wrap=True)
    return 0


@app.command(name="list", help_epilogue="")
def list_(*, data: Path = DATA, json: Annotated[bool, Option(negative="")] = False) -> int:
    """List the API keys: whose they are, what they may do, and whether they still count.

    Example: `tidegate keys list --data tidegate-data`

    Parameters
    ----------
    data
        The data folder.
    json
        Print as JSON.
    """
    with custody_of(data) as custody:
        keys = [key.data(clock.now_ms()) for key in custody.keys.all()]
    if json:
        print_json(keys)
        return 0
    table = Table(box=None, pad_edge=False)
    for column in ("id", "state", "roles", "made", "expires", "name"):
        table.add_column(column, no_wrap=column != "name")
    for key in keys:
        table.add_row(
            key["id"],
            key["state"],
            ", ".join(key["roles"]),
            key["made_at"][:10],
            (key["expires_at"] or "never")[:10],
            key["name"],
        )
    if keys:
        print_rows(table)
    else:
        console.print("no keys yet")
    return 0


@app.command(help_epilogue="")
def revoke(
    key: str, /, *, data: Path = DATA, reason: str = "", json: Annotated[bool, Option(negative="")] = False
) -> int:
    """End an API key for good. A server under way refuses it within two seconds.

    Example: `tidegate keys revoke 3f9c0a1b2c4d --reason "left the team"`

    Parameters
    ----------
    key
        Its id, as `tidegate keys list` shows it.
    data
        The data folder.
    reason
        Why, for the audit log.
    json
        Print as JSON.
    """
    with custody_of(data) as custody:
        ended = custody.keys.revoke(key, actor=acting(), reason=reason)
    if json:
        print_json(ended.data(clock.now_ms()))
        return 0
    console.print(f"key {ended.id} ({ended.name}) is revoked", markup=False)
    return 0


for _command in (at_rest, rotate, reseal, retire, change_master):
    app.command(_command, help_epilogue="")
