"""Make the workbook that LibreOffice turns into the files of this folder; see README.md."""

from datetime import date

import openpyxl

book = openpyxl.Workbook()
paid = book.active
paid.title = "发放"
for row in (
    ["姓名", "身份证号", "发放日期", "金额", "备注"],
    ["测试甲", "990000198001010015", date(2021, 2, 3), 500, None],
    ["测试乙", 990000198001010027, date(2021, 2, 4), "=1/0", "甲" * 300],
    ["测试丙", "990000198001010031", date(2021, 2, 1), '=IF(TRUE(),"","")', None],
    ["测试丁", "990000198001010058", date(2021, 2, 5), "=250*2", "=NA()"],
    ["测试戊", "990000198001010066", date(2021, 2, 6), 300.5, "是"],
):
    paid.append(row)
paid["C4"].number_format = 'yyyy"年"m"月"'
paid.row_dimensions[6].hidden = True
paid.column_dimensions["E"].hidden = True
paid.merge_cells("E8:F9")
spare = book.create_sheet("备用")
spare.append(["姓名", "发放日期", "金额"])
spare.append(["测试己", "2021-02-03", 5])
spare.sheet_state = "hidden"
book.save("source.xlsx")
