"""Files of a workspace: where they lie, what may be uploaded, who is handed them, and what the audit says of them."""
