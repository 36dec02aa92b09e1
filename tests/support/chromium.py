"""Debian's Chromium, as tests and benchmarks start it: quiet, and by its user agent an ordinary browser."""

CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36"
"""A headless one says so, and counts as a bot."""

# What a browser does by itself would count as requests to others.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # For the whole browser: what a page sends while it goes ignores the setting of a context.
    f"--user-agent={CHROME}",
]
