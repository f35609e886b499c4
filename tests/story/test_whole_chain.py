"""From an empty folder to a carried-out plan: `serve --demo`, the printed link, and the district's day.

This is what `make run` starts, in a process of its own on an embedded server of its own.
"""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import python_calamine
from playwright.sync_api import Browser, Page, expect

from supply.core.settings import ROOT

ADMIN_PASSWORD = "Quan-tri-4-tai-cho"
START_SECONDS_MAX = 420


@dataclass
class Installation:
    """A running demo: its address, the administrator's link, the demo people's passwords."""

    url: str
    lines: list[str] = field(default_factory=list)

    @property
    def link(self) -> str:
        return next(line.strip() for line in self.lines if "/first-login/" in line)

    def password(self, user: str) -> str:
        return next(
            words[1] for words in map(str.split, self.lines) if len(words) > 2 and words[0] == user
        )


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


@pytest.fixture(scope="module")
def demo() -> Iterator[Installation]:
    """`flask serve --demo` on an empty data folder, until it says its address."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="chain-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        environment = {k: v for k, v in os.environ.items() if not k.startswith("SUPPLY_")}
        environment.pop("DATABASE_URL", None)
        environment |= {"SUPPLY_DATA": folder, "SUPPLY_URL": f"http://127.0.0.1:{port}"}
        environment["PYTHONUNBUFFERED"] = "1"
        process = subprocess.Popen(
            [sys.executable, "-m", "flask", "--app", "app", "serve", "--demo", "--port", str(port)],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        made = Installation(f"http://127.0.0.1:{port}")
        assert process.stdout is not None
        reader = threading.Thread(target=lambda: made.lines.extend(process.stdout), daemon=True)  # type: ignore[arg-type]
        reader.start()
        until = time.monotonic() + START_SECONDS_MAX
        while f"{made.url}\n" not in made.lines and time.monotonic() < until:
            assert process.poll() is None, "".join(made.lines[-40:])
            time.sleep(0.3)
        try:
            yield made
        finally:
            process.terminate()
            process.wait(timeout=60)
        assert not Path(folder, "postgresql", "postmaster.pid").exists(), "its server still runs"


@pytest.fixture
def open_as(browser: Browser, demo: Installation) -> Iterator[Callable[[str, int], Page]]:
    """`open_as("kehoach1_bd", 390)`: that person's signed-in page."""
    contexts = []

    def enter(user: str, width: int) -> Page:
        context = browser.new_context(
            base_url=demo.url,
            viewport={"width": width, "height": 860},
            locale="vi-VN",
            accept_downloads=True,
        )
        context.set_default_timeout(60_000)
        contexts.append(context)
        page = context.new_page()
        page.goto("/login/")
        page.fill("#username", user)
        page.fill("#password", demo.password(user))
        page.press("#password", "Enter")
        page.wait_for_url("**/")
        return page

    yield enter
    for context in contexts:
        context.close()


