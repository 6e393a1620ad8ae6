"""The files a screening gives."""
