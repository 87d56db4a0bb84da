"""Projects against control zones: rules as data, verdicts with evidence and clause."""
