"""All or nothing, once only, only what is new, only where one may."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import text

from supply.core.errors import Conflict, NotAllowed
from supply.core.scope import acting_as, enter_scope
from supply.core.transaction import transaction
from supply.imports import posting, queries, running
from supply.imports.booking import book
from supply.imports.columns import FileKind
from supply.imports.gathering import gather
from supply.inventory.documents import Reversal
from supply.inventory.periods import close_period
from supply.inventory.services import post
from supply.inventory.verify import verify_ledger

HEAD = "Ngày,Mã cơ sở,Loại phiếu,Số chứng từ,Mã đối tác,Mã hàng,Số lô,Hạn dùng,Nguồn quỹ,Số lượng,Đơn giá,Cơ sở đối ứng,Số chứng từ gốc,Tăng/giảm,Lý do\n"
IN = "01/03/2022,BD-TYT-01,PN,HD1,NCC01,TH001,A,12/2024,NSTP,100,10,,,,\n"
OUT = "05/03/2022,BD-TYT-01,PX,PX1,,TH001,,,,30,,,,,\n"


def run(rows: str, kind: FileKind = FileKind.HISTORY) -> running.Outcome:
    return running.run(running.open_file(kind, "f.csv", (HEAD + rows).encode()), "import:7")


def faults(outcome: running.Outcome) -> list[tuple[int | None, str]]:
    return [(f.line, f.field) for f in outcome.faults.listed()]


def count(db, what: str = "entry") -> int:
    with db.owner_engine.connect() as connection:
        return connection.execute(text(f"SELECT count(*) FROM {what}")).scalar_one()


def test_the_same_file_twice_changes_nothing_and_a_longer_one_adds_the_rest(db, keeper):
    assert run(IN + OUT).new == {"receipt": 1, "issue": 1}
    before = count(db)
    again = run(OUT + IN)
    assert (again.new, again.already, again.posted) == ({}, 2, True)
    assert count(db) == before
    more = run(IN + OUT + "06/03/2022,BD-TYT-01,PX,PX2,,TH001,A,,,70,,,,,\n")
    assert (more.new, more.already) == ({"issue": 1}, 2)
    assert count(db) == before + 1
    assert verify_ledger().is_sound


def test_a_known_paper_with_other_content_is_a_clash_until_it_is_reversed(db, keeper):
    run(IN + OUT)
    changed = OUT.replace(",30,", ",31,")
    assert faults(run(changed)) == [(2, "paper_reference")]
    with db.owner_engine.connect() as connection:
        found = connection.execute(
            text("SELECT id, facility_id FROM document WHERE kind = 'issue'")
        ).one()
    post(Reversal(facility_id=found.facility_id, reverses_id=found.id, reason="Nhập sai"))
    assert run(changed).new == {"issue": 1}


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("05/03/2022,BD-TYT-01,PX,PX1,,TH001,,,,101,,,,,\n", (3, "quantity")),
        ("05/03/2022,BD-TYT-01,PX,PX1,,TH001,B,,,1,,,,,\n", (3, "lot_number")),
        ("28/02/2022,BD-TYT-01,PX,PX1,,TH001,,,,1,,,,,\n", (3, "quantity")),
        ("05/03/2025,BD-TYT-01,PX,PX1,,TH001,A,,,1,,,,,\n", (3, "lot_number")),
        ("05/03/2099,BD-TYT-01,PX,PX1,,TH001,,,,1,,,,,\n", (3, "happened_on")),
        ("05/03/2022,BD-TD,PX,PX1,,TH001,,,,1,,,,,\n", (3, "facility")),
        ("05/03/2022,BD-TYT-01,PN,X,,TH001,A,01/2025,NSTP,1,1,,,,\n", (3, "expiry")),
        ("05/03/2022,BD-TYT-01,PN,X,,TH001,A,12/2024,,1,1,,,,\n", (3, "fund")),
        ("05/03/2022,BD-TYT-01,PN,X,,TH001,A,12/2024,NSTP,1,,,,,\n", (3, "unit_price_vnd")),
        ("05/03/2022,BD-TYT-01,PC,X,,TH001,,,,1,,BD-TYT-01,,,\n", (3, "counterpart")),
        ("05/03/2022,BD-TYT-01,NC,X,,TH001,,,,1,,BD-TTYT,PC9,,\n", (3, "source_paper")),
        ("05/03/2022,BD-TYT-01,DC,X,,TH001,A,,,1,,,,tăng,Hết hạn\n", (3, "direction")),
        ("05/03/2022,BD-TYT-01,DC,X,,TH001,A,,,1,,,,giảm,vì thế\n", (3, "reason")),
        ("05/03/2022,BD-TYT-01,LB,X,,TH001,A,,,1,,,,,\n", (3, "kind")),
    ],
    ids=["too much", "no such lot", "before it came", "expired", "future", "not mine", "other expiry",
         "no fund", "no price", "to itself", "no dispatch", "wrong way", "no such reason", "kit"],
)  # fmt: skip
def test_one_wrong_row_keeps_the_whole_file_out(db, keeper, row, fault):
    outcome = run(IN + row)
    assert faults(outcome) == [fault]
    assert not outcome.posted
    assert count(db) == count(db, "lot") == count(db, "consignment") == 0
    checked = running.check(
        running.open_file(FileKind.HISTORY, "f.csv", (HEAD + IN + row).encode())
    )
    assert faults(checked) == [fault]


def test_rare_kinds_go_through_the_door_one_by_one(db, keeper):
    rows = IN + "02/03/2022,BD-TYT-01,BT,Q1,,TH001,A,,,40,,,,,Chờ kiểm nghiệm\n"
    outcome = run(rows + OUT)
    assert outcome.new == {"receipt": 1, "issue": 1, "quarantine": 1}
    assert run(rows + OUT).already == 3
    short = run(
        rows
        + "07/03/2022,BD-TYT-01,BT,Q2,,TH001,A,,,40,,,,,Chờ\n07/03/2022,BD-TYT-01,PX,P,,TH999,,,,1,,,,,\n"
    )
    assert faults(short) == [(5, "item")]
    short = run(rows + "07/03/2022,BD-TYT-01,BT,Q2,,TH001,A,,,40,,,,,Chờ\n")
    assert faults(short) == [(4, "quantity")]
    assert count(db) == 3
    assert verify_ledger().is_sound


def test_opening_balances_of_expired_goods_are_taken(db, keeper):
    rows = "01/03/2022,BD-TYT-01,,T1,,TH001,A,12/2020,NSTP,100,10,,,,\n"
    assert run(rows, FileKind.OPENING).new == {"opening": 1}
    assert verify_ledger().is_sound


# --- the second way in believes nothing -----------------------------------------------------------

FORGED = {
    "quantity": lambda m: (*m[:4], m[4] + 100, m[5]),
    "value": lambda m: (*m[:5], m[5] + 1),
    "way": lambda m: (*m[:3], 1 - m[3], *m[4:]),
    "thing": lambda m: (*m[:2], m[2] + 1, *m[3:]),
    "document": lambda m: (m[0] + 1, *m[1:]),
    "place in the document": lambda m: (m[0], 0, *m[2:]),
    "nothing": lambda m: (*m[:4], 0, 0),
}


@pytest.mark.parametrize("what", FORGED)
def test_rows_that_break_a_rule_are_refused_by_the_database(db, keeper, what):
    with pytest.raises(Conflict):
        post_forged(FORGED[what])
    assert count(db) == 0


def post_forged(forge, before_posting=lambda session: None) -> None:
    """The file's documents, its last move changed after it was worked out."""
    table = running.open_file(FileKind.HISTORY, "f.csv", (HEAD + IN + OUT).encode())
    known = queries.known()
    papers = gather(table, known)
    with transaction() as session:
        posting.begin(session, papers)
        prepared = posting.prepare(session, papers, known, table.faults)
        ledger = queries.ledger(session, prepared.papers, known)
        book(prepared.papers, {}, ledger, table.faults.add)
        ledger.moves[-1] = forge(ledger.moves[-1])
        posting.stage_documents(session, prepared.papers, {}, "import:7")
        session.execute(text("SELECT ledger_bulk_heads()"))
        posting.stage_moves(session, posting.booked(ledger))
        before_posting(session)
        session.execute(text("SELECT ledger_bulk_post()"))


