"""The rulebook: loading, conditions, rules, checks, schema. PURE."""
