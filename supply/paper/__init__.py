"""Paper: vouchers, books and reports as PDF and XLSX, and what the forms are called. See docs.md."""

from supply.core.registry import MenuItem, Module
from supply.core.text import Text

_READ = (("can_read", "FormTitles"),)
_WRITE = (*_READ, ("can_write", "FormTitles"))

MODULE = Module(
    name="paper",
    title=Text("Giấy tờ", "Paper"),
    depends=("inventory",),
    has_models=True,
    views=("views:VoucherView", "views:BooksView", "views_titles:FormTitlesView"),
    menu=(
        MenuItem(
            Text("Kho", "Stock"),
            Text("Báo cáo sử dụng", "Usage reports"),
            "/paper/usage/",
            "print",
            "Stock",
            order=176,
        ),
        MenuItem(
            Text("Danh mục", "Catalogue"),
            Text("Tên biểu mẫu", "Form names"),
            "/form-titles/",
            "files",
            "FormTitles",
            "can_write",
            890,
        ),
    ),
    grants={"finance": _WRITE, "administrator": _WRITE},
    reference_data=("titles:load_defaults",),
    jobs=("orders",),
)
