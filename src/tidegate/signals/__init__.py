"""Signals: facts that are looked up rather than counted."""
