"""Asks DuckDB and chDB (ClickHouse's engine) the questions that our engine is benched with, about the same events.

usage: insights.py FOLDER

The folder is what `PERSONS_BENCH_EVENTS` left: events.jsonl, people.jsonl, and answers.json with our answers and our
times. Prints a table; an answer that differs from ours is an error, because a wrong answer cannot pass for a fast one.

Fairness. Loading is not timed, for them or for us, and neither is merging people: the peers get the person of each
event. The columns that are asked about are columns with the types that help (dictionaries for names, numbers for
moments), the properties that nobody asks about are left out. chDB has the events in two orders, by person and by
name. Where a question can be put in several ways, each is tried and the fastest right one counts. Both may use two
threads and have their data in memory or in the page cache. All rows are fetched.
"""

import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

import chdb.session
import duckdb

RUNS = 11
DAYS = 90
# 2024-01-01, a Monday, in microseconds; a day; two weeks; half an hour.
START = 1_704_067_200_000_000
DAY = 86_400_000_000
WINDOW = 14 * DAY
PAUSE = 30 * 60 * 1_000_000
WEEKS = 12
# More than any moment, so that of two attempts the one that reaches further comes first.
FAR = 10_000_000_000_000_000
# The range has one week more, the first.
FIRST_WEEK = 1
STEPS = ("$pageview", "signed_up", "paid")
STATUSES = ("new", "returning", "resurrecting", "dormant")


# What becomes of the rows of each question, in the shape of our answers.


def per_day(rows):
    data = [0] * DAYS
    for day, people in rows:
        data[int(day)] = int(people)
    return data


def per_city(rows):
    cities = {}
    for city, day, people in rows:
        cities.setdefault(city, [0] * DAYS)[int(day)] = int(people)
    return cities


def one_row(rows):
    return [int(number) for number in rows[0]]


def triangle(rows):
    found = {(int(week), int(later)): int(people) for week, later, people in rows}
    rows = range(FIRST_WEEK, FIRST_WEEK + WEEKS)
    return [[found.get((row, later), 0) for later in range(FIRST_WEEK + WEEKS - row)] for row in rows]


def flat_triangle(rows):
    numbers = iter(one_row(rows))
    return [[next(numbers) for _ in range(WEEKS - row)] for row in range(WEEKS)]


def per_length(rows):
    data = [0] * DAYS
    for days, people in rows:
        data[int(days) - 1] = int(people)
    return data


def statuses(rows):
    data = {status: [0] * DAYS for status in STATUSES}
    for status, day, people in rows:
        if int(day) < DAYS:
            data[status][int(day)] = int(people)
    return data


def with_event(rows):
    """Of everybody in the funnel, and of those with each event: how many went through, how many did not."""
    found = {name: [int(success), int(failure)] for name, success, failure in rows}
    return {"all": found.pop(""), "with": found}


def edges(rows):
    return [
        [int(place), source, target, int(paths), int(people), float(time)]
        for place, source, target, paths, people, time in rows
    ]


def is_same(name, ours, theirs):
    """Numbers as numbers; of paths those that both show, as equal ones at the end of the list are anybody's."""
    if name == "lifecycle over 90 days":
        ours = {status: [abs(number) for number in data] for status, data in ours.items()}
    if name != "paths":
        return ours == theirs
    known = {tuple(edge[:3]): edge[3:] for edge in theirs}
    least = min(edge[3] for edge in theirs)
    for place, source, target, paths, people, time in ours:
        there = known.get((place, source, target))
        if there is None and paths > least:
            return False
        if there and (there[:2] != [paths, people] or abs(there[2] - time) > 1e-3):
            return False
    return True


# The pairs of weeks of people as one number each, bit by bit.
PAIRS = [
    (row, later)
    for row in range(FIRST_WEEK, FIRST_WEEK + WEEKS)
    for later in range(row, FIRST_WEEK + WEEKS)
]


def bits(expression):
    return ", ".join(expression.format(mask=(1 << row) | (1 << later)) for row, later in PAIRS)


