"""A report as a letter: plain text, and HTML that fetches nothing from anywhere."""

import jinja2

from footfall.reports.digest import Digest

_HTML = """\
<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="color-scheme" content="light dark"><title>{{ digest.subject }}</title></head>
<body style="font: 15px/1.5 system-ui, sans-serif; max-width: 40rem; margin: 1.5rem auto; padding: 0 1rem">
<h1 style="font-size: 1.3rem; margin: 0">{{ digest.name }}</h1>
<p style="margin: 0 0 1rem">{{ digest.period }} · {{ digest.project }} · {{ digest.timezone }}</p>
{% for section in digest.sections %}
<h2 style="font-size: 1rem; margin: 1.2rem 0 .3rem">{{ section.title }}</h2>
{% if section.problem %}<p>No numbers: {{ section.problem }}</p>{% endif %}
{% if section.figures %}<table role="presentation" style="border-collapse: collapse; table-layout: fixed; width: 100%">
{% for one in section.figures %}<tr style="border-top: 1px solid #8886">
<td style="padding: .25rem .5rem .25rem 0; width: 50%; overflow-wrap: anywhere">{{ one.name }}</td>
<td style="padding: .25rem .5rem; width: 16%; text-align: right"><strong>{{ one.shown }}</strong></td>
<td style="padding: .25rem 0; text-align: right">{{ one.moved }}</td>
</tr>
{% endfor %}</table>{% endif %}
{% endfor %}
{% if digest.link %}<p style="margin-top: 1.5rem"><a href="{{ digest.link }}">Open</a></p>{% endif %}
</body>
</html>
"""
_template = jinja2.Environment(
    autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, auto_reload=False
).from_string(_HTML)


def html(digest: Digest) -> str:
    return _template.render(digest=digest)


def text(digest: Digest) -> str:
    lines = [f"{digest.name}, {digest.period} ({digest.project}, {digest.timezone})"]
    for section in digest.sections:
        lines += ["", section.title]
        if section.problem:
            lines.append(f"  No numbers: {section.problem}")
        wide = max((len(one.name) for one in section.figures), default=0)
        for one in section.figures:
            lines.append(f"  {one.name:<{wide}}  {one.shown}  {one.moved}".rstrip())
    if digest.link:
        lines += ["", digest.link]
    return "\n".join(lines)
