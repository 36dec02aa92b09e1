"""The tracking plan: which events there are, what they carry, who answers for them, and what happens to others.

Written as YAML, a file an area (`document`), made into one immutable bundle (`bundle`) that is judged (`lint`),
compared with the one before (`diff`), told to programs and people (`codegen`) and held against every event that comes
(`check`). The format is that of `governance.md`.
"""
