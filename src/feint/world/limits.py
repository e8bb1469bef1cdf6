"""How large anything in the world may become, and why. Lengths are in characters.

Together they keep a state under ten megabytes, whatever is called and however often. What a fixture holds obeys them
too, so a tool never meets a state that it would not have allowed.
"""

MAX_NAME = 80
"""A name, an id, a user, a setting's key, a part of a path. People read these in a list, one to a line."""

MAX_PATH = 200
"""A whole path: five parts of usual length. File systems allow 255 bytes a part; nothing here needs it."""

MAX_LINE = 300
"""What stands on one line: a setting's value, a subject, a role, a file's summary."""

MAX_CELL = 1_000
"""A cell of the workbook: a paragraph that is to be graded fits."""

MAX_TEXT = 4_000
"""A message, a comment, an answer: a long page."""

MAX_REPORT = 8_000
"""The final report: two long pages."""

MAX_DOCUMENT = 20_000
"""A document of the drive, and the memory: what a model reads with one call, about 5,000 tokens."""

MAX_SAID = 24_000
"""What a tool answers: the longest document with its heading, or a list of usual length."""

MAX_DOCUMENTS = 50
MAX_SHEETS = 6
MAX_COLUMNS = 12
MAX_ROWS = 60
"""A workbook that a person would still fill in by hand."""

MAX_SETTINGS = 50
MAX_AGENTS = 50
MAX_SERVERS = 10
MAX_USERS = 50
MAX_FILES = 200
"""Files on one server: several times what a task needs, so that only a caller who copies without end meets it."""

MAX_QUEUE = 200
MAX_MESSAGES = 50
MAX_ITEMS = 50

MAX_BYTES = 10**15
"""Capacity of a server and size of a file: a petabyte."""

MAX_NUMBER = 1e15
"""A number in a call: below it every whole number is exact as a float."""

MAX_EVENTS = 400
"""Calls that are carried out and kept in the log of a run: ten times what the longest task needs. After that only the
call that ends the task is heard; others are counted, not kept."""

MAX_REFUSED = 1_000
"""Characters kept of the arguments of a refused call. Those of a call that was carried out are kept whole, so that a
run can be replayed from its log; the other limits bound them."""

MAX_KEPT = 20_000
"""Characters of arguments kept of a call that was carried out: above the largest that the limits allow (a row of the
workbook, twelve cells of 1,000)."""

MAX_HEARD = 500
"""Characters kept of what a tool answered: enough to see in a log what happened. The transcript holds the whole."""

MAX_SHOWN = 60
"""Characters of the caller's own text that an error quotes back."""

MAX_DEPTH = 4
"""How deep nested arguments are kept in a log; no tool takes more than a list of values."""

MAX_CHANGE = 300
"""Characters of a value that a difference shows."""