def fits(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url


def test_the_printed_link_signs_the_administrator_in(
    browser: Browser, demo: Installation, shot: Callable[[Page, str], None]
) -> None:
    page = browser.new_page(locale="vi-VN")
    page.goto(demo.link)
    page.fill("#password", ADMIN_PASSWORD)
    page.fill("#again", ADMIN_PASSWORD)
    page.click("button[type=submit]")
    page.wait_for_url("**/login/")
    shot(page, "sign-in-1280")
    page.fill("#username", "admin")
    page.fill("#password", ADMIN_PASSWORD)
    page.press("#password", "Enter")
    page.wait_for_url("**/")
    expect(page.locator("h1")).to_contain_text("Xin chào")
    page.close()


@pytest.mark.parametrize("width", [1280, 390])
def test_a_storekeeper_looks_round(
    width: int, open_as: Callable[[str, int], Page], shot: Callable[[Page, str], None]
) -> None:
    page = open_as("kho_bd_tyt_02", width)
    expect(page.locator("main")).to_contain_text("hôm nay được đặt là 23/01/2022")
    fits(page)
    shot(page, f"home-{width}")
    page.goto("/stock/")
    expect(page.locator("h1")).to_contain_text("Tồn kho")
    fits(page)
    shot(page, f"stock-{width}")
    page.locator("a[href^='/stock/card/']").first.click()
    expect(page.locator("h1")).to_be_visible()
    fits(page)
    shot(page, f"card-{width}")


@pytest.mark.parametrize("width", [1280, 390])
def test_a_planner_sees_who_runs_out(
    width: int, open_as: Callable[[str, int], Page], shot: Callable[[Page, str], None]
) -> None:
    page = open_as("kehoach1_bd", width)
    for name, title in (("projection", "Ba Đình"), ("burn", "tiêu hao"), ("shortage", "Ba Đình")):
        page.goto(f"/forecast/{name}/")
        expect(page.locator("h1")).to_contain_text(title)
        fits(page)
        page.wait_for_timeout(500)
        shot(page, f"{name}-{width}")


def test_a_plan_is_made_approved_sent_and_the_shortage_falls(
    open_as: Callable[[str, int], Page], shot: Callable[[Page, str], None], tmp_path: Path
) -> None:
    page = open_as("kehoach1_bd", 1280)
    page.goto("/plans/")
    page.get_by_role("button", name="Lập kế hoạch", exact=True).click()
    page.wait_for_url(re.compile(r"/jobs/\d+"))
    shot(page, "job-1280")
    page.wait_for_url(re.compile(r"/plans/\d+"), timeout=180_000)
    address = page.url
    expect(page.locator(".headline")).to_contain_text("điểm thiếu giảm")
    shot(page, "plan-1280")
    page.set_viewport_size({"width": 390, "height": 844})
    fits(page)
    shot(page, "plan-390")
    page.set_viewport_size({"width": 1280, "height": 860})
    expect(page.get_by_role("button", name="Duyệt kế hoạch")).to_have_count(0)
    second = open_as("kehoach2_bd", 1280)
    second.goto(address)
    second.get_by_role("button", name="Duyệt kế hoạch").click()
    second.get_by_role("dialog").get_by_role("button", name="Đồng ý").click()
    expect(second.locator(".steps .on")).to_have_text("Đã duyệt")

    keeper = open_as("kho_bd_ttyt", 1280)
    keeper.goto("/documents/drafts/?origin=plan")
    keeper.get_by_role("link", name="Kiểm tra, ghi sổ").first.click()
    expect(keeper.locator("h1")).to_contain_text("chuyển")
    shot(keeper, "draft-1280")
    keeper.get_by_role("button", name="Ghi sổ").click()
    keeper.wait_for_url(re.compile(r"/documents/\d+"))
    expect(keeper.locator("main")).to_contain_text("Đã ghi sổ")
    shot(keeper, "transfer-1280")

    page.goto(address)
    expect(page.locator(".steps .on")).to_have_text("Đang thực hiện")

    page.goto("/workbook/")
    page.get_by_role("button", name="Lập sổ mới").click()
    link = page.get_by_role("link", name="Tải về")
    link.wait_for(timeout=180_000)
    shot(page, "workbook-1280")
    with page.expect_download() as download:
        link.click()
    file = tmp_path / "so.xlsx"
    download.value.save_as(file)
    sheets = python_calamine.CalamineWorkbook.from_path(str(file)).sheet_names
    assert {"Tồn kho", "Mức tiêu hao", "Nguy cơ thiếu", "Kế hoạch"} <= set(sheets)


@pytest.mark.parametrize("width", [1280, 390])
def test_the_finance_officer_follows_the_money(
    width: int, open_as: Callable[[str, int], Page], shot: Callable[[Page, str], None]
) -> None:
    page = open_as("taichinh_bd", width)
    page.goto("/funds-spending/")
    expect(page.locator("main")).to_contain_text("Khớp sổ kho")
    fits(page)
    page.wait_for_timeout(400)
    shot(page, f"funds-{width}")
