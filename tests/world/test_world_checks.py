import pytest
from hypothesis import given
from hypothesis import strategies as st

from feint.world import WorldError
from feint.world.checks import absent, check_line, check_name, check_path, check_text, number_or_text, plain, shown

HOSTILE_PATHS = {
    "absolute": ("/etc/passwd", "not relative"),
    "home": ("~/notes", "not relative"),
    "drive letter": ("C:/Windows", "not relative"),
    "upward": ("../x", "out of its folder"),
    "upward inside": ("a/../../x", "out of its folder"),
    "here": ("./x", "out of its folder"),
    "upward with backslashes": ("..\\x", "backslash"),
    "network": ("\\\\host\\share", "backslash"),
    "doubled": ("a//b", "empty part"),
    "trailing": ("a/", "empty part"),
    "blank part": ("a/ /b", "empty part"),
    "nothing": ("", "empty"),
    "blank": ("  ", "empty"),
    "NUL": ("a\x00.txt", "not plain text"),
    "escape": ("a\x1b[2J", "not plain text"),
    "newline": ("a\nb", "one line"),
    "right to left": ("a\u202egpj.exe", "cannot be seen: \\\\u202e"),
    "zero width": ("a\u200bb", "cannot be seen"),
    "half a pair": ("a\ud800", "not plain text"),
    "huge": ("a" * 10_000, "10,000 characters; at most 200"),
    "huge part": ("b/" + "a" * 81, "81 characters; at most 80"),
}


@pytest.mark.parametrize("case", HOSTILE_PATHS)
def test_hostile_paths_are_refused(case: str) -> None:
    path, message = HOSTILE_PATHS[case]
    with pytest.raises(WorldError, match=message):
        check_path("path", path)


@pytest.mark.parametrize("path", ["a", "a/b.txt", "Q3 plan/übersicht.pdf", "a..b/c...d", "…", "ab:c", "日本/語.md"])
def test_usual_paths_are_taken_as_they_are(path: str) -> None:
    assert check_path("path", path) == path


@given(st.text(max_size=300))
def test_whatever_is_taken_is_safe_and_taken_again(text: str) -> None:
    try:
        path = check_path("path", text)
    except WorldError:
        return
    assert path == check_path("path", path) == path.strip()
    assert not path.startswith("/") and ".." not in path.split("/") and path.isprintable() and len(path) <= 200


@given(st.text(max_size=50), st.integers(0, 60))
def test_text_is_taken_whole_or_refused(text: str, limit: int) -> None:
    try:
        taken = check_text("text", text, limit, empty=True)
    except WorldError as error:
        assert str(error).isprintable()
        return
    assert len(taken) <= limit and taken == text.replace("\r\n", "\n").replace("\r", "\n")
    assert json_safe(taken)


def json_safe(text: str) -> bool:
    return "\x00" not in text and text.encode("utf-8").decode("utf-8") == text


def test_lines_and_names() -> None:
    assert check_line("line", "  a b ") == "a b" and check_line("line", "", empty=True) == ""
    assert check_text("text", "a\r\nb\rc", 10) == "a\nb\nc"
    with pytest.raises(WorldError, match="at most 300"):
        check_line("line", "a" * 301)
    with pytest.raises(WorldError, match="The user is empty"):
        check_name("user", " ")


@pytest.mark.parametrize(
    ("value", "text"), [(True, "true"), (False, "false"), (85.0, "85"), (0.5, "0.5"), ("x", "x"), (-3.0, "-3")]
)
def test_values_as_text(value: str | float | bool, text: str) -> None:
    assert plain(value) == text


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("85", 85.0), ("-0.25", -0.25), (85.0, 85.0), ("0", 0.0), ("085", "085"), ("85 %", "85 %"), (" 85", " 85"),
        ("1e9", "1e9"), ("nan", "nan"), ("٣", "٣"), ("9" * 16, "9" * 16), (True, "true"), ("", ""), ("1.", "1."),
    ],
)  # fmt: skip
def test_a_cell_makes_numbers_of_plain_ones_only(value: str | float | bool, cell: str | float) -> None:
    fitted = number_or_text(value)
    assert fitted == cell and type(fitted) is type(cell)


@given(st.text(st.characters(exclude_categories=[]), max_size=200))
def test_what_is_quoted_back_is_short_and_can_be_seen(text: str) -> None:
    quoted = shown(text)
    assert quoted.isprintable() and len(quoted) <= 60 * 7 + 3


def test_a_missing_name_lists_few_others_or_the_tool_that_does() -> None:
    assert str(absent("server", "x", ["b", "a"])) == "There is no server 'x'. There is: a, b."
    assert str(absent("file", "x", [], "list_files")) == "There is no file 'x'. There is: none."
    many = absent("file", "x", map(str, range(13)), "list_files")
    assert str(many) == "There is no file 'x'. list_files shows what there is."
