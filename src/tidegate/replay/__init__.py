"""Replay: history through the engine, as it would have been judged live."""
