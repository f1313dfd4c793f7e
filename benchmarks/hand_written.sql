-- Four policies as an auditor would write them by hand, over payments (p) and files of needy workers (a).
-- Rows are numbered as a person sees them in a spreadsheet: the header is row 1.

CREATE VIEW payment AS
SELECT file_row_number + 2 AS row, * FROM read_parquet('{payments}', file_row_number = true);

CREATE VIEW archive AS
SELECT * FROM read_parquet('{archive}');

CREATE TABLE finding (
    code VARCHAR, row BIGINT, id_no VARCHAR, name VARCHAR, pay_date DATE, amount DECIMAL(10, 2)
);

-- A01  Aid follows a file: hardship aid to needy workers without a file, or whose latest file was closed by then.
INSERT INTO finding
SELECT DISTINCT 'A01', p.row, p.id_no, p.name, p.pay_date, p.amount
FROM payment p
LEFT JOIN archive a ON a.id_no = p.id_no
WHERE p.pay_date >= DATE '2015-05-08'
  AND p.aid_kind IN ('慰问', '生活', '医疗', '助学')
  AND p.beneficiary_type IN ('困难职工', '困难农民工')
  AND (a.id_no IS NULL OR a.exit_date <= p.pay_date OR (a.exit_date IS NULL AND a.status <> '在档'))
  AND NOT EXISTS (SELECT 1 FROM archive newer WHERE newer.id_no = a.id_no AND newer.filed_at > a.filed_at);

-- A02  The file comes before the aid: the earliest file was opened after the payment.
INSERT INTO finding
SELECT DISTINCT 'A02', p.row, p.id_no, p.name, p.pay_date, p.amount
FROM payment p
JOIN archive a ON a.id_no = p.id_no
WHERE p.pay_date >= DATE '2015-05-08'
  AND p.aid_kind IN ('慰问', '生活', '医疗', '助学')
  AND p.beneficiary_type IN ('困难职工', '困难农民工')
  AND a.filed_at > p.pay_date
  AND NOT EXISTS (SELECT 1 FROM archive earlier WHERE earlier.id_no = a.id_no AND earlier.filed_at < a.filed_at);

-- B01  No aid to residents who are no workers; without a group or an employer nobody can tell.
INSERT INTO finding
SELECT 'B01', row, id_no, name, pay_date, amount
FROM payment
WHERE pay_date >= DATE '2015-05-08'
  AND (beneficiary_type IN ('困难农民', '困难城镇居民') OR beneficiary_type IS NULL
    OR employer IS NULL OR employer = '');

-- C05  Paid twice: every payment of a person who has several of one kind in one campaign.
INSERT INTO finding
SELECT 'C05', p.row, p.id_no, p.name, p.pay_date, p.amount
FROM payment p
JOIN (
    SELECT id_no, aid_kind, campaign
    FROM payment
    WHERE pay_date >= DATE '2015-05-08'
    GROUP BY id_no, aid_kind, campaign
    HAVING count(*) > 1
) twice ON twice.id_no = p.id_no AND twice.aid_kind = p.aid_kind AND twice.campaign = p.campaign
WHERE p.pay_date >= DATE '2015-05-08';

COPY (SELECT * FROM finding ORDER BY row, code) TO '{out}' (FORMAT parquet);
