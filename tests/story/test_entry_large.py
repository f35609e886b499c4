"""A thousand lines from a spreadsheet: pasted, kept, reopened, posted; smooth on a slow phone."""

from __future__ import annotations

import datetime as dt
import time

import pytest
from playwright.sync_api import Page, expect

from tests.story.stocked import count, posted

TODAY = dt.date.today()
LINES = 1000
KEY_MS_MAX = 100
SLOWER = 4  # the processor, for a phone's

# How long each key, paste and input took until the next picture, as the browser itself counts.
WATCH = """
window.slow = [];
new PerformanceObserver((list) => {
  for (const e of list.getEntries())
    if (['keydown', 'keypress', 'keyup', 'input', 'paste', 'beforeinput'].includes(e.name))
      window.slow.push([e.name, e.duration, Math.round(e.processingEnd - e.processingStart)]);
}).observe({ type: 'event', durationThreshold: 16, buffered: true });
"""


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


def worst(page: Page) -> float:
    """The slowest key since the last question, in milliseconds."""
    page.wait_for_timeout(400)
    seen = page.evaluate("() => window.slow.splice(0)")
    print(max(seen, key=lambda e: e[1], default=None))
    return max((entry[1] for entry in seen), default=0.0)


def paste(page: Page, text: str) -> None:
    """As a person does: the clipboard, then Ctrl V."""
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.evaluate("text => navigator.clipboard.writeText(text)", text)
    page.keyboard.press("Control+v")


@pytest.mark.parametrize("width", [390])
def test_a_thousand_lines_are_pasted_kept_reopened_and_posted(page_at, sign_in, shot, db, width):
    page = page_at(width)
    page.add_init_script(WATCH)
    sign_in(page, "kho_px")
    page.goto("/documents/new/receipt")
    page.select_option("#fund_code", "NSTP")
    page.focus("#search")
    slow = page.context.new_cdp_session(page)
    slow.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    paste(page, sheet(db))
    expect(page.locator("#foot-count")).to_have_text("1.000")
    assert worst(page) <= KEY_MS_MAX
    expect(page.locator(".entry-line").first).to_contain_text("viên")
    shot(page, f"entry-large-{width}")

    page.locator("#line-3-quantity").focus()
    page.keyboard.type("123456", delay=120)
    page.keyboard.press("ArrowDown")
    page.keyboard.type("77", delay=120)
    page.keyboard.press("Enter")
    page.keyboard.type("lo", delay=120)
    assert worst(page) <= KEY_MS_MAX
    page.evaluate("window.scrollTo(0, document.body.scrollHeight / 2)")
    page.wait_for_timeout(300)
    expect(page.locator("#line-500-quantity")).to_be_attached()
    expect(page.locator("#saved")).to_contain_text("Đã lưu nháp", timeout=30_000)

    began = time.monotonic()
    page.reload()
    expect(page.locator("#foot-count")).to_have_text("1.000")
    expect(page.locator("#line-3-quantity")).to_have_value("123.456")
    print(f"reopened in {time.monotonic() - began:.2f} s")
    page.locator("#line-2-quantity").focus()
    page.keyboard.type("55", delay=120)
    assert worst(page) <= KEY_MS_MAX

    began = time.monotonic()
    page.keyboard.press("Control+Enter")
    posted(page, "PN")
    print(f"posted in {time.monotonic() - began:.2f} s")
    assert count(db, "SELECT count(*) FROM entry") == LINES
