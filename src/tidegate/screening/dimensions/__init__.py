"""What accounts of a pool are checked for: a file per dimension, a check per row of the catalogue."""

from tidegate.screening.dimensions import fake, non_compliant, stolen, validity
from tidegate.screening.dimensions.check import Check, Findings, Found

CHECKS: tuple[Check, ...] = (*stolen.CHECKS, *fake.CHECKS, *non_compliant.CHECKS, *validity.CHECKS)
DIMENSIONS = {
    "stolen": stolen.CHECKS,
    "fake": fake.CHECKS,
    "non_compliant": non_compliant.CHECKS,
    "validity": validity.CHECKS,
}

__all__ = ["CHECKS", "DIMENSIONS", "Check", "Findings", "Found"]
