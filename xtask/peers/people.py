"""Asks DuckDB and SQLite the questions our engine is benched with, about the same people.

usage: people.py PEOPLE.jsonl

Each line is a person: {"uuid", "distinct_ids": [..], "created_at", "properties": {..}}.
Prints one JSON object: peer -> question -> median milliseconds of seven runs, with the answer's size
so that a wrong answer cannot pass for a fast one.

Fairness. Loading and indexing are not timed, for them or for us. Each question may be answered from
either of two schemas, and the faster one counts:
  json   one row per person, properties as a JSON column (as a product that stores what it is sent would)
  long   a table (person, key, value) beside it (what one builds when values are what is asked for)
Each peer gets the indexes that help it. DuckDB may use two threads; SQLite has one. Both have their data
in memory. Answers are fetched to the last row, because a page that was not read was not shown.
"""

import json
import sqlite3
import statistics
import sys
import time

import duckdb

RUNS = 7
# Matches as a screen's search box does: anywhere, whatever the case.
NEEDLE = "acme"
PAGE = 100


def read_people(path):
    with open(path, encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.strip()]


def text_of(value):
    """A value as a reader sees it: text without quotes, everything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def person_rows(people):
    for number, person in enumerate(people):
        yield (
            number,
            person["uuid"],
            person["created_at"],
            json.dumps(person["distinct_ids"], ensure_ascii=False),
            json.dumps(person["properties"], ensure_ascii=False),
        )


def value_rows(people):
    for number, person in enumerate(people):
        for key, value in person["properties"].items():
            yield number, key, text_of(value)


def distinct_id_rows(people):
    for number, person in enumerate(people):
        for distinct_id in person["distinct_ids"]:
            yield number, distinct_id


TABLES = """
CREATE TABLE person (number BIGINT PRIMARY KEY, uuid TEXT, created_at TEXT, distinct_ids TEXT, properties {json});
CREATE TABLE value (number BIGINT, key TEXT, value TEXT);
CREATE TABLE distinct_id (number BIGINT, distinct_id TEXT);
"""

# In the long schema a search is a scan of values, then of distinct ids. SQLite's LIKE ignores the case of
# ASCII letters only, which is in its favour: DuckDB's ILIKE and our engine fold all of Unicode.
LONG = {
    "search": """
        SELECT count(*) FROM (
            SELECT number FROM value WHERE value {like} '%{needle}%'
            UNION SELECT number FROM distinct_id WHERE distinct_id {like} '%{needle}%')""",
    "filter": """
        SELECT count(*) FROM value AS plan JOIN value AS email USING (number)
        WHERE plan.key = 'plan' AND plan.value = 'pro'
          AND email.key = 'email' AND email.value {like} '%{needle}%'""",
    "page": """
        SELECT person.uuid, person.created_at, value.key, value.value
        FROM (SELECT * FROM person ORDER BY created_at DESC, number DESC LIMIT {page}) AS person
        LEFT JOIN value USING (number) ORDER BY person.created_at DESC, person.number DESC""",
    "values": """
        SELECT value, count(*) AS people FROM value WHERE key = 'country'
        GROUP BY value ORDER BY people DESC, value LIMIT 100""",
}

# In the JSON schema the search takes the document as one text. That also matches keys, so it may count
# too many; it is the cheapest question one can ask of a JSON column, so it stays, in the peers' favour,
# but is used only when its count is the right one.
JSON = {
    "search": """
        SELECT count(*) FROM person
        WHERE properties {like} '%{needle}%' OR distinct_ids {like} '%{needle}%'""",
    "filter": """
        SELECT count(*) FROM person
        WHERE properties ->> '$.plan' = 'pro' AND properties ->> '$.email' {like} '%{needle}%'""",
    "page": """
        SELECT uuid, created_at, distinct_ids, properties FROM person
        ORDER BY created_at DESC, number DESC LIMIT {page}""",
    "values": """
        SELECT properties ->> '$.country' AS value, count(*) AS people FROM person
        WHERE properties ->> '$.country' IS NOT NULL
        GROUP BY value ORDER BY people DESC, value LIMIT 100""",
}


class DuckDB:
    name = "duckdb"
    version = duckdb.__version__
    like = "ILIKE"

    def __init__(self, people):
        self.connection = duckdb.connect(":memory:")
        self.connection.execute("SET threads = 2")
        self.connection.execute(TABLES.format(json="JSON"))
        self._load(people)

    def _load(self, people):
        # Row by row is slow there. Lists unnested on the inside load a thousand times faster.
        for table, rows in (
            ("person", person_rows(people)),
            ("value", value_rows(people)),
            ("distinct_id", distinct_id_rows(people)),
        ):
            columns = [list(column) for column in zip(*rows)]
            unnested = ", ".join("unnest(?)" for _ in columns)
            if columns:
                self.connection.execute(f"INSERT INTO {table} SELECT {unnested}", columns)

    def ask(self, question):
        return self.connection.execute(question).fetchall()


class SQLite:
    name = "sqlite"
    version = sqlite3.sqlite_version
    like = "LIKE"

    def __init__(self, people):
        self.connection = sqlite3.connect(":memory:")
        self.connection.executescript(TABLES.format(json="TEXT"))
        insert = self.connection.executemany
        insert("INSERT INTO person VALUES (?, ?, ?, ?, ?)", person_rows(people))
        insert("INSERT INTO value VALUES (?, ?, ?)", value_rows(people))
        insert("INSERT INTO distinct_id VALUES (?, ?)", distinct_id_rows(people))
        self.connection.executescript(
            """
            CREATE INDEX person_by_age ON person (created_at DESC, number DESC);
            CREATE INDEX value_by_key ON value (key, value, number);
            CREATE INDEX value_by_person ON value (number);
            -- Expressions the JSON schema filters and groups by, as its documentation advises.
            CREATE INDEX person_by_plan ON person (properties ->> '$.plan');
            CREATE INDEX person_by_country ON person (properties ->> '$.country');
            ANALYZE;
            """
        )

    def ask(self, question):
        return self.connection.execute(question).fetchall()


def median_ms(peer, question):
    times = []
    for _ in range(RUNS):
        start = time.perf_counter()
        peer.ask(question)
        times.append((time.perf_counter() - start) * 1000)
    return round(statistics.median(times), 3)


def measure(peer, name):
    """The faster of the two schemas; the long one decides what the right answer is."""
    words = {"like": peer.like, "needle": NEEDLE, "page": PAGE}
    questions = {"long": LONG[name].format(**words), "json": JSON[name].format(**words)}
    answers = {schema: summary(peer.ask(question)) for schema, question in questions.items()}
    # The page has one row per property in the long schema, so its rows cannot be compared.
    right = [schema for schema in questions if name == "page" or answers[schema] == answers["long"]]
    times = {schema: median_ms(peer, questions[schema]) for schema in right}
    fastest = min(times, key=times.get)
    return {"ms": times[fastest], "schema": fastest, "answer": answers[fastest]}


def summary(rows):
    """A count as itself, a list of rows as how many there are."""
    if len(rows) == 1 and len(rows[0]) == 1:
        return rows[0][0]
    return len(rows)


def main():
    if len(sys.argv) != 2:
        sys.exit("name the file of people: people.py PEOPLE.jsonl")
    people = read_people(sys.argv[1])
    result = {"people": len(people), "runs": RUNS}
    for kind in (DuckDB, SQLite):
        peer = kind(people)
        result[peer.name] = {"version": peer.version} | {name: measure(peer, name) for name in LONG}
    print(json.dumps(result))


if __name__ == "__main__":
    main()
