"""Open workbooks and databases: the program of the child processes that `guarded` starts. Kinds of ledger are unknown here.

Whatever a reader of foreign bytes raises is the fault of the file, and is told with its name.
"""

from __future__ import annotations

import gc
import os
import pickle
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from ledgers.disguises import ACCOUNTS, DATABASES, FLAT_ODS, HTML, OLE, SPREADSHEETML
from ledgers.limits import LOCKED, Limits, Unreadable, overstepped
from ledgers.sheets import has_longer_text

if TYPE_CHECKING:
    from io import BufferedReader

    from ledgers.sheets import Sheet

ENCRYPTED, LETTER = "EncryptedPackage".encode("utf-16-le"), "WordDocument".encode("utf-16-le")


def read_workbook(path: Path, form: str, limits: Limits, encoding: str = "") -> tuple[str, list[Sheet]]:
    """Say what a workbook is, whatever it is called, and read every sheet of it; `encoding` is what the user said of pages.

    Raises:  Unreadable.
    """
    if form == OLE:
        from ledgers.xls import read_xls

        _refuse_locked(path)
        return "xls", read_xls(path, limits)
    if form == HTML:
        from ledgers.html_tables import read_page

        return HTML, read_page(path, limits, encoding)
    if form == SPREADSHEETML:
        from ledgers.spreadsheetml import read_spreadsheetml

        return SPREADSHEETML, read_spreadsheetml(path, limits)
    if form == ACCOUNTS:
        from ledgers.accounts_xml import read_accounts

        return ACCOUNTS, read_accounts(path, limits)
    if form == FLAT_ODS:
        from ledgers.ods import read_flat_ods

        return FLAT_ODS, read_flat_ods(path, limits)
    return _read_packed(path, limits)


def _refuse_locked(path: Path) -> None:
    with path.open("rb") as file:
        data = file.read()
    if ENCRYPTED in data:
        raise Unreadable("工作簿有密码保护。请去掉密码，另存为 .xlsx 后重试。")
    if LETTER in data:
        raise Unreadable("内容实为文字文档，未读取。请把其中的表格复制到工作簿，另存为 .xlsx。")


def _read_packed(path: Path, limits: Limits) -> tuple[str, list[Sheet]]:
    """Read what a ZIP archive holds."""
    with zipfile.ZipFile(path) as archive:
        size = sum(entry.file_size for entry in archive.infolist())
        names = set(archive.namelist())
    if size > limits.unpacked_mb << 20:
        raise overstepped(f"解压后有 {-(-size >> 20)} MB", "unpacked_mb", limits.unpacked_mb)
    if "xl/workbook.bin" in names:
        from ledgers.xlsb import read_xlsb

        return "xlsb", read_xlsb(path, limits)
    if "content.xml" in names:
        from ledgers.ods import read_ods

        return "ods", read_ods(path, limits)
    if "word/document.xml" in names:
        raise Unreadable("内容实为文字文档，未读取。请把其中的表格复制到工作簿，另存为 .xlsx。")
    if "xl/workbook.xml" not in names and not any(name.startswith(("xl/", "[Content_Types]")) for name in names):
        raise Unreadable("内容实为压缩包，未读取。请解压后再查。")
    from ledgers.xlsx import read_xlsx

    return "xlsx", read_xlsx(path, limits)


def answer(name: str, form: str, table: str, out: str, limits: Limits, encoding: str = "") -> tuple[str, Any]:
    """Answer a question of `guarded`: with a refusal, or with what was asked for."""
    path = Path(name)
    try:
        if form in DATABASES:
            from ledgers.databases import export_table, list_tables

            return "", export_table(path, form, table, Path(out), limits) if out else list_tables(path, form)
        inside, sheets = read_workbook(path, form, limits, encoding)
        for sheet in sheets:
            if has_longer_text(sheet, limits.cell_characters):
                raise overstepped(f"工作表 {sheet.name} 有一格的字数", "cell_characters", limits.cell_characters)
        return "", (inside, sheets)
    except Unreadable as refusal:
        return str(refusal), None
    except PermissionError:
        return LOCKED, None
    except MemoryError:
        return str(overstepped("读取所需的内存（MB）", "memory_mb", limits.memory_mb)), None
    except Exception as error:  # whatever foreign bytes make a parser raise is said with its name
        if form in DATABASES:
            return f"数据库文件已损坏，或是这个版本读不了的（{type(error).__name__}）。请导出为 .csv 或 .parquet。", None
        return f"文件已损坏，或不是它所说的格式（{type(error).__name__}）。请用 WPS 或 Excel 打开后另存为 .xlsx。", None


def _bound_memory(limits: Limits) -> None:
    if sys.platform != "win32":
        import resource

        most = limits.memory_mb << 20
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _bound_time(limits: Limits) -> None:
    """Bound the processor's time of the next answer; what was used so far does not count."""
    if sys.platform != "win32":
        import resource

        used = resource.getrusage(resource.RUSAGE_SELF)
        hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
        resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + limits.seconds + 1, hard))


def serve(questions: BufferedReader, answers: BinaryIO, limits: Limits) -> None:
    """Answer questions until there are no more."""
    gc.disable()  # cells hold each other in no circles, and looking for some takes a quarter of the time
    _bound_memory(limits)
    while questions.peek(1):
        path, form, table, out, encoding = pickle.load(questions)
        _bound_time(limits)
        pickle.dump(answer(path, form, table, out, limits, encoding), answers, protocol=pickle.HIGHEST_PROTOCOL)
        answers.flush()


def main(limits: Sequence[str]) -> None:
    """Run as a child: questions come in, answers go out, and nothing that a parser prints gets among them."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    serve(cast("BufferedReader", sys.stdin.buffer), answers, Limits(*map(int, limits)))
