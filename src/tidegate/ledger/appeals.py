"""Appeals by state and time they are due, and what people found about rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import sqlalchemy as sa

from tidegate.ledger.page import ROWS, Page, paged
from tidegate.ledger.rows import asked_for, of_id
from tidegate.ledger.tables import appeals, findings

if TYPE_CHECKING:
    from tidegate.ledger.rows import Row

AppealState = Literal["open", "granted", "refused"]


@dataclass(frozen=True)
class AppealFilter:
    """Which appeals to list; None or "": all."""

    state: AppealState | None = None
    account_id: str = ""
    measure_id: str = ""
    due_before: int | None = None


@dataclass(frozen=True)
class FindingFilter:
    """Which findings to list; None or "": all. `right`: whether the rule was."""

    account_id: str = ""
    cause: str = ""
    right: bool | None = None
    source: Literal["appeal", "review", ""] = ""


def listed(
    connection: sa.Connection, which: AppealFilter, *, after: str | None = None, rows: int = ROWS
) -> Page:
    """Return a page of appeals, those due first first."""
    query = asked_for(appeals, which, "state", "account_id", "measure_id")
    if which.due_before is not None:
        query = query.where(appeals.c.due < which.due_before)
    return paged(connection, query, [appeals.c.due, appeals.c.id], after=after, rows=rows)


def found(connection: sa.Connection, appeal_id: str) -> Row | None:
    """Return an appeal; None where there is none of that id."""
    return of_id(connection, appeals, appeal_id)


def findings_listed(
    connection: sa.Connection, which: FindingFilter, *, after: str | None = None, rows: int = ROWS
) -> Page:
    """Return a page of findings, the newest first; `overturned` are those of refusals that were turned round."""
    query = asked_for(findings, which, "account_id", "cause", "source").add_columns(
        _overturned().label("overturned")
    )
    if which.right is not None:
        query = query.where(findings.c.right == which.right)
    order = [findings.c.position, findings.c.ordinal]
    return paged(connection, query, order, after=after, rows=rows, newest_first=True)


def finding_counts(connection: sa.Connection) -> dict[str, Row]:
    """Return per rule how often people found it right and how often wrong, those aside that were overturned."""
    right = sa.func.sum(sa.case((findings.c.right, 1), else_=0)).label("right")
    query = sa.select(findings.c.cause, right, sa.func.count().label("all"))
    query = query.where(sa.not_(_overturned())).group_by(findings.c.cause)
    return {
        row["cause"]: {"right": int(row["right"]), "wrong": int(row["all"]) - int(row["right"])}
        for row in connection.execute(query).mappings()
    }


def _overturned() -> sa.ColumnElement[bool]:
    """Whether a finding says that a rule was right, of an appeal that was granted after all."""
    f = findings.c
    granted = sa.select(appeals.c.id).where(appeals.c.id == f.source_id, appeals.c.state == "granted")
    return sa.and_(f.source == "appeal", f.right, granted.exists())
