"""The daemon: what it is made of, its loops, its schedule, reload, systemd."""
