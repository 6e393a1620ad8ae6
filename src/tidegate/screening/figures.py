"""The figures that accounts are judged by, as one digest: two screenings with the same one weighed alike."""

from __future__ import annotations

import hashlib

import tidegate as tg
from tidegate.screening import tiers
from tidegate.screening.dimensions import fake, non_compliant, stolen, validity

_SHEETS = (
    stolen.Figures,
    fake.Figures,
    non_compliant.Figures,
    validity.Figures,
    tiers.Figures,
)


def digest(*, answer_days: float) -> str:
    """Return the digest of all figures in force, and of how old an answer may be: 12 hexadecimal digits."""
    values = [
        f"{sheet.__module__}.{name}={figure.default!r}"
        for sheet in _SHEETS
        for name, figure in sorted(vars(sheet).items())
        if isinstance(figure, tg.Parameter)
    ]
    values.append(f"answer_days={answer_days:g}")
    return hashlib.sha256("\n".join(values).encode()).hexdigest()[:12]
