"""PURE: states and moves, threading, calendars, service levels, what is due next."""
