"""Calendars, service levels, clocks, reports. PURE."""
