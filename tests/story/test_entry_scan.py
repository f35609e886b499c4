"""Boxes scanned one after the other, by a keyboard wedge and by the camera."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
import segno
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.browser import arguments, executable
from tests.story.stocked import GTIN, count, posted

BOX = f"01{GTIN}10AB12\x1d17281231"


def wedge(page: Page, text: str) -> None:
    """As a scanner types: fast, FNC1 as Ctrl ], Enter at the end, wherever the caret stands."""
    for number, part in enumerate(text.split("\x1d")):
        if number:
            page.keyboard.press("Control+BracketRight")
        page.keyboard.type(part)
    page.keyboard.press("Enter")


def cell(page: Page, line: int, name: str, value: str) -> None:
    expect(page.locator(f"#line-{line}-{name}")).to_have_value(value)


def teach(page: Page, letters: str) -> None:
    """The dialog for an unknown code: the item by its letters, the proposed pack, done."""
    expect(page.locator("#chooser")).to_be_visible()
    page.keyboard.type(letters, delay=30)
    page.keyboard.press("Enter")
    expect(page.locator("#chooser-pack")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#chooser")).to_be_hidden()


@pytest.mark.parametrize("width", [1280, 390])
def test_boxes_are_scanned_one_after_the_other(page_at, sign_in, shot, db, people, width):
    page = page_at(width)
    sign_in(page, "kho_px")
    page.goto("/documents/new/receipt")
    page.select_option("#partner_code", "NCC01")
    page.select_option("#fund_code", "NSTP")
    page.focus("#search")
    wedge(page, BOX)
    expect(page.locator("#chooser")).to_contain_text(GTIN)
    shot(page, f"entry-learn-{width}")
    teach(page, "para 500")
    cell(page, 1, "quantity", "1")
    cell(page, 1, "lot_number", "AB12")
    cell(page, 1, "expiry", "31/12/2028")
    wedge(page, BOX)  # the same lot adds up; the caret stood in the quantity
    cell(page, 1, "quantity", "2")
    wedge(page, f"01{GTIN}10ZZ9\x1d17290131\x1d375")
    cell(page, 2, "quantity", "5")
    cell(page, 2, "lot_number", "ZZ9")
    wedge(page, GTIN[1:])  # a plain EAN: one more of the last, its lot and expiry stay
    cell(page, 2, "quantity", "6")
    cell(page, 2, "lot_number", "ZZ9")
    cell(page, 2, "expiry", "31/01/2029")
    wedge(page, f"01{GTIN}10AB12\x1d17270630")  # another expiry on the same lot: kept, and said
    cell(page, 1, "quantity", "3")
    cell(page, 1, "expiry", "31/12/2028")
    expect(page.locator(".toasts")).to_contain_text("giữ hạn trong phiếu")
    wedge(page, f"01{GTIN[:-1]}110AB12")
    expect(page.locator("#summary")).to_contain_text("sai số kiểm tra")
    expect(page.locator(".entry-line")).to_have_count(2)
    shot(page, f"entry-scanned-{width}")
    for line in (1, 2):
        page.locator(f"#line-{line}-unit_price_vnd").fill("35000")
    page.keyboard.press("Control+Enter")
    posted(page, "PN")
    assert count(db, "SELECT sum(quantity) FROM balance") == 900
    assert count(db, "SELECT count(*) FROM learned_code") == 1

    page.goto("/documents/new/issue")
    page.focus("#search")
    wedge(page, f"01{GTIN}10ZZ9\x1d17290131")
    cell(page, 1, "lot_number", "ZZ9")
    expect(page.locator(".entry-line").first).to_contain_text("Lô AB12 hết hạn trước (31/12/2028)")
    page.locator("#line-1-reason").fill("Lô AB12 ở tủ khác")
    page.keyboard.press("Control+Enter")
    posted(page, "PX")


# --- the camera ----------------------------------------------------------------------------------


def picture(text: str) -> Image.Image:
    """A QR code of the text on a white sheet, as a lens might see it."""
    file = io.BytesIO()
    segno.make(text, error="m").save(file, kind="png", scale=8, border=4)
    sheet = Image.new("RGB", (640, 480), "white")
    code = Image.open(file).convert("RGB")
    sheet.paste(code, ((640 - code.width) // 2, (480 - code.height) // 2))
    return sheet


@pytest.fixture
def camera(browser: Browser, server_url: str, tmp_path: Path) -> Iterator[Page]:
    """A page of a phone whose camera looks at a box."""
    frame = io.BytesIO()
    picture(BOX).save(frame, "JPEG", quality=92)
    film = tmp_path / "box.mjpeg"
    film.write_bytes(frame.getvalue() * 3)
    seen = (
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-video-capture={film}",
    )
    phone = browser.browser_type.launch(executable_path=executable(), args=[*arguments(), *seen])
    context = phone.new_context(
        base_url=server_url, viewport={"width": 390, "height": 844}, locale="vi-VN"
    )
    context.grant_permissions(["camera"])
    yield context.new_page()
    phone.close()


def test_the_camera_reads_a_box_and_a_picture_does_where_there_is_none(
    camera, sign_in, shot, people, tmp_path
):
    told: list[str] = []
    camera.on("console", lambda said: told.append(said.text) if said.type == "error" else None)
    camera.on("pageerror", lambda error: told.append(str(error)))
    sign_in(camera, "kho_px")
    camera.goto("/documents/new/receipt")
    assert "zxing" not in camera.content().split("data-decoder")[0]
    camera.locator("#open-camera").click()
    expect(camera.locator("#camera-said")).to_contain_text(GTIN)
    shot(camera, "entry-camera-390")
    teach(camera, "para 500")
    camera.locator("#camera [data-close]").click()
    cell(camera, 1, "quantity", "1")
    cell(camera, 1, "lot_number", "AB12")
    cell(camera, 1, "expiry", "31/12/2028")

    other = tmp_path / "other.png"
    picture(f"01{GTIN}10CD34\x1d17290228").save(other)
    camera.locator("#open-camera").click()
    camera.set_input_files("#camera-file", other)
    cell(camera, 2, "lot_number", "CD34")
    assert not told, told
