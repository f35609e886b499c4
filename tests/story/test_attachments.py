"""A storekeeper photographs the invoice with the phone; the auditor sees what was taken away."""

from __future__ import annotations

import io

from PIL import Image
from playwright.sync_api import Page, expect
from sqlalchemy import text

from supply.core.scope import acting_as
from supply.inventory import services
from supply.inventory.documents import Receipt, ReceiptLine


def photo(size: tuple[int, int] = (3000, 2200)) -> bytes:
    """A large photo that says where it was taken."""
    marks = Image.Exif()
    marks[0x8825] = {1: "N", 2: (21.0, 2.0, 3.0)}
    out = io.BytesIO()
    noise = Image.effect_noise(size, 60).convert("RGB")
    noise.save(out, "JPEG", quality=92, exif=marks)
    return out.getvalue()


def receipt(db, people) -> int:
    with db.owner_engine.connect() as connection:
        place = connection.execute(
            text("SELECT id FROM facility WHERE code = 'BD-TYT-01'")
        ).scalar()
    line = ReceiptLine(item_code="TH001", quantity=500, fund_code="NSTP", unit_price_vnd=350)
    with acting_as(people["kho_px"]):
        return services.post(
            Receipt(
                facility_id=place, lines=[line], partner_code="NCC01", paper_reference="HĐ 0012345"
            )
        ).document_id


def attach(page: Page, name: str, content: bytes, kind: str = "image/jpeg") -> None:
    page.locator("section.attachments input[type=file]").last.set_input_files(
        {"name": name, "mimeType": kind, "buffer": content}
    )


def test_the_invoice_is_photographed_and_a_wrong_one_marked_as_removed(
    page_at, sign_in, shot, db, people
):
    document = receipt(db, people)
    page = page_at(390)
    sign_in(page, "kho_px")
    page.goto(f"/documents/{document}")
    papers = page.locator("section.attachments")
    expect(papers).to_contain_text("Chụp hoặc chọn hóa đơn")
    assert page.locator("section.attachments input[capture]").get_attribute("accept") == "image/*"
    attach(page, "IMG_2041.JPG", photo())
    link = papers.get_by_role("link", name="IMG_2041.jpg")
    expect(link).to_be_visible()
    with db.owner_engine.connect() as connection:
        kept = connection.execute(text("SELECT content FROM attachment")).scalar()
    picture = Image.open(io.BytesIO(bytes(kept)))
    assert max(picture.size) == 2560  # shrunk on the phone before it travelled
    assert not picture.getexif()
    attach(page, "ghi-chu.txt", b"chi la chu", "text/plain")
    expect(papers.get_by_role("alert")).to_contain_text("Chỉ nhận ảnh JPEG")
    papers.scroll_into_view_if_needed()
    shot(page, "attachments-390")
    papers.get_by_role("button", name="Bỏ").click()
    attach(page, "nham.jpg", photo((300, 200)))
    expect(papers.get_by_role("link", name="nham.jpg")).to_be_visible()
    papers.get_by_role("button", name="Gỡ").last.click()
    page.fill("#attachment-removal-reason", "Chụp nhầm hóa đơn khác")
    shot(page, "attachments-removal-390")
    page.get_by_role("button", name="Gỡ tệp").click()
    expect(papers).to_contain_text("Đã gỡ bởi")
    page.reload()
    expect(papers.locator("li")).to_have_count(2)

    auditor = page_at(1280)
    sign_in(auditor, "thanhtra")
    auditor.goto(f"/documents/{document}")
    seen = auditor.locator("section.attachments")
    expect(seen).to_contain_text("Chụp nhầm hóa đơn khác")
    expect(seen.get_by_role("button")).to_have_count(0)
    seen.scroll_into_view_if_needed()
    shot(auditor, "attachments-1280")


def test_a_key_is_made_copied_once_and_revoked(page_at, sign_in, shot):
    page = page_at(1280)
    sign_in(page, "kho_px")
    page.get_by_role("link", name="Khóa API").first.click()
    page.fill("#name", "Phần mềm HIS bệnh viện")
    page.select_option("#scope", "write")
    page.get_by_role("button", name="Tạo khóa").click()
    key = page.locator("#new-key").input_value()
    assert key.startswith("supply_")
    shot(page, "api-keys-1280")
    page.goto("/api-keys/")
    expect(page.locator("#new-key")).to_have_count(0)
    expect(page.get_by_text("Phần mềm HIS bệnh viện")).to_be_visible()
    page.get_by_role("button", name="Thu hồi").click()
    page.get_by_role("button", name="Đồng ý").click()
    expect(page.get_by_text("đã thu hồi", exact=True)).to_be_visible()
    phone = page_at(390)
    sign_in(phone, "kho_px")
    phone.goto("/api-keys/")
    shot(phone, "api-keys-390")


def test_the_interface_describes_itself_on_a_page(page_at, sign_in, shot):
    page = page_at(1280)
    sign_in(page, "kho_px")
    page.goto("/swagger/v1")
    expect(page.get_by_text("/api/v1/documents", exact=True).first).to_be_visible()
    shot(page, "api-reference-1280")


def test_the_invoice_is_attached_while_the_receipt_is_written_and_goes_with_it(
    page_at, sign_in, shot, db, people
):
    page = page_at(390)
    sign_in(page, "kho_px")
    page.goto("/documents/new/receipt")
    papers = page.locator("section.attachments")
    attach(page, "hoa-don.jpg", photo((400, 300)))  # before anything is written: said, not lost
    expect(papers.get_by_role("alert")).to_contain_text("thêm một dòng hàng trước")
    page.select_option("#partner_code", "NCC01")
    page.select_option("#fund_code", "NSTP")
    page.fill("#search", "paracetamol 500")
    page.keyboard.press("Enter")
    page.keyboard.type("20")
    page.keyboard.press("Enter")
    papers.get_by_role("button", name="Thử lại").click()
    expect(papers.get_by_role("link", name="hoa-don.jpg")).to_be_visible()
    papers.scroll_into_view_if_needed()
    shot(page, "attachments-draft-390")
    with db.owner_engine.connect() as connection:
        row = connection.execute(text("SELECT draft_id, document_id FROM attachment")).one()
    assert row.draft_id is not None
    assert row.document_id is None
