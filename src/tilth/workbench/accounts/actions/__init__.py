"""What can be done to members, invitations, keys, the workspace and one's own account; each leaves its line in the audit."""
