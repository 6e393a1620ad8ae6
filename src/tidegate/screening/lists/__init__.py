"""The list an organisation uploads: found out, read, rows and cells that cannot be."""
