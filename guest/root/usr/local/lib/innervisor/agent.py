"""Hands on what the agent wrote about its last run."""
import re

BYTES_MAX = 16 * 1024
LINE = re.compile(r"^(# (HELP|TYPE) )?innervisor_agent_[a-z_]+[ {]")


def lines(path):
    """The agent's lines, and none that isn't its own; nothing before its first run."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            text = file.read(BYTES_MAX)
    except OSError:
        return ""
    return "".join(f"{one}\n" for one in text.splitlines() if LINE.match(one))