DUCKDB = {
    "people per day": [(per_day, """
        SELECT day, count(DISTINCT person) FROM event WHERE name = '$pageview' GROUP BY day""")],
    "people per day, by city": [(per_city, """
        SELECT city, day, count(DISTINCT person) FROM event WHERE name = '$pageview' GROUP BY city, day""")],
    "funnel of three steps": [
        (one_row, f"""
        WITH began AS (SELECT person, ts FROM event WHERE name = '$pageview'),
        second AS (
            SELECT second.person, second.ts, began.ts AS start
            FROM event AS second ASOF JOIN began ON second.person = began.person AND second.ts > began.ts
            WHERE second.name = 'signed_up'),
        third AS (
            SELECT third.person, third.ts, second.start
            FROM event AS third ASOF JOIN second ON third.person = second.person AND third.ts > second.ts
            WHERE third.name = 'paid')
        SELECT (SELECT count(DISTINCT person) FROM began),
            (SELECT count(DISTINCT person) FROM second WHERE ts - start <= {WINDOW}),
            (SELECT count(DISTINCT person) FROM third WHERE ts - start <= {WINDOW})"""),
        (one_row, f"""
        WITH step AS (SELECT person, name, ts FROM event WHERE name IN {STEPS}),
        began AS (
            SELECT *, max(CASE WHEN name = '$pageview' THEN ts END) OVER earlier AS start
            FROM step WINDOW earlier AS (PARTITION BY person ORDER BY ts)),
        second AS (
            SELECT *, max(CASE WHEN name = 'signed_up' THEN start END) OVER earlier AS second_start
            FROM began WINDOW earlier AS (PARTITION BY person ORDER BY ts))
        SELECT count(DISTINCT person) FILTER (name = '$pageview'),
            count(DISTINCT person) FILTER (name = 'signed_up' AND ts - start <= {WINDOW}),
            count(DISTINCT person) FILTER (name = 'paid' AND ts - second_start <= {WINDOW})
        FROM second"""),
    ],
    "retention over 12 weeks": [
        (triangle, """
        WITH active AS (SELECT DISTINCT person, day // 7 AS week FROM event WHERE name = '$pageview')
        SELECT one.week, later.week - one.week, count(*)
        FROM active AS one JOIN active AS later USING (person) WHERE later.week >= one.week GROUP BY ALL"""),
        (flat_triangle, f"""
        WITH active AS (
            SELECT bit_or(1 << (day // 7)) AS weeks FROM event WHERE name = '$pageview' GROUP BY person)
        SELECT {bits("count(*) FILTER (weeks & {mask} = {mask})")} FROM active"""),
    ],
    "stickiness over 90 days": [(per_length, """
        SELECT days, count(*) FROM (
            SELECT count(DISTINCT day) AS days FROM event WHERE name = '$pageview' GROUP BY person)
        GROUP BY days""")],
    "lifecycle over 90 days": [(statuses, """
        WITH active AS (SELECT DISTINCT person, day FROM event WHERE name = '$pageview'),
        around AS (
            SELECT person, day, lag(day) OVER days AS before, lead(day) OVER days AS after
            FROM active WINDOW days AS (PARTITION BY person ORDER BY day))
        SELECT CASE WHEN before IS NULL AND created = day THEN 'new' WHEN before = day - 1 THEN 'returning'
                ELSE 'resurrecting' END,
            day, count(*) FROM around JOIN person USING (person) GROUP BY ALL
        UNION ALL
        SELECT 'dormant', day + 1, count(*) FROM around WHERE after IS DISTINCT FROM day + 1 GROUP BY ALL""")],
    "correlation by events": [(with_event, f"""
        WITH began AS (SELECT person, ts FROM event WHERE name = '$pageview'),
        second AS (
            SELECT began.person, began.ts AS start, found.ts AS second
            FROM began ASOF LEFT JOIN (SELECT person, ts FROM event WHERE name = 'signed_up') AS found
            ON began.person = found.person AND began.ts < found.ts),
        third AS (
            SELECT second.*, found.ts AS third
            FROM second ASOF LEFT JOIN (SELECT person, ts FROM event WHERE name = 'paid') AS found
            ON second.person = found.person AND second.second < found.ts),
        attempt AS (
            SELECT person, start, third, CASE WHEN third - start <= {WINDOW} THEN 3
                WHEN second - start <= {WINDOW} THEN 2 ELSE 1 END AS reached
            FROM third),
        furthest AS (
            SELECT person, max(reached) = 3 AS converted, arg_max(start, reached * {FAR} - start) AS start,
                CASE WHEN max(reached) = 3 THEN arg_max(third, reached * {FAR} - start) - 1
                    ELSE arg_max(start, reached * {FAR} - start) + {WINDOW} END AS until
            FROM attempt GROUP BY person)
        SELECT '', count(*) FILTER (converted), count(*) FILTER (NOT converted) FROM furthest
        UNION ALL
        SELECT name::VARCHAR, count(DISTINCT person) FILTER (converted), count(DISTINCT person) FILTER (NOT converted)
        FROM furthest JOIN event USING (person)
        WHERE ts > start AND ts <= until AND name NOT IN {STEPS} GROUP BY name""")],
    "paths": [(edges, f"""
        WITH near AS (
            SELECT *, lag(item) OVER way AS before, coalesce(ts - lag(ts) OVER way >= {PAUSE}, true) AS begins
            FROM event WINDOW way AS (PARTITION BY person ORDER BY ts)),
        session AS (
            SELECT *, sum(begins::INT) OVER (PARTITION BY person ORDER BY ts) AS session FROM near),
        step AS (
            SELECT person, ts, item, row_number() OVER way AS place, lead(item) OVER way AS next,
                lead(ts) OVER way - ts AS time
            FROM session WHERE begins OR item <> before
            WINDOW way AS (PARTITION BY person, session ORDER BY ts))
        SELECT place, item, next, count(*) AS paths, count(DISTINCT person), avg(time) / 1000
        FROM step WHERE place < 5 AND next IS NOT NULL
        GROUP BY place, item, next ORDER BY paths DESC, place, item, next LIMIT 50""")],
}

