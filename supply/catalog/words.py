"""The names of kinds and categories for people."""

from __future__ import annotations

from supply.core.text import Text

CATEGORY = {
    "drug": Text("Thuốc", "Drugs"),
    "oxygen": Text("Oxy y tế", "Medical oxygen"),
    "ppe": Text("Phương tiện phòng hộ", "PPE"),
    "test_kit": Text("Xét nghiệm", "Test kits"),
    "vaccine": Text("Vắc xin", "Vaccines"),
    "chemical": Text("Hóa chất, khử khuẩn", "Chemicals, disinfectants"),
    "consumable": Text("Vật tư tiêu hao", "Consumables"),
    "equipment": Text("Trang thiết bị", "Equipment"),
}
FACILITY_KIND = {
    "medical_centre": Text("Trung tâm y tế", "Medical centre"),
    "ward_station": Text("Trạm y tế", "Ward health station"),
    "treatment_facility": Text("Cơ sở thu dung, điều trị", "Treatment facility"),
    "mobile_station": Text("Trạm y tế lưu động", "Mobile health station"),
    "private_clinic": Text("Phòng khám tư nhân", "Private clinic"),
}
COLD_CHAIN = {
    "none": Text("Không cần", "Not needed"),
    "2-8": Text("2 đến 8 °C", "2 to 8 °C"),
    "-20": Text("-20 °C", "-20 °C"),
    "-70": Text("-70 °C", "-70 °C"),
}
VEHICLE_COLD_CHAIN = COLD_CHAIN | {"none": Text("Không có", "None")}
PARTNER_KIND = {
    "supplier": Text("Nhà cung cấp", "Supplier"),
    "donor": Text("Nhà tài trợ", "Donor"),
}
FUND_KIND = {
    "budget": Text("Ngân sách", "Budget"),
    "covid_fund": Text("Quỹ chống dịch", "COVID-19 fund"),
    "donation": Text("Tài trợ, viện trợ", "Donation, aid"),
    "insurance": Text("Bảo hiểm y tế", "Health insurance"),
    "patient": Text("Người bệnh trả", "Paid by patients"),
    "other": Text("Nguồn hợp pháp khác", "Other legal source"),
}
