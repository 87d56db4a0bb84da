"""Maps and figures of a screening: pages that open with no network, static pictures."""
