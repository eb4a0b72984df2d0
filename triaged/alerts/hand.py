"""The process that speaks through Apprise: one order on standard input, one line of JSON on standard output.

Nothing of an address leaves it: Apprise logs whole ones at ERROR, so all logging is off here and standard error is
not read by anybody. Redirects are not followed.
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Mapping
from typing import Any


def main() -> None:
    """Do what is ordered and say how it went."""
    order = json.loads(sys.stdin.buffer.read())
    sys.stdout.write(json.dumps(_done(order)) + "\n")


def _done(order: Mapping[str, Any]) -> dict[str, Any]:
    logging.disable(logging.CRITICAL)
    try:
        import apprise
    except ImportError:
        return {
            "missing": True,
            "told": False,
            "why": "Apprise is not installed: pip install 'triaged[alerts]'",
        }
    _follow_no_redirects()
    if order["do"] == "check":
        return {"known": [_service(apprise, url) is not None for url in order["urls"]]}
    return _tell(apprise, order)


def _tell(apprise: Any, order: Mapping[str, Any]) -> dict[str, Any]:
    service = _service(apprise, order["url"])
    if service is None:
        return {"told": False, "why": "it is none that Apprise takes"}
    spoken = apprise.Apprise()
    spoken.add(service)
    kind = "success" if order.get("over") else "failure" if order.get("severity") == "S1" else "warning"
    result = spoken.notify(title=order["title"], body=order["body"] or order["title"], notify_type=kind)
    return {"told": bool(result), "why": "" if result else "the service did not take it"}


def _service(apprise: Any, url: str) -> Any:
    """Apprise's own object for an address; None: it knows none."""
    try:
        return apprise.Apprise.instantiate(url, suppress_exceptions=True)
    except Exception:  # whatever a plug-in does with an address it cannot make sense of
        return None


def _follow_no_redirects() -> None:
    """requests turns a POST into a GET of the other address, whose 200 says nothing."""
    import requests

    requests.Session.get_redirect_target = lambda self, resp: None  # type: ignore[method-assign]


if __name__ == "__main__":
    main()
