"""Large layers prepared on disk: of a province, only what lies near a project is read."""
