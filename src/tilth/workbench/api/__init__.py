"""``/w/<slug>/api/v1``: the same questions and actions for programs. No logic of its own: every mutation is an action of the app it belongs to."""
