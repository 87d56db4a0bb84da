"""The tables of a screening: the one place where its figures are formed for people to read."""
