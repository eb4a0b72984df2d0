"""Screen-sharing sessions: their states, who may have one, which times, their codes and the terms. PURE.

In the code a screen-sharing session is a `meeting`; `session` is somebody signed in to the pages.
"""
