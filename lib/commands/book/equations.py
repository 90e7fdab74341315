"""LaTeX to MathML when the book is made, so that equations need neither a script nor the network.

Every browser of today draws MathML itself; the font that comes with the book gives it the tall
brackets and braces which many a machine lacks.
"""

from __future__ import annotations

import functools
import html

import bs4

from lib import env

NEEDED = "math-core"
"""The distribution that knows LaTeX."""

RULED = {"\N{COMBINING LOW LINE}": "over", "\N{BOTTOM CURLY BRACKET}": "under"}
"""Lines that browsers put together from pieces, often too short: the style sheet draws them."""


def can_be_drawn() -> bool:
    """Say whether the package that translates LaTeX is installed."""
    return env.is_installed("math_core")


@functools.cache
def _translator() -> object:
    import math_core

    return math_core.LatexToMathML(annotation=True, fancy_error=False)


def to_html(latex: str, display: bool) -> str:
    """Return an equation as MathML, which keeps the LaTeX inside for those who copy it.

    What cannot be translated, or could be if the package were installed, stays LaTeX, in the look
    of code: no equation is lost.

    Args:
        latex: the equation without its dollars.
        display: on lines of its own, or within the text.

    Returns:
        HTML.
    """
    name = "div" if display else "span"
    if can_be_drawn():
        import math_core

        try:
            drawn = _translator().convert_with_local_state(latex.strip(), displaystyle=display)
            return f'<{name} class="equation">{_ruled(drawn)}</{name}>'
        except math_core.LatexError:
            pass
    return f'<{name} class="equation"><code>{html.escape(latex.strip())}</code></{name}>'


def _ruled(equation: str) -> str:
    """Return the equation with rules of the style sheet's over means and under what is named."""
    soup = bs4.BeautifulSoup(equation, "html.parser")
    for line in soup.find_all("mo", string=list(RULED)):
        whole, rule = line.parent, RULED[line.string]
        if whole.name == f"m{rule}":
            whole.name, whole.attrs = "mrow", {"class": rule}
            line.decompose()
    return str(soup)
