"""Say what a file is by its first bytes, whatever its name says. What stands in it is unknown here.

Systems export web pages and plain text under the name `.xls`, and people rename files. A form is what its bytes begin with;
which workbook a ZIP archive or an OLE container holds is seen by whoever opens it.
"""

from __future__ import annotations

import re
from pathlib import Path

HEAD = 4096  # bytes

ZIP, OLE, HTML, SPREADSHEETML, FLAT_ODS, ACCOUNTS = "zip", "ole", "html", "spreadsheetml", "fods", "accounts"
PARQUET, SQLITE, DUCKDB, TEXT = "parquet", "sqlite", "duckdb", "text"
WORKBOOKS = (ZIP, OLE, HTML, SPREADSHEETML, FLAT_ODS, ACCOUNTS)
DATABASES = (SQLITE, DUCKDB)

_BEGINNINGS = (
    (b"PK\x03\x04", ZIP),
    (b"PK\x05\x06", ZIP),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", OLE),
    (b"\x09\x08\x10\x00", OLE),  # records of a workbook without a container
    (b"\x09\x08\x08\x00", OLE),
    (b"\x09\x04\x06\x00", OLE),
    (b"\x09\x02\x06\x00", OLE),
    (b"\x09\x00\x04\x00", OLE),
    (b"SQLite format 3\x00", SQLITE),
    (b"PAR1", PARQUET),
    (b"%PDF", "PDF"),
    (b"\x89PNG", "图片"),
    (b"\xff\xd8\xff", "图片"),
    (b"GIF8", "图片"),
    (b"II*\x00", "图片"),
    (b"MM\x00*", "图片"),
    (b"Rar!", "压缩包"),
    (b"7z\xbc\xaf", "压缩包"),
    (b"\x1f\x8b", "压缩包"),
    (b"{\\rtf", "文字文档"),
    (b"MIME-Version:", "单个文件网页"),
)
_UNREAD = {
    "PDF": "请提供原表（.xlsx 或 .csv）。",
    "图片": "请提供原表（.xlsx 或 .csv）。",
    "压缩包": "请解压后再查。",
    "文字文档": "请把其中的表格复制到工作簿，另存为 .xlsx。",
    "单个文件网页": "请用 WPS 或 Excel 打开后另存为 .xlsx。",
    "XML": "请用 WPS 或 Excel 打开后另存为 .xlsx。",
}
_PAGE = re.compile(r"<(?:html|table|body|!doctype\s+html)\b", re.IGNORECASE)
_SHEETS_OF_2003 = "urn:schemas-microsoft-com:office:spreadsheet"
_PAGE_OF_EXCEL = "urn:schemas-microsoft-com:office:excel"
# Elements of the interface of accounting software (GB/T 24589.1): a ledger, or vouchers.
_ACCOUNTS = re.compile(r"<(?:[\w.-]+:)?(?:总账|记账凭证|会计凭证|凭证)(?:[\w.-]*)[\s/>]")
_OPEN_DOCUMENT = "urn:oasis:names:tc:opendocument:xmlns:office"

# What is inside, and the names under which it is at home.
AT_HOME = {
    "xlsx": (".xlsx", ".xlsm", ".et", ".ett"),
    "xlsb": (".xlsb",),
    "xls": (".xls", ".et", ".ett"),
    "ods": (".ods",),
    FLAT_ODS: (".fods", ".xml"),
    HTML: (".html", ".htm"),
    SPREADSHEETML: (".xml",),
    ACCOUNTS: (".xml",),
    PARQUET: (".parquet",),
    SQLITE: (".db", ".sqlite", ".sqlite3"),
    DUCKDB: (".duckdb", ".db"),
    TEXT: (".csv", ".tsv", ".txt"),
}


def form_of(path: Path) -> str:
    """Say what a file is by its first bytes; the form of what is not read is its Chinese name."""
    with path.open("rb") as file:
        head = file.read(HEAD)
    for beginning, form in _BEGINNINGS:
        if head.startswith(beginning):
            return form
    if head[8:12] == b"DUCK":
        return DUCKDB
    return ACCOUNTS if _holds_accounts(head) else _marked_up(_as_text(head))


def _holds_accounts(head: bytes) -> bool:
    """Say whether elements of accounting software stand in a head; their names are Chinese, in whichever encoding."""
    if not _as_text(head).startswith("<?xml"):
        return False
    return any(_ACCOUNTS.search(head.decode(encoding, "ignore")) for encoding in ("utf-8", "gb18030", "utf-16"))


def _as_text(head: bytes) -> str:
    """Decode what matters of a head: its marks are ASCII in every encoding."""
    wide = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}.get(head[:2])
    return head.decode(wide or "latin-1", "ignore").lstrip("\ufeffï»¿ \t\r\n")


def _marked_up(text: str) -> str:
    if not text.startswith("<"):
        return TEXT
    if _SHEETS_OF_2003 in text and not _PAGE.match(text):
        return SPREADSHEETML
    if _OPEN_DOCUMENT in text:
        return FLAT_ODS
    if _PAGE.search(text):
        return HTML
    return "XML" if text.startswith("<?xml") else TEXT


def is_unread(form: str) -> bool:
    """Say whether ledgers may stand in a file of this form and nobody reads them."""
    return form in _UNREAD


def unread_form(form: str) -> str:
    """Say of a file whose content nobody reads what it is and what to do."""
    return f"内容实为{form}，未读取。{_UNREAD[form]}"


def another_form(suffix: str, inside: str) -> str:
    """Say that a file is not what its name says; nothing if it is."""
    if suffix in AT_HOME[inside]:
        return ""
    return f"扩展名是 {suffix or '（空）'}，内容实为 {inside}；已按内容读取。"


def is_export(path: Path) -> bool:
    """Say whether a page or an XML file of a folder was written as a workbook or as accounts; others are no ledgers (reports, settings)."""
    with path.open("rb") as file:
        head = file.read(HEAD)
    text = _as_text(head)
    return _holds_accounts(head) or any(mark in text for mark in (_SHEETS_OF_2003, _PAGE_OF_EXCEL, _OPEN_DOCUMENT))