def stage_one_more(session) -> None:
    session.execute(text("INSERT INTO pg_temp.bulk_document (n, facility_id) VALUES (9, 1)"))


def close_the_books(session) -> None:
    facility = session.execute(text("SELECT id FROM facility WHERE code = 'BD-TYT-01'")).scalar()
    close_period(facility, dt.date(2022, 3, 31))


def act_as_another(session) -> None:
    other = text("SELECT id FROM ab_user WHERE username = 'kehoach'")
    with acting_as(session.execute(other).scalar_one()):
        enter_scope(session.connection())


@pytest.mark.parametrize(
    ("change", "refused"),
    [(stage_one_more, NotAllowed), (close_the_books, Conflict), (act_as_another, Conflict)],
)
def test_nothing_is_changed_between_the_proof_of_the_documents_and_the_posting(
    db, keeper, change, refused
):
    with pytest.raises(refused):
        post_forged(lambda move: move, change)
    assert count(db) == 0


def test_documents_that_were_not_proved_are_not_posted(db, keeper):
    with pytest.raises(Conflict):
        post_unproved()


def post_unproved() -> None:
    table = running.open_file(FileKind.HISTORY, "f.csv", (HEAD + IN).encode())
    papers = gather(table, queries.known())
    with transaction() as session:
        posting.begin(session, papers)
        session.execute(text("SELECT ledger_bulk_post()"))


