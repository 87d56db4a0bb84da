"""Workspaces, one folder per district, and the program that draws their illustrative layers."""
