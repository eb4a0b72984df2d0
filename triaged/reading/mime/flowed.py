"""format=flowed (RFC 3676): soft line breaks taken out, so that a sentence or an id is whole again. PURE."""

from __future__ import annotations


def unfold(text: str, delete_space: bool) -> str:
    """The text with its flowed lines joined within each quote depth; quotes keep one `>` per depth.

    `delete_space`: DelSp=yes, where the trailing blank was added at the break (Japanese has no blanks).
    """
    out: list[str] = []
    open_depth = -1  # depth of the paragraph that still flows; -1: none
    paragraph: list[str] = []
    for line in text.split("\n"):
        depth, content = _quoted(line.rstrip("\r"))
        if depth != open_depth or content == "-- ":
            _close(out, paragraph, open_depth)
            open_depth = depth
        flows = content.endswith(" ") and content != "-- "
        paragraph.append(content[:-1] if flows and delete_space else content)
        if not flows:
            _close(out, paragraph, depth)
            open_depth = -1
    _close(out, paragraph, open_depth)
    return "\n".join(out)


def _close(out: list[str], paragraph: list[str], depth: int) -> None:
    if paragraph:
        quote = ">" * depth + " " if depth > 0 else ""
        out.append(quote + "".join(paragraph))
        paragraph.clear()


def _quoted(line: str) -> tuple[int, str]:
    """(quote depth, the line without its marks and stuffed blank)."""
    content = line.lstrip(">")
    depth = len(line) - len(content)
    return depth, content[1:] if content.startswith(" ") else content
