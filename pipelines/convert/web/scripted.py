r"""Pages whose text is a string in a script: it is put where a browser would put it.

Guangdong's disclosure platform keeps an article as ``_CONFIG.DETAIL.content``, markup with ``\u003C`` escapes (field
guide, 1.7); nothing is run, the string is read as JSON.
"""

from __future__ import annotations

import json
import re

_DETAIL = re.compile(r"\bDETAIL['\"]?\s{0,9}:\s{0,9}\{")
_CONTENT = re.compile(r"""(?<![\w$])['"]?content['"]?\s{0,9}:\s{0,9}(?=")""")
_REACH = 20_000
"""Characters after the beginning of the article's record within which its text begins."""
_END = re.compile(r"</body\s*>", re.IGNORECASE)


def unfolded(text: str) -> str:
    """The page with the text its script holds as an element of its body; any other page as it is."""
    if "DETAIL" not in text or "_CONFIG" not in text:
        return text
    detail = _DETAIL.search(text)
    named = _CONTENT.search(text, detail.end(), detail.end() + _REACH) if detail else None
    if named is None:
        return text
    try:
        content, _ = json.JSONDecoder(strict=False).raw_decode(text, named.end())
    except ValueError:
        return text
    inside = f'<div class="article-content" id="zoom">{content}</div>'
    end = _END.search(text, named.end())
    return text[: end.start()] + inside + text[end.start() :] if end else text + inside
