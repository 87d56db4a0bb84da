"""Programs that make files of this project: pins, fonts, golden results."""
