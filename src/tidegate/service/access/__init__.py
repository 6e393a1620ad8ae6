"""Who may do what: API keys with roles, the audit log, encryption at rest, erasure and export."""
