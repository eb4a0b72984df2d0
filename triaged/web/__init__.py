"""The pages and what is told by HTTP."""
