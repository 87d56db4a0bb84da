"""The command ``ecopattern``: it reads, calls one function, writes."""