CHDB = {
    "people per day": [(per_day, """
        SELECT day, uniqExact(person) FROM {event} WHERE name = '$pageview' GROUP BY day""")],
    "people per day, by city": [(per_city, """
        SELECT city, day, uniqExact(person) FROM {event} WHERE name = '$pageview' GROUP BY city, day""")],
    "funnel of three steps": [(one_row, f"""
        SELECT countIf(reached >= 1), countIf(reached >= 2), countIf(reached >= 3) FROM (
            SELECT windowFunnel({WINDOW})(toUInt64(ts), name = '$pageview', name = 'signed_up', name = 'paid') AS reached
            FROM {{event}} WHERE name IN {STEPS} GROUP BY person)""")],
    "retention over 12 weeks": [
        (triangle, """
        SELECT one, later - one, count() FROM (
            SELECT groupUniqArray(intDiv(day, 7)) AS weeks FROM {event} WHERE name = '$pageview' GROUP BY person)
        ARRAY JOIN weeks AS one ARRAY JOIN weeks AS later WHERE later >= one GROUP BY one, later"""),
        (flat_triangle, f"""
        SELECT {bits("countIf(bitAnd(weeks, {mask}) = {mask})")} FROM (
            SELECT groupBitOr(bitShiftLeft(toUInt32(1), intDiv(day, 7))) AS weeks
            FROM {{event}} WHERE name = '$pageview' GROUP BY person)"""),
    ],
    "stickiness over 90 days": [(per_length, """
        SELECT days, count() FROM (
            SELECT uniqExact(day) AS days FROM {event} WHERE name = '$pageview' GROUP BY person)
        GROUP BY days""")],
    "lifecycle over 90 days": [(statuses, """
        WITH active AS (
            SELECT person, arraySort(groupUniqArray(toInt32(day))) AS days
            FROM {event} WHERE name = '$pageview' GROUP BY person)
        SELECT multiIf(before = -2 AND created = day, 'new', before = day - 1, 'returning', 'resurrecting') AS status,
            day, count()
        FROM (
            SELECT person, day, before FROM active
            ARRAY JOIN days AS day, arrayPushFront(arrayPopBack(days), -2) AS before) AS around
        JOIN person USING (person) GROUP BY status, day
        UNION ALL
        SELECT 'dormant', day + 1 AS gone, count()
        FROM (SELECT day, after FROM active ARRAY JOIN days AS day, arrayPushBack(arrayPopFront(days), -2) AS after)
        WHERE after != day + 1 GROUP BY gone""")],
    "correlation by events": [(with_event, f"""
        WITH furthest AS (
            SELECT person, max(reached) = 3 AS converted,
                argMax(start, (reached, -start)) AS begin,
                if(converted, argMax(third, (reached, -start)) - 1, begin + {WINDOW}) AS until
            FROM (
                SELECT person, start, found.ts AS third, multiIf(
                    second > 0 AND third > 0 AND third <= start + {WINDOW}, 3,
                    second > 0 AND second <= start + {WINDOW}, 2, 1) AS reached
                FROM (
                    SELECT began.person AS person, began.ts AS start, found.ts AS second
                    FROM (SELECT person, ts FROM {{event}} WHERE name = '$pageview') AS began
                    ASOF LEFT JOIN (SELECT person, ts FROM {{event}} WHERE name = 'signed_up') AS found
                    ON began.person = found.person AND began.ts < found.ts) AS begun
                ASOF LEFT JOIN (SELECT person, ts FROM {{event}} WHERE name = 'paid') AS found
                ON begun.person = found.person AND begun.second < found.ts)
            GROUP BY person)
        SELECT '', countIf(converted), countIf(NOT converted) FROM furthest
        UNION ALL
        SELECT toString(name), uniqExactIf(person, converted), uniqExactIf(person, NOT converted)
        FROM furthest JOIN {{event}} AS every USING (person)
        WHERE ts > begin AND ts <= until AND name NOT IN {STEPS} GROUP BY name""")],
    "paths": [(edges, f"""
        WITH way AS (
            SELECT person, arraySort(one -> one.1, groupArray((ts, item))) AS way FROM {{event}} GROUP BY person),
        session AS (
            SELECT person, arrayJoin(arraySplit((one, begins) -> begins, way, arrayMap(
                (one, at) -> at = 1 OR one.1 - way[at - 1].1 >= {PAUSE}, way, arrayEnumerate(way)))) AS session
            FROM way),
        path AS (
            SELECT person, arraySlice(arrayFilter(
                (one, at) -> at = 1 OR one.2 != session[at - 1].2, session, arrayEnumerate(session)), 1, 5) AS path
            FROM session)
        SELECT place, path[place].2 AS source, path[place + 1].2 AS target, count() AS paths, uniqExact(person),
            avg(path[place + 1].1 - path[place].1) / 1000
        FROM path ARRAY JOIN range(1, length(path)) AS place
        GROUP BY place, source, target ORDER BY paths DESC, place, source, target LIMIT 50""")],
}


