"""What happened, in tables: a read model fed from decisions in the order of the journal, and the books of the operator."""

from tidegate.ledger.ledger import Ledger
from tidegate.ledger.page import Page

__all__ = ["Ledger", "Page"]
