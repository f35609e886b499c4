"""Papers of a document: checked, served harmlessly, seen with their document only, never deleted."""

from __future__ import annotations

import io
import socket
import threading
import zipfile
from collections.abc import Iterator
from contextlib import suppress

import pytest
from PIL import Image
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from waitress.server import create_server

from supply.core.web import UPLOAD_BYTES_MAX
from supply.inventory.attachment_files import FILE_BYTES_MAX, FILES_MAX
from tests.unit.inventory.test_attachment_files import pdf, picture
from tests.web.api.conftest import Depot


@pytest.fixture
def document(depot, posted) -> int:
    return int(posted(depot.receipt())["document_id"])


def colour(n: int) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (9, 9), (n, 5, 5)).save(out, "PNG")
    return out.getvalue()


def test_a_photo_is_kept_listed_and_served_so_that_it_can_do_nothing(depot, keeper, document):
    sent = keeper.upload(f"/documents/{document}/attachments", picture(), "../hóa đơn.exe")
    assert sent.status_code == 201, sent.text
    row = sent.json["result"]
    assert (row["name"], row["content_type"]) == ("hóa đơn.jpg", "image/jpeg")
    assert [a["id"] for a in keeper.found(f"/documents/{document}/attachments")] == [row["id"]]
    served = keeper.get(f"/attachments/{row['id']}/content")
    assert served.status_code == 200
    assert Image.open(io.BytesIO(served.data)).format == "JPEG"
    assert served.headers["X-Content-Type-Options"] == "nosniff"
    policy = served.headers["Content-Security-Policy"]
    assert "sandbox" in policy
    assert "default-src 'none'" in policy
    assert served.headers["Content-Disposition"].startswith("inline; filename*=UTF-8''h%C3%B3a")
    assert "\r" not in served.headers["Content-Disposition"]
    again = keeper.upload(f"/documents/{document}/attachments", picture())
    assert (again.status_code, again.json["result"]["id"]) == (200, row["id"])


def test_a_pdf_is_saved_not_opened(keeper, document):
    row = keeper.upload(f"/documents/{document}/attachments", pdf(), "a.pdf").json["result"]
    served = keeper.get(f"/attachments/{row['id']}/content")
    assert served.headers["Content-Disposition"].startswith("attachment;")
    assert served.data == pdf()


def zip_bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a", b"\0" * 30_000_000)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "name", "status"),
    [
        (b"<script>alert(1)</script>", "a.jpg", 415),
        (b"<svg onload='alert(1)'/>", "a.png", 415),
        (zip_bomb(), "hóa đơn.pdf", 415),
        (b"%PDF-1.7\n" + zip_bomb(), "a.pdf", 422),
        (pdf(tail=zip_bomb()), "a.pdf", 422),
        (pdf(b"4 0 obj <</S/JavaScript/JS(x)>> endobj\n"), "a.pdf", 422),
        (b"", "a.jpg", 422),
        (b"\xff\xd8\xff" + b"\0" * 200, "a.jpg", 422),
        (b"%PDF-1.7" + b"\0" * FILE_BYTES_MAX, "a.pdf", 413),
    ],
)
def test_what_is_no_plain_paper_is_refused_in_words(depot, keeper, document, content, name, status):
    before = depot.one("SELECT count(*) FROM attachment")
    answer = keeper.upload(f"/documents/{document}/attachments", content, name)
    assert answer.status_code == status, answer.text
    assert answer.mimetype == "application/problem+json"
    assert len(answer.json["title"]) > 5
    assert depot.one("SELECT count(*) FROM attachment") == before


def test_a_form_without_its_one_file_is_refused(keeper, document):
    path = f"/documents/{document}/attachments"
    assert keeper.call("POST", path, json={}).status_code == 415
    for data in ({}, {"file": "words"}, {"other": (io.BytesIO(picture()), "a.jpg")},
                 {"file": (io.BytesIO(picture()), "a.jpg"), "note": "x"}):  # fmt: skip
        answer = keeper.call("POST", path, data=data, content_type="multipart/form-data")
        assert answer.status_code == 422, answer.text


def test_another_facilitys_papers_are_not_found_and_the_other_side_of_a_transfer_may_look(
    depot, keeper, posted, document
):
    row = keeper.upload(f"/documents/{document}/attachments", picture()).json["result"]
    stranger, auditor = depot.program("kho_tb"), depot.program("thanhtra")
    for path in (f"/attachments/{row['id']}", f"/attachments/{row['id']}/content"):
        assert stranger.get(path).status_code == 404
        assert auditor.get(path).status_code == 200
    assert stranger.upload(f"/documents/{document}/attachments", picture()).status_code == 404
    assert stranger.send(f"/attachments/{row['id']}/removal", {"reason": "x"}).status_code == 404
    assert auditor.upload(f"/documents/{document}/attachments", picture()).status_code == 403
    sent = posted(
        depot.issue(5) | {
            "kind": "transfer_dispatch",
            "counterpart_facility_id": depot.places["BD-TYT-02"],
        }
    )["document_id"]  # fmt: skip
    paper = keeper.upload(f"/documents/{sent}/attachments", picture()).json["result"]["id"]
    assert stranger.get(f"/attachments/{paper}/content").status_code == 200
    assert stranger.send(f"/attachments/{paper}/removal", {"reason": "x"}).status_code == 403