class DuckDB:
    name = f"DuckDB {duckdb.__version__}"
    questions = DUCKDB

    def __init__(self, folder):
        self.connection = duckdb.connect(":memory:")
        run = self.connection.execute
        run("SET threads = 2")
        run(f"""
            CREATE TABLE line AS SELECT person, event, "at" AS ts, properties->>'$.city' AS city,
                CASE WHEN event = '$pageview' THEN rtrim(properties->>'$."$current_url"', '/') ELSE event END AS item
            FROM read_json('{folder}/events.jsonl', format = 'newline_delimited',
                columns = {{person: 'INTEGER', event: 'VARCHAR', "at": 'BIGINT', properties: 'JSON'}})""")
        run("CREATE TYPE name AS ENUM (SELECT DISTINCT event FROM line)")
        run("CREATE TYPE city AS ENUM (SELECT DISTINCT city FROM line)")
        run("CREATE TYPE item AS ENUM (SELECT DISTINCT item FROM line)")
        run(f"""
            CREATE TABLE event AS SELECT person, event::name AS name, ts, ((ts - {START}) // {DAY})::INTEGER AS day,
                city::city AS city, item::item AS item FROM line ORDER BY person, ts""")
        run("DROP TABLE line")
        run(f"""
            CREATE TABLE person AS SELECT person, floor((created_at - {START}) / {DAY})::INTEGER AS created
            FROM read_json('{folder}/people.jsonl', format = 'newline_delimited',
                columns = {{person: 'INTEGER', created_at: 'BIGINT'}})""")

    def ways(self, name):
        return self.questions[name]

    def ask(self, question):
        return self.connection.execute(question).fetchall()


