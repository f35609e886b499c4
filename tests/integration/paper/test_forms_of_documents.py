"""Every document has its form, and the form says what the ledger says."""

from __future__ import annotations

import datetime as dt

import pytest

from supply.core import files, jobs
from supply.core.errors import InvalidInput, NotFound
from supply.core.scope import acting_as
from supply.core.text import group_digits
from supply.inventory import queries as inventory
from supply.inventory.asking import ask
from supply.paper import services
from supply.paper.forms import Typed
from supply.paper.orders import LINES_AT_ONCE, Order
from supply.paper.words import amount_in_words
from tests.integration.paper.conftest import FIRST, TODAY, Papers, text_of

VI, EN = Typed(), Typed("en")


@pytest.mark.parametrize(
    ("name", "title", "number"),
    [
        ("receipt", "PHIẾU NHẬP KHO", "C30-HD"),
        ("return", "PHIẾU NHẬP KHO", "C30-HD"),
        ("issue", "PHIẾU XUẤT KHO", "C31-HD"),
        ("dispatch", "PHIẾU XUẤT KHO CHUYỂN NỘI BỘ", ""),
        ("arrival", "PHIẾU NHẬP KHO", "C30-HD"),
        ("opening", "PHIẾU TỒN ĐẦU", ""),
        ("quarantine", "PHIẾU BIỆT TRỮ", ""),
        ("written_off", "BIÊN BẢN XỬ LÝ HÀNG HƯ HỎNG, HẾT HẠN, MẤT", ""),
        ("count_found", "BIÊN BẢN ĐIỀU CHỈNH TỒN KHO", ""),
        ("reversal", "PHIẾU ĐẢO", ""),
    ],
)
def test_each_kind_takes_its_form_and_states_the_ledgers_sum(
    papers: Papers, name: str, title: str, number: str
) -> None:
    who = papers.people["kho_px" if name == "arrival" else "kho_tt"]
    with acting_as(who):
        paper = services.voucher(papers.ids[name], VI)
        document = inventory.document(papers.ids[name])
    read = text_of([paper])
    assert title in read
    assert f"Số: {document.head.label}" in read
    assert (f"Mẫu số: {number}" in read) == bool(number)
    received = sum(
        line.amount_vnd
        for line in document.lines
        if line.to_kind != "loss" or name == "written_off"
    )
    assert f"{amount_in_words(received)}." in read
    assert group_digits(received) in read
    assert document.hash[:12] in read


def test_a_receipt_names_deliverer_paper_and_goods(papers: Papers) -> None:
    with acting_as(papers.people["kho_tt"]):
        read = text_of([services.voucher(papers.ids["receipt"], VI)])
    for words in (
        "Họ và tên người giao: Trần Văn Giao",
        "Theo chứng từ số: HĐ 0012/22",
        f"Ngày {FIRST:%d} tháng {FIRST:%m} năm {FIRST:%Y}",
        papers.items[0],
        "LO-1",
        "1.015.000",
        "Thông tư số",
    ):
        assert words in read


def test_what_people_typed_is_printed_as_typed(papers: Papers) -> None:
    with acting_as(papers.people["kho_tt"]):
        read = text_of([services.voucher(papers.ids["receipt"], VI)])
    assert "Giao đủ #strong[đậm] $x^2$ *sao* @ai" in read


def test_an_issue_shows_what_was_asked_and_why_less_was_given(papers: Papers) -> None:
    with acting_as(papers.people["kho_tt"]):
        paper = services.voucher(papers.ids["issue"], VI)
    first = paper.rows[0].cells
    assert (first[6], first[7]) == (350, 300)
    assert "Kho còn ít" in str(first[1])
    assert "Lý do xuất kho: Người bệnh tại cơ sở" in text_of([paper])


def test_what_a_transfer_lost_stands_between_sent_and_received(papers: Papers) -> None:
    with acting_as(papers.people["kho_px"]):
        paper = services.voucher(papers.ids["arrival"], VI)
    assert paper.rows[0].cells[6:8] == (100, 97)
    assert paper.totals[0].cells[9] == 97 * 1015


def test_a_transfer_carries_its_pick_list(papers: Papers) -> None:
    with acting_as(papers.people["kho_tt"]):
        paper = services.voucher(papers.ids["dispatch"], VI)
    assert [one.title for one in paper.appendix] == ["Phiếu soạn hàng"]
    assert "PHIẾU SOẠN HÀNG" in text_of([paper])
    # 100 tablets of an item whose usual pack is the box of 100.
    assert paper.appendix[0].rows[0].cells[7] == "1 × hộp 100 viên"


def test_a_reversed_voucher_says_so_in_print(papers: Papers) -> None:
    with acting_as(papers.people["kho_tt"]):
        label = inventory.document(papers.ids["reversal"]).head.label
        original = inventory.document(papers.ids["wrong"]).head.label
        assert f"ĐÃ ĐẢO bằng phiếu {label}" in text_of([services.voucher(papers.ids["wrong"], VI)])
        assert f"Đảo phiếu {original}" in text_of([services.voucher(papers.ids["reversal"], VI)])


def test_a_handover_names_both_sides(papers: Papers) -> None:
    with acting_as(papers.people["kho_tt"]):
        paper = services.handover(papers.ids["dispatch"], VI)
        sides = inventory.document(papers.ids["dispatch"]).head
    read = text_of([paper])
    assert "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM" in read
    assert f"Bên giao: {sides.facility_name.vi}" in read
    assert sides.counterpart_name
    assert f"Bên nhận: {sides.counterpart_name.vi}" in read


