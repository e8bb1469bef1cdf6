"""Limits on every part of the world, with reasons. Lengths are in characters.

The limits keep a state under ten megabytes after any calls. Fixtures obey the same limits, and tools therefore never
meet a larger state.
"""

MAX_NAME = 80  # a name, an id, a user, a setting's key, a part of a path: people read these in a list, one to a line
MAX_PATH = 200  # a whole path: five parts of usual length
MAX_LINE = 300  # a single line: a setting's value, a subject, a role, a file's summary
MAX_CELL = 1_000  # a cell of the workbook: a paragraph that is to be graded fits
MAX_TEXT = 4_000  # a message, a comment, an answer: a long page
MAX_REPORT = 8_000  # the final report: two long pages
MAX_DOCUMENT = 20_000  # a document of the drive, and the memory: about 5,000 tokens, read with one call
MAX_SAID = 24_000  # the answer of a tool: the longest document with its heading, or a list of usual length

MAX_DOCUMENTS = 50
MAX_SHEETS = 6
MAX_COLUMNS = 12
MAX_ROWS = 60  # a workbook that a person would still fill in by hand
MAX_SETTINGS = 50
MAX_AGENTS = 50
MAX_SERVERS = 10
MAX_USERS = 50
MAX_FILES = 200  # on one server: several times the need of a task; only a caller who copies without end meets it
MAX_QUEUE = 200
MAX_MESSAGES = 50
MAX_ITEMS = 50
MAX_BYTES = 10**15  # capacity of a server and size of a file: a petabyte
MAX_NUMBER = 1e15  # a number in a call: below it every whole number is exact as a float

# Calls that are carried out and kept in the log of a run: ten times the need of the longest task. After that only the
# call that ends the task is carried out; other calls are counted, not kept.
MAX_EVENTS = 400
MAX_REFUSED = 1_000  # kept of the arguments of a refused call
# Kept of the arguments of a call that was carried out: above the largest allowed call (a row of the workbook, twelve
# cells of 1,000), so that the run can be replayed.
MAX_KEPT = 20_000
MAX_HEARD = 500  # kept of a tool's answer: enough for a reader of the log; the transcript holds the whole answer
MAX_SHOWN = 60  # of the caller's own text that an error quotes back
MAX_DEPTH = 4  # how deep nested arguments are kept in a log; no tool takes more than a list of values
MAX_CHANGE = 300  # of a value that a difference shows
