"""A Matrix homeserver asks: the contract of synapse-http-antispam."""

from tidegate.adapters.matrix.routes import router

__all__ = ["router"]
