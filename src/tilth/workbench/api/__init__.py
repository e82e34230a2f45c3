"""The public HTTP interface under ``/w/<workspace>/api/v1``."""
