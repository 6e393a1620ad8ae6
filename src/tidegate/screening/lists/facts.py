"""What cells of a list say of an account: yes or no, how many, since when. What cannot be read is a fault, never a guess."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta

from tidegate.screening.lists.headings import plain
from tidegate.screening.lists.table_file import Cell

_YES = "yes y true 1 x ok si sim oui ja da evet ya co on есть да 是 有 已 有效 はい 예 نعم हां ใช่"
_NO = "no n false 0 none nao non nein nee net hayir tidak khong off нет 否 无 無 没有 いいえ 아니오 لا नहीं ไม่"
_WORDS = (
    {plain(w): True for w in _YES.split()} | {plain(w): False for w in _NO.split()} | {"✓": True, "✗": False}
)
_DATES = (
    (re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?"), (1, 2, 3)),
    (re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})"), (3, 2, 1)),
)
_COUNT_MAX = 1_000_000_000
_EXCEL_DAY_ZERO = date(1899, 12, 30)  # of the calendar in which spreadsheets count days, from 1900-03-01 on
_EXCEL_DAYS = (20_000, 80_000)  # 1954 to 2119: what a number in a column of dates can be
_NUMBER_TYPES = {"mobile": "mobile", "mvno": "mvno", "virtual": "virtual", "voip": "virtual"}
Value = bool | int | str


def yes_or_no(cell: Cell) -> bool:
    """Return what a cell answers; raise ValueError where it is neither yes nor no."""
    if isinstance(cell, bool):
        return cell
    if isinstance(cell, int | float) and cell in (0, 1):
        return bool(cell)
    if isinstance(cell, str):
        answer = _WORDS.get(plain(cell), _WORDS.get(cell.strip()))
        if answer is not None:
            return answer
    raise ValueError("write `yes` or `no`")


def count(cell: Cell) -> int:
    """Return a whole number, 0 or more; raise ValueError where there is none."""
    if isinstance(cell, str) and re.fullmatch(r"\d{1,9}", cell.strip(), re.ASCII):
        return int(cell)
    if (
        isinstance(cell, int | float)
        and not isinstance(cell, bool)
        and 0 <= cell <= _COUNT_MAX
        and cell == int(cell)
    ):
        return int(cell)
    raise ValueError("write a whole number")


def moment(cell: Cell) -> int:
    """Return a time as ms since the epoch; dates begin at midnight UTC. Raise ValueError where there is none.

    Days are written 2026-03-02 or 02.03.2026; 03/04/2026 is two days, depending on who reads it, so it is none.
    """
    if isinstance(cell, datetime):
        return _ms(cell if cell.tzinfo else cell.replace(tzinfo=UTC))
    if isinstance(cell, date):
        return _ms(datetime(cell.year, cell.month, cell.day, tzinfo=UTC))
    if (
        isinstance(cell, int | float)
        and not isinstance(cell, bool)
        and _EXCEL_DAYS[0] <= cell <= _EXCEL_DAYS[1]
    ):
        midnight = datetime.combine(_EXCEL_DAY_ZERO, datetime.min.time(), UTC)
        return _ms(midnight + timedelta(days=cell))
    if isinstance(cell, str):
        return _ms(_read(cell.strip()))
    raise ValueError("write a date such as 2026-03-02")


def _read(text: str) -> datetime:
    for pattern, (year, month, day) in _DATES:
        if (found := pattern.fullmatch(text)) is not None:
            return datetime(int(found[year]), int(found[month]), int(found[day]), tzinfo=UTC)
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError("write a date such as 2026-03-02") from None
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def _ms(moment_: datetime) -> int:
    return int(moment_.timestamp() * 1000)


def words(cell: Cell) -> str:
    """Return a cell as text, without what cannot be printed."""
    text = f"{cell:g}" if isinstance(cell, float) else str(cell)
    if not text.isprintable():
        text = "".join(c if c.isprintable() else " " if c.isspace() else "" for c in text)
    return text.strip()[:500]


def _number_type(cell: Cell) -> str:
    if isinstance(cell, str) and (kind := _NUMBER_TYPES.get(plain(cell))):
        return kind
    raise ValueError(f"write one of {', '.join(sorted(set(_NUMBER_TYPES.values())))}")


READERS: Mapping[str, Callable[[Cell], Value]] = {
    "remark": words,
    "account_id": words,
    "region": words,
    "device_kind": words,
    "registered_at": moment,
    "last_active_at": moment,
    "interactions_90d": count,
    "warnings": count,
    "has_avatar": yes_or_no,
    "has_signature": yes_or_no,
    "is_registered": yes_or_no,
    "is_suspended": yes_or_no,
    "is_reachable": yes_or_no,
    "main_account": yes_or_no,
    "number_type": _number_type,
}
