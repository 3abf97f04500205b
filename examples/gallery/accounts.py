# /// script
# requires-python = ">=3.11"
# dependencies = ["duckdb", "polars", "pyarrow"]
# [tool.uv]
# exclude-newer = "2026-11-28T00:00:00Z"
# ///
"""What a customer spent by the day of their own zone: one statement of SQL, run by DuckDB."""

from datetime import datetime, timezone

import duckdb
import polars as pl

import modelenv

SPENT = """
select customer, timezone('Asia/Tokyo', paid)::date as day, sum(amount) as spent,
    max(paid) as latest
from payments group by all order by all
"""


class Spending:
    """A frame of payments -> one of sums; SQL finds the frame by the name of a variable."""

    def __init__(self, statement: str) -> None:
        self.statement = statement

    def predict(self, payments: pl.DataFrame) -> pl.DataFrame:
        return duckdb.sql(self.statement).pl()


payments = pl.DataFrame(
    {
        "customer": ["a", "a", "b"],
        "paid": [datetime(2026, 3, day, 18, tzinfo=timezone.utc) for day in (1, 2, 2)],
        "amount": [12.5, 30.0, 8.25],
    }
)
model = Spending(SPENT)
saved = modelenv.save_model(model, "accounts_model", input_example=payments, overwrite=True)
print(saved)
