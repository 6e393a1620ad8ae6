"""A Matrix homeserver protected by Tidegate: the synapse-http-antispam contract in, Synapse's admin API out."""
