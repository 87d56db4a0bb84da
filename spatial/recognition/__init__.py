"""Recognising what plane a layer is in, and whether it is offset, from its numbers and its linework."""