def test_what_nobody_handed_over_has_no_handover_minutes(papers: Papers) -> None:
    with acting_as(papers.people["kho_tt"]), pytest.raises(InvalidInput):
        services.handover(papers.ids["written_off"], VI)


def test_a_strangers_document_cannot_be_printed(papers: Papers) -> None:
    with acting_as(papers.people["kho_tb"]), pytest.raises(NotFound):
        services.voucher(papers.ids["receipt"], VI)


def test_the_stock_book_runs_from_opening_to_closing(papers: Papers) -> None:
    depot = papers.places["BD-TTYT"]
    last = FIRST + dt.timedelta(days=6)
    with acting_as(papers.people["kho_tt"]):
        paper = services.stock_book_paper(
            depot, papers.item_id(0), FIRST + dt.timedelta(days=1), last, VI
        )
        card = inventory.stock_card(depot, papers.item_id(0), FIRST + dt.timedelta(days=1), last)
    balances = [row.cells[7] for row in paper.rows]
    assert balances[0] == 1000
    assert balances[-1] == paper.totals[-1].cells[7] == card.closing
    moved = paper.totals[0].cells
    assert isinstance(moved[5], int)
    assert isinstance(moved[6], int)
    assert 1000 + moved[5] - moved[6] == card.closing
    read = text_of([paper])
    assert "SỔ KHO (THẺ KHO)" in read
    assert "S21-H" in read
    assert "Tồn đầu kỳ" in read


def test_usage_is_what_was_consumed_net_of_returns_by_purpose(papers: Papers) -> None:
    depot = papers.places["BD-TTYT"]
    last = FIRST + dt.timedelta(days=10)
    with acting_as(papers.people["kho_tt"]):
        drugs = services.usage_paper("usage_05d", depot, FIRST, last, VI)
        chemicals = services.usage_paper("usage_08d", depot, FIRST, last, VI)
        things = services.usage_paper("usage_09d", depot, FIRST, last, VI)
        consumed = ask(
            "SELECT sum(quantity)::bigint AS n FROM ledger_consumption(:ids, :first, :last)",
            ids=[depot],
            first=FIRST,
            last=last,
        )
    assert [c.title for c in drugs.columns[4:6]] == ["Người bệnh tại cơ sở", "Tổ COVID cộng đồng"]
    assert drugs.rows[0].cells[4:] == (250, 20, 270, 270 * 1015)
    assert chemicals.rows[0].cells[4:] == (5, 5, 5 * 20_000)
    assert things.rows == ()
    stated = sum(int(str(row.cells[-2])) for p in (drugs, chemicals, things) for row in p.rows)
    assert stated == consumed[0]["n"]
    assert "05D" in text_of([drugs])


def test_the_same_voucher_is_the_same_file_again(papers: Papers) -> None:
    with acting_as(papers.people["kho_tt"]):
        twice = [
            services.file_of([services.voucher(papers.ids["receipt"], VI)], "pdf") for _ in range(2)
        ]
    assert twice[0] == twice[1]


def test_an_english_print_is_english(papers: Papers) -> None:
    with acting_as(papers.people["kho_tt"]):
        read = text_of([services.voucher(papers.ids["issue"], EN)])
    assert "GOODS ISSUED VOUCHER" in read
    assert "dong." in read
    assert "Cộng" not in read


def test_the_movement_report_adds_up_and_ends_in_what_lies_there(papers: Papers) -> None:
    depot = papers.places["BD-TTYT"]
    last = FIRST + dt.timedelta(days=10)
    with acting_as(papers.people["kho_tt"]):
        query = f"facility={depot}&period=own&from={FIRST + dt.timedelta(days=1)}&to={last}"
        paper = services.movement_paper(query, VI)
        held = ask(
            """SELECT sum(b.amount_vnd)::bigint AS vnd FROM balance b
               JOIN location l ON l.id = b.location_id AND l.kind = 'store'
               WHERE b.facility_id = :id""",
            id=depot,
        )
    lines = [row.cells for row in paper.rows if row.style == "line"]
    assert lines
    for cells in lines:
        opening, opening_vnd, came, came_vnd, went, went_vnd, left, left_vnd = map(int, cells[4:])  # type: ignore[arg-type]
        assert opening + came - went == left
        assert opening_vnd + came_vnd - went_vnd == left_vnd
    assert paper.totals[0].cells[11] == held[0]["vnd"]
    read = text_of([paper])
    assert "BÁO CÁO NHẬP - XUẤT - TỒN" in read
    assert group_digits(held[0]["vnd"]) in read


def test_a_long_form_is_made_by_a_job_and_kept_for_whoever_asked(
    papers: Papers, monkeypatch: pytest.MonkeyPatch
) -> None:
    query = f"facility={papers.places['BD-TTYT']}&period=own&from={FIRST}&to={TODAY}"
    order = Order("movement", {"query": query}, Typed(names={"head": "Lê Văn A"}))
    monkeypatch.setitem(LINES_AT_ONCE, "pdf", 2)
    with acting_as(papers.people["kho_tt"]):
        assert order.is_long(order.paper(), "pdf")
        jobs.queue.cache_clear()
        job_id = jobs.enqueue("paper.print", **order.as_params(), file_type="pdf", name="bao-cao")
        jobs.run_now(job_id)
        kept = files.files()
    assert [file.name for file in kept] == ["bao-cao.pdf"]
    assert kept[0].size_bytes > 10_000
    with acting_as(papers.people["kho_tb"]):
        assert files.files() == []
