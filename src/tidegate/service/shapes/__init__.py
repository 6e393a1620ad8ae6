"""The forms of requests and answers of the management API, with examples; one file per resource."""