def test_what_is_taken_away_is_marked_and_stays_for_the_auditor(depot, keeper, document):
    row = keeper.upload(f"/documents/{document}/attachments", picture()).json["result"]
    path = f"/attachments/{row['id']}/removal"
    assert keeper.send(path, {}).status_code == 422
    assert keeper.send(path, {"reason": "  "}).status_code == 422
    gone = keeper.send(path, {"reason": "Chụp nhầm"})
    assert gone.status_code == 200, gone.text
    assert gone.json["result"]["removed_reason"] == "Chụp nhầm"
    assert keeper.send(path, {"reason": "Chụp nhầm"}).status_code == 409
    assert depot.program("thanhtra").get(f"/attachments/{row['id']}/content").status_code == 200
    # Not even the owner of the database changes or deletes one.
    for sql in (
        "DELETE FROM attachment WHERE id = :id",
        "UPDATE attachment SET content = 'x', size_bytes = 1 WHERE id = :id",
        "UPDATE attachment SET removed_reason = 'khác' WHERE id = :id",
        "UPDATE attachment SET name = 'khac.jpg' WHERE id = :id",
    ):
        with pytest.raises(DBAPIError, match="attachment_kept"):
            depot.change(sql, id=row["id"])


def test_a_drafts_papers_go_with_it_to_the_document_or_away(depot, keeper, document):
    draft = keeper.send("/drafts", depot.issue(1)).json["result"]["id"]
    row = keeper.upload(f"/drafts/{draft}/attachments", picture()).json["result"]
    assert [a["id"] for a in keeper.found(f"/drafts/{draft}/attachments")] == [row["id"]]
    posted = keeper.send(f"/drafts/{draft}/post", None).json["result"]["document_id"]
    assert [a["id"] for a in keeper.found(f"/documents/{posted}/attachments")] == [row["id"]]
    assert keeper.upload(f"/drafts/{draft}/attachments", colour(3)).status_code == 409
    thrown = keeper.send("/drafts", depot.issue(1)).json["result"]["id"]
    gone = keeper.upload(f"/drafts/{thrown}/attachments", picture()).json["result"]["id"]
    assert keeper.call("DELETE", f"/drafts/{thrown}").status_code == 204
    assert keeper.get(f"/attachments/{gone}").status_code == 404


def test_a_document_holds_so_many_papers_and_no_more(depot, keeper, document):
    path = f"/documents/{document}/attachments"
    rows = [keeper.upload(path, colour(n)) for n in range(FILES_MAX)]
    assert {r.status_code for r in rows} == {201}
    assert keeper.upload(path, colour(99)).status_code == 409
    keeper.send(f"/attachments/{rows[0].json['result']['id']}/removal", {"reason": "thừa"})
    assert keeper.upload(path, colour(99)).status_code == 201


def test_the_tables_say_the_same_as_the_endpoints(depot, keeper, document):
    """Straight to the database as the web role, without a scope: nothing."""
    keeper.upload(f"/documents/{document}/attachments", picture())
    with depot.db.web_engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM attachment")).scalar() == 0
        assert connection.execute(text("SELECT count(*) FROM api_key")).scalar() == 0


# --- 60 MB -------------------------------------------------------------------------------------------


@pytest.fixture
def port(depot: Depot) -> Iterator[int]:
    """A server as `serve` starts it."""
    server = create_server(
        depot.app, host="127.0.0.1", port=0, threads=2, max_request_body_size=UPLOAD_BYTES_MAX
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield server.effective_port
    server.close()
    thread.join(timeout=10)


HEAD = (
    "POST /api/v1/documents/{id}/attachments HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\n"
    "Content-Type: multipart/form-data; boundary=b\r\n{length}\r\n\r\n"
)


def head(keeper, document: int, length: str) -> bytes:
    return HEAD.format(id=document, key=keeper.key, length=length).encode()


def test_sixty_megabytes_are_refused_before_a_byte_of_them_is_sent(port, keeper, document):
    with socket.create_connection(("127.0.0.1", port), timeout=20) as line:
        line.sendall(head(keeper, document, "Content-Length: 60000000"))
        assert b" 413 " in line.recv(200)


def test_sixty_megabytes_of_unsaid_length_are_cut_off_while_they_come(port, keeper, document):
    piece = b"100000\r\n" + b"x" * 0x100000 + b"\r\n"
    answer, sent = b"", 0
    with socket.create_connection(("127.0.0.1", port), timeout=20) as line:
        line.sendall(head(keeper, document, "Transfer-Encoding: chunked"))
        line.settimeout(0.02)
        for _ in range(60):
            with suppress(TimeoutError):
                answer += line.recv(500)
            if answer:
                break
            try:
                line.settimeout(20)
                line.sendall(piece)
            except (BrokenPipeError, ConnectionResetError):
                break
            line.settimeout(0.02)
            sent += len(piece)
        line.settimeout(20)
        with suppress(ConnectionResetError, TimeoutError):
            answer += line.recv(500)
    assert sent < 40_000_000
    assert not answer or b" 413 " in answer


def test_the_application_itself_refuses_them_whatever_stands_before_it(depot, keeper, document):
    class Unread(io.RawIOBase):
        """A body that fails the test when it is read."""

        def readable(self) -> bool:
            return True

        def readinto(self, _buffer: object) -> int:
            raise AssertionError("the body was read")

    answer = keeper.call(
        "POST",
        f"/documents/{document}/attachments",
        content_type="multipart/form-data; boundary=b",
        environ_overrides={"wsgi.input": Unread(), "CONTENT_LENGTH": "60000000"},
    )
    assert answer.status_code == 413
    assert answer.mimetype == "application/problem+json"
    endless = io.BytesIO(
        b"--b\r\nContent-Disposition: form-data; name=file; filename=a\r\n\r\n" + b"x" * 30_000_000
    )
    answer = keeper.call(
        "POST", f"/documents/{document}/attachments", input_stream=endless,
        content_type="multipart/form-data; boundary=b",
        environ_overrides={"wsgi.input_terminated": True, "CONTENT_LENGTH": ""},
    )  # fmt: skip
    assert answer.status_code == 413, answer.text
    assert endless.tell() < 15_000_000
