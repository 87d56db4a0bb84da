"""Interactive maps that staff can publish: one file, no network, nothing in it that must not be shown."""
