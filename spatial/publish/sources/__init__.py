"""Where the layers of a published map come from: roles of the workspace, or an analysis of it."""
