"""The walk and its siblings: claim, read, judge, plan, record, tell."""