class Chdb:
    name = f"chDB {chdb.__version__}"
    questions = CHDB

    def __init__(self, folder):
        self.folder = tempfile.TemporaryDirectory()
        self.session = chdb.session.Session(self.folder.name)
        for statement in (
            "CREATE DATABASE bench ENGINE = Atomic",
            "USE bench",
            *(
                f"""CREATE TABLE {table} (person UInt32, name LowCardinality(String), ts Int64, day UInt16,
                    city LowCardinality(String), item LowCardinality(String)) ENGINE = MergeTree ORDER BY ({order})"""
                for table, order in (("by_person", "person, ts"), ("by_name", "name, day, person"))
            ),
            f"""INSERT INTO by_person SELECT person, event, at, intDiv(at - {START}, {DAY}),
                JSONExtractString(properties, 'city'),
                if(event = '$pageview', trim(TRAILING '/' FROM JSONExtractString(properties, '$current_url')), event)
                FROM file('{folder}/events.jsonl', 'JSONEachRow',
                    'person UInt32, event String, at Int64, properties String')""",
            "INSERT INTO by_name SELECT * FROM by_person",
            "OPTIMIZE TABLE by_person FINAL",
            "OPTIMIZE TABLE by_name FINAL",
            f"""CREATE TABLE person ENGINE = MergeTree ORDER BY person AS
                SELECT person, toInt32(floor((created_at - {START}) / {DAY})) AS created
                FROM file('{folder}/people.jsonl', 'JSONEachRow', 'person UInt32, created_at Int64')""",
            "SET max_threads = 2",
        ):
            self.session.query(statement)

    def ways(self, name):
        return [
            (read, question.format(event=table))
            for read, question in self.questions[name]
            for table in ("by_person", "by_name")
        ]

    def ask(self, question):
        text = str(self.session.query(question, "TSV"))
        return [line.split("\t") for line in text.splitlines()]


def median_ms(peer, question):
    peer.ask(question)
    times = []
    for _ in range(RUNS):
        start = time.perf_counter()
        peer.ask(question)
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times)


def measure(peer, name, ours):
    """The fastest way to the right answer."""
    times = []
    for read, question in peer.ways(name):
        if not is_same(name, ours, read(peer.ask(question))):
            sys.exit(f"{peer.name} answers something else than we do: {name}\n{question}")
        times.append(median_ms(peer, question))
    return min(times)


def main():
    if len(sys.argv) != 2:
        sys.exit("name the folder of events: insights.py FOLDER")
    folder = Path(sys.argv[1]).resolve()
    answers = json.loads((folder / "answers.json").read_text(encoding="utf-8"))
    peers = [kind(folder) for kind in (DuckDB, Chdb)]
    print("| question | Persons | first page of people | " + " | ".join(peer.name for peer in peers) + " | faster |")
    print("|---" * (len(peers) + 4) + "|")
    for name, own in answers.items():
        times = [measure(peer, name, own["answer"]) for peer in peers]
        cells = " | ".join(f"{ms:.1f} ms" for ms in times)
        ratio = min(times) / own["ms"]
        print(f"| {name} | {own['ms']:.1f} ms | {own['page_ms']:.1f} ms | {cells} | {ratio:.1f} times |")


if __name__ == "__main__":
    main()
