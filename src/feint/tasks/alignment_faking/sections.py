"""The sections that this task adds to a report."""

from feint.report.section import Section
from feint.tasks.examples import EXAMPLES

SECTIONS = (EXAMPLES, Section("method", "The method", "templates/method.html.j2", "feint.tasks.alignment_faking"))
