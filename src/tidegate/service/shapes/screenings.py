"""How screenings look in requests and answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from tidegate.service.shapes.words import Time, time

if TYPE_CHECKING:
    from tidegate.service.screenings.screening import Screening

State = Literal["queued", "running", "done", "failed", "cancelled", "erased"]
ID = "9f2c51a07be4d836"
_PROGRESS: dict[str, Any] = {
    "percent": 40, "text": "40 %, non-compliant accounts", "stage": "non-compliant accounts", "done": 0, "total": 9,
}  # fmt: skip
_ROW: dict[str, Any] = {
    "id": ID, "state": "running", "progress": _PROGRESS,
    "purpose": "monthly check of the customers we write to", "basis": "legitimate interest, assessment of 2026-01-12",
    "created_at": "2026-03-02T09:30:00.000Z", "created_by": "console#3f9c0a1b2c4d",
    "started_at": "2026-03-02T09:30:00.250Z", "finished_at": None, "keep_until": "2026-08-29T09:30:00.000Z",
    "pool": "customers", "schedule_id": None, "previous_id": None,
}  # fmt: skip
_TERMS: dict[str, Any] = {
    "dimensions": ["stolen"], "mode": None, "first": [], "at": None, "country": "DE", "columns": {"number": "B"},
    "providers": False, "answer_days": None, "list_date": None,
}  # fmt: skip
_MAIL: dict[str, Any] = {"state": "pending", "attempts": 0, "error": None}
_WHOLE: dict[str, Any] = _ROW | {
    "terms": _TERMS,
    "mail": _MAIL,
    "error": None,
    "hint": None,
    "summary": None,
    "files": [],
}
_FILE: dict[str, Any] = {"name": "high_risk.csv", "bytes": 48_211, "sha256": "9f0c" * 16}

_ACCESS: dict[str, Any] = {
    "seq": 17, "at": "2026-03-02T09:31:00.000Z", "actor": "console#3f9c0a1b2c4d", "action": "screening.download",
    "reason": "", "what": {"file": "high_risk.csv"},
}  # fmt: skip


class Progress(BaseModel):
    """How far a screening is."""

    percent: int = Field(ge=0, le=100)
    text: str = Field(description="the same in words")
    stage: str | None = Field(description="what is under way")
    done: int = Field(description="how much of the stage is done")
    total: int | None = Field(description="of how much; null: not known")


class ScreeningRow(BaseModel):
    """A screening in a list of them."""

    model_config = ConfigDict(json_schema_extra={"examples": [_ROW]})

    id: str
    state: State
    progress: Progress
    purpose: str
    basis: str
    created_at: Time
    created_by: str
    started_at: Time | None
    finished_at: Time | None
    keep_until: Time | None = Field(description="when it is erased; null: as the settings say")
    pool: str | None = Field(description="whose list it is")
    schedule_id: str | None = Field(description="what had it screened; null: an upload")
    previous_id: str | None = Field(description="the screening it is compared with")


class TermsShown(BaseModel):
    """What a screening was asked to do."""

    dimensions: list[str]
    mode: str | None
    first: list[str]
    at: Time | None
    country: str | None
    columns: dict[str, str]
    providers: bool
    answer_days: float | None = Field(description="how old an answer may be; null: 31")
    list_date: Time | None = Field(description="as of when the list is; null: of its upload")


class MailShown(BaseModel):
    """What became of the mail about it."""

    state: Literal["pending", "sent", "failed"]
    attempts: int
    error: str | None


class FileShown(BaseModel):
    """A file that a screening gave; size and digest are those of its content."""

    model_config = ConfigDict(json_schema_extra={"examples": [_FILE]})

    name: str
    bytes: int
    sha256: str


class ScreeningShown(ScreeningRow):
    """A screening with what it came to."""

    model_config = ConfigDict(json_schema_extra={"examples": [_WHOLE]})

    terms: TermsShown
    mail: MailShown | None
    error: str | None = Field(description="why it failed")
    hint: str | None
    summary: dict[str, Any] | None = Field(description="as in summary.json")
    files: list[FileShown]


class ScreeningRows(BaseModel):
    """A page of screenings."""

    screenings: list[ScreeningRow]
    next: str | None


class FilesShown(BaseModel):
    """The files that a screening gave."""

    files: list[FileShown]


class AccessShown(BaseModel):
    """Who did or saw what of a screening, and when."""

    model_config = ConfigDict(json_schema_extra={"examples": [_ACCESS]})

    seq: int
    at: Time
    actor: str
    action: str
    reason: str
    what: dict[str, Any] | None


class AccessesShown(BaseModel):
    """A page of the access log."""

    accesses: list[AccessShown]
    next_after: int


def screening_row(found: Screening) -> dict[str, Any]:
    """Return a screening as it stands in lists: nothing of what it came to."""
    return {
        "id": found.id,
        "state": found.state,
        "progress": {
            "percent": found.percent,
            "text": found.progress,
            "stage": found.stage or None,
            "done": found.done,
            "total": found.total,
        },
        "purpose": found.purpose,
        "basis": found.basis,
        "created_at": time(found.created_at),
        "created_by": found.created_by,
        "started_at": time(found.started_at),
        "finished_at": time(found.finished_at),
        "keep_until": time(found.keep_until),
        "pool": found.pool,
        "schedule_id": found.schedule_id,
        "previous_id": found.previous_id,
    }


def screening_shown(found: Screening) -> dict[str, Any]:
    """Return a screening with what it came to."""
    sealed, terms = found.sealed, found.terms
    mail = None
    if found.mail is not None and sealed is not None:
        mail = {"state": found.mail, "attempts": found.mail_attempts, "error": sealed.mail_error}
    return screening_row(found) | {
        "terms": {
            "dimensions": list(terms.dimensions),
            "mode": terms.mode,
            "first": list(terms.first),
            "at": time(terms.at_ms),
            "country": terms.country,
            "columns": terms.columns,
            "providers": terms.providers,
            "answer_days": terms.answer_days,
            "list_date": time(terms.list_at_ms),
        },
        "mail": mail,
        "error": sealed.problem if sealed else None,
        "hint": sealed.hint if sealed else None,
        "summary": sealed.summary if sealed else None,
        "files": files_shown(found),
    }


def files_shown(found: Screening) -> list[dict[str, Any]]:
    """Return the files that a screening gave."""
    files = found.sealed.files if found.sealed else ()
    return [{"name": file.name, "bytes": file.bytes, "sha256": file.sha256} for file in files]
