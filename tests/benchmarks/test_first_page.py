"""The measure of the first page asks a real server for whole pages."""

from benchmarks import first_page


def test_pages_come_from_a_made_up_library() -> None:
    pages = first_page.measure(photos=20)
    assert [page.path for page in pages] == ["/", "/people"]
    for page in pages:
        assert page.size > 500
        assert min(page.first, page.later, page.listed) > 0
