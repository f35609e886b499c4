"""A thousand lines from a spreadsheet: pasted, kept, reopened, posted; smooth on a slow phone."""

from __future__ import annotations

import datetime as dt
import time

from playwright.sync_api import Page, expect

from supply.core.clock import VIETNAM
from tests.story.stocked import count, posted

TODAY = dt.datetime.now(VIETNAM).date()
LINES = 1000
ROWS_DRAWN_MAX = 120  # of the thousand: what makes a key as cheap as on a short document
SLOWER = 4  # a phone's processor beside a desk's: thread time is multiplied by it
PARTS = ("ScriptDuration", "LayoutDuration", "RecalcStyleDuration")


class Meter:
    """What keys cost the page's own thread, whatever else the machine is doing meanwhile."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.session = page.context.new_cdp_session(page)
        self.session.send("Performance.enable", {"timeDomain": "threadTicks"})

    def spent_ms(self) -> float:
        """Script, style and layout so far."""
        found = self.session.send("Performance.getMetrics")["metrics"]
        return 1000 * sum(m["value"] for m in found if m["name"] in PARTS)

    def press(self, *keys: str) -> float:
        """Press keys one by one; what the dearest cost on a phone, in milliseconds."""
        dearest = 0.0
        for key in keys:
            before = self.spent_ms()
            self.page.keyboard.press(key)
            self.page.evaluate("() => new Promise((r) => requestAnimationFrame(() => r()))")
            dearest = max(dearest, (self.spent_ms() - before) * SLOWER)
        return dearest


def sheet(db) -> str:
    """1,000 lines as copied from a spreadsheet, with its heading row."""
    with db.owner_engine.connect() as connection:
        sql = "SELECT code FROM item WHERE active ORDER BY code"
        codes = [row[0] for row in connection.exec_driver_sql(sql)]
    rows = ["Mã hàng\tSố lượng\tSố lô\tHạn dùng\tĐơn giá"]
    for n in range(LINES):
        expiry = TODAY + dt.timedelta(days=200 + n)
        rows.append(f"{codes[n % len(codes)]}\t{1000 + n}\tL{n:04d}\t{expiry:%d/%m/%Y}\t1.250")
    return "\n".join(rows)


def until(page: Page, script: str, seconds: int = 20) -> None:
    """Wait for a page to be so. Playwright's own waiting evaluates text, which our CSP forbids."""
    for _ in range(10 * seconds):
        if page.evaluate(script):
            return
        page.wait_for_timeout(100)
    raise AssertionError(script)


def copy(page: Page, text: str) -> None:
    """As a spreadsheet does: onto the clipboard."""
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.evaluate("text => navigator.clipboard.writeText(text)", text)


def test_a_thousand_lines_are_pasted_kept_reopened_and_posted(page_at, sign_in, shot, db):
    page = page_at(390)
    sign_in(page, "kho_px")
    page.goto("/documents/new/receipt")
    page.select_option("#fund_code", "NSTP")
    page.focus("#search")
    copy(page, sheet(db))
    meter = Meter(page)
    pasted_ms = meter.press("Control+v")
    expect(page.locator("#foot-count")).to_have_text("1.000")
    expect(page.locator(".entry-line").first).to_contain_text("Tồn 0")
    shot(page, "entry-large-390")

    page.locator("#line-3-quantity").select_text()
    typed_ms = meter.press(*"123456", "ArrowDown", "7", "7", "Enter", "ArrowUp")
    drawn = "[...document.querySelectorAll('.grid-row')].filter((r) => r.children.length).length"
    assert page.evaluate(drawn) <= ROWS_DRAWN_MAX
    page.focus("#search")
    searched_ms = meter.press("l", "o", "ArrowDown", "Escape")
    page.evaluate("window.scrollTo(0, document.body.scrollHeight / 2)")
    until(
        page,
        "Number(document.elementFromPoint(195, 400).closest('.grid-row')?.ariaRowIndex) > 300"
        " && document.elementFromPoint(195, 400).closest('.grid-row').children.length > 0",
    )
    expect(page.locator("#saved")).to_contain_text("Đã lưu nháp", timeout=30_000)

    began = time.monotonic()
    page.reload()
    expect(page.locator("#foot-count")).to_have_text("1.000")
    # A browser may return to the middle, where it was.
    until(
        page,
        "window.scrollTo(0, 0), document.querySelector('#line-3-quantity')?.value === '123.456'",
    )
    reopened_s = time.monotonic() - began
    page.locator("#line-2-quantity").select_text()
    again_ms = meter.press("5", "5")

    began = time.monotonic()
    page.keyboard.press("Control+Enter")
    posted(page, "PN")
    posted_s = time.monotonic() - began
    print(
        f"on a phone: paste {pasted_ms:.0f} ms, a key {typed_ms:.0f} ms, searching {searched_ms:.0f}"
        f" ms, after reopening {again_ms:.0f} ms; reopened {reopened_s:.1f} s, posted {posted_s:.1f} s"
    )
    assert count(db, "SELECT count(*) FROM entry") == LINES
