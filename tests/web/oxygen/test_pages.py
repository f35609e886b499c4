"""Pages of oxygen, as a browser asks for them."""

from __future__ import annotations

from tests.web.kits.conftest import key_of


def test_a_flow_is_entered_and_the_hours_follow(client_for, stocked):
    place = stocked(OX001=1)
    kho = client_for("kho_px")
    url = f"/oxygen/{place}"
    key = key_of(kho.text(url))
    done = kho.submit(f"{url}/flow", client_key=key, severe_patients="1", critical_patients="")
    assert done.status_code == 302
    page = kho.text(url)
    assert "10 giờ" in page
    assert "Rất gấp" in page
    assert "Rất gấp · 10 giờ" in kho.text("/oxygen/")
    assert "Oxy còn dùng được" in kho.text("/")


def test_cylinders_go_round_on_their_page_once(client_for, stocked):
    place = stocked(OX001=5, OX005=2)
    kho = client_for("kho_px")
    url = f"/oxygen/{place}"
    key = key_of(kho.text(url))
    for _ in range(2):
        assert kho.submit(f"{url}/use", client_key=key, **{"n-OX001": "2"}).status_code == 302
    assert "2 đang dùng" in kho.text("/oxygen/")
    key = key_of(kho.text(url))
    form = {"full-OX001": "2", "empty-OX001": "1", "price-OX001": "150.000", "fund": "NSTP"}
    refused = kho.submit(f"{url}/exchange", client_key=key, **form)
    assert refused.status_code == 422
    assert "Không đổi một lấy một (Bình 40 lít +1)" in refused.text
    assert 'value="150.000"' in refused.text
    done = kho.submit(f"{url}/exchange", client_key=key, **form, difference_reason="mượn vỏ")
    assert done.status_code == 302
    assert "<b>5</b> đầy" in kho.get("/oxygen/").text


def test_who_may_and_what_is_typed_wrong(client_for, stocked):
    place = stocked(OX001=5)
    kho, planner, other = client_for("kho_px"), client_for("kehoach"), client_for("kho_tb")
    url = f"/oxygen/{place}"
    assert "Ghi lưu lượng" not in planner.text(url)
    assert planner.submit(f"{url}/flow", client_key="x").status_code == 403
    assert other.get(url).status_code == 404
    key = key_of(kho.text(url))
    for form in ({"litres_per_minute": "nhiều"}, {"severe_patients": "-2"}, {"bar-OX001": "999"}):
        assert kho.submit(f"{url}/flow", client_key=key, **form).status_code == 422, form
    assert kho.submit(f"{url}/nothing", client_key=key).status_code == 404


def test_pages_read_in_english_too(client_for, stocked):
    place = stocked(OX004=1141)
    kho = client_for("kho_px")
    kho.get("/lang/en")
    page = kho.text(f"/oxygen/{place}")
    assert "1 L of liquid is about 860 L of gas" in page
    assert "860,0" in page  # 1,000 L of liquid give 860 m³
    assert "Medical oxygen" in kho.text("/oxygen/")


def test_officers_date_their_figures_and_others_only_read_them(client_for, stocked):
    place = stocked(OX001=1)
    kho, planner = client_for("kho_px"), client_for("kehoach")
    assert "cần xác nhận" in kho.text("/oxygen/figures")
    assert "Thêm định mức mới" not in kho.text("/oxygen/figures")
    form = {"name": "severe_litres_per_minute", "value": "12,5", "valid_from": "01/01/2021"}
    assert kho.submit("/oxygen/figures/norm", **form, source="QĐ 1").status_code == 403
    assert planner.submit("/oxygen/figures/norm", **form, source="").status_code == 422
    assert planner.submit("/oxygen/figures/norm", **form, source="QĐ 1").status_code == 302
    assert planner.submit("/oxygen/figures/norm", **form, source="QĐ 1").status_code == 409
    size = {"code": "OX001", "water_litres": "40", "pressure_bar": "200", "gas_litres": "8.000"}
    done = planner.submit(
        "/oxygen/figures/size", **size, valid_from="01/01/2021", source="Vỏ bình", confirmed="1"
    )
    assert done.status_code == 302
    url = f"/oxygen/{place}"
    key = key_of(kho.text(url))
    assert kho.submit(f"{url}/flow", client_key=key, severe_patients="1").status_code == 302
    page = kho.text(url)
    assert "12,5 lít/phút" in " ".join(page.replace('<span class="unit">', "").split())
    assert "8,0 m³" in " ".join(page.replace('<span class="unit">', "").split())
