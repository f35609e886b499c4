"""Entry that flies: five known lines in a handful of keys."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.story.stocked import KNOWN, count, posted

KEYS_MAX = 45


def test_five_known_lines_are_received_in_at_most_45_keys_and_no_mouse(
    page_at, sign_in, shot, stocked, db
):
    """Every key is counted, modifiers too, from the opened page to the posted document."""
    stocked(*KNOWN)
    page = page_at(1280)
    sign_in(page, "kho_px")
    page.add_init_script(
        "addEventListener('keydown', () => sessionStorage.setItem('keys',"
        " Number(sessionStorage.getItem('keys')) + 1), true)"
    )
    page.goto("/documents/new/receipt")
    lines = (("pa", "20"), ("ktr", "40"), ("n95", "10"), ("gt", "12"), ("ib", "15"))
    for number, (letters, quantity) in enumerate(lines, 1):
        expect(page.locator("#search")).to_be_focused()
        page.keyboard.type(letters, delay=40)
        page.keyboard.press("Enter")
        expect(page.locator(f"#line-{number}-quantity")).to_be_focused()
        page.keyboard.type(quantity, delay=40)
        page.keyboard.press("Enter")
    shot(page, "entry-45-keys-1280")
    page.keyboard.press("Control+Enter")
    posted(page, "PN")
    keys = int(page.evaluate("sessionStorage.getItem('keys')"))
    print(f"keys: {keys}")
    assert keys <= KEYS_MAX
    rows = page.locator("tbody tr")
    expect(rows).to_have_count(5)
    for name, number in (("Paracetamol 500", "PA2201"), ("Khẩu trang y tế", "KT01"),
                         ("Khẩu trang N95", "N95A"), ("Găng tay", "GT77"), ("Ibuprofen", "IB09")):  # fmt: skip
        expect(rows.filter(has_text=name)).to_contain_text(number)
    newest = "(SELECT max(id) FROM document)"
    assert count(db, f"SELECT sum(quantity) FROM entry WHERE document_id = {newest}") == (
        20 * 100 + 40 * 50 + 10 * 20 + 12 * 50 + 15 * 100
    )