def test_the_second_way_in_knows_whose_store_it_is(db, keeper, people):
    table = running.open_file(FileKind.HISTORY, "f.csv", (HEAD + IN).encode())
    papers = gather(table, queries.known())
    with acting_as(people["kho_tb"]), pytest.raises(NotAllowed), transaction() as session:
        posting.begin(session, papers)
    with acting_as(people["kehoach"]), pytest.raises(NotAllowed), transaction() as session:
        posting.begin(session, papers)


def test_staging_tables_of_the_callers_own_making_are_not_read(db, keeper):
    with pytest.raises(Conflict):
        post_own_tables()


def post_own_tables() -> None:
    with transaction() as session:
        for name in ("scope", "document", "lot", "consignment", "staged", "line"):
            session.execute(text(f"CREATE TEMP TABLE bulk_{name} (n int)"))
        session.execute(text("SELECT ledger_bulk_post()"))


def test_an_owner_who_may_not_switch_references_off_posts_all_the_same(db, keeper):
    with db.owner_engine.begin() as connection:
        connection.execute(
            text(
                "CREATE OR REPLACE FUNCTION ledger_bulk_trust(p_on boolean) RETURNS void"
                " LANGUAGE sql AS $$ SELECT NULL::void $$"
            )
        )
    assert run(IN + OUT).posted
    assert verify_ledger().is_sound


def test_a_first_load_makes_the_indexes_anew_and_leaves_them_as_they_were(db, keeper):
    ask = text(
        "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' UNION ALL"
        " SELECT format('%s %s %s', conrelid::regclass, conname, pg_get_constraintdef(oid))"
        " FROM pg_constraint ORDER BY 1"
    )
    with db.owner_engine.connect() as connection:
        before = connection.execute(ask).scalars().all()
    rows = "".join(
        f"{1 + n // 400:02d}/03/2022,BD-TYT-01,PN,HD{n // 40},,TH001,L{n % 40},12/2024,NSTP,1,10,,,,\n"
        for n in range(10_400)
    )
    assert run(rows).entries == 10_400
    with db.owner_engine.connect() as connection:
        assert connection.execute(ask).scalars().all() == before
    assert verify_ledger().is_sound
