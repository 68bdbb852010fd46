"""Bars beside figures: the one shape in which every script here states what it measured and what it may be at most."""

# A relative error of rounding is no miss.
SLACK = 1e-12


def bar(what, measured, at_most, unit="", peer="none"):
    """One figure that may be `at_most` so great; `peer` says beside whom it was measured."""
    return {"what": what, "measured": float(measured), "at_most": float(at_most), "unit": unit, "peer": peer}


def holds(bar):
    return bar["measured"] <= bar["at_most"] * (1 + SLACK)


def table(bars):
    """Markdown, a line for each bar; what is missed stands out."""
    lines = ["| figure | beside | measured | at most | |", "|---|---|---:|---:|---|"]
    for b in bars:
        figure = f"{b['measured']:.3g}" if b["measured"] < 1e3 else f"{b['measured']:.0f}"
        verdict = "holds" if holds(b) else "**missed**"
        lines.append(f"| {b['what']} | {b['peer']} | {figure}{' ' * bool(b['unit'])}{b['unit']} | {b['at_most']:g} | {verdict} |")
    return "\n".join(lines)
