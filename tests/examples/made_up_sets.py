"""Four tiny data sets in the formats of the real ones: made-up people, numbers and bots."""

import csv
from random import Random

DAY = 86_400
COLLEGE_BEGAN = 1_082_040_961


def write_sets(folder, people=40, students=12, days=130):
    """Write the files that examples/real_accounts.py reads."""
    chance = Random(7)
    college = []
    for one in range(1, people + 1):
        joined = chance.uniform(0, 100) * DAY
        for _ in range(chance.choice([1, 3, 30])):
            other = chance.choice([p for p in range(1, people + 1) if p != one])
            college.append((one, other, int(COLLEGE_BEGAN + joined + chance.expovariate(1 / (20 * DAY)))))
    college += [
        (3, other, COLLEGE_BEGAN + 100 * DAY + other) for other in range(4, 24)
    ]  # twenty strangers in as many seconds
    college.append((1, 2, COLLEGE_BEGAN))
    college.append((2, 1, COLLEGE_BEGAN + days * DAY))
    write(folder / "collegemsg" / "messages.csv", "src dst ts", sorted(college, key=lambda row: row[2]))
    sms = sorted(
        (chance.randrange(28 * DAY), a, (a + 1 + chance.randrange(students - 1)) % students)
        for a in range(students)
        for _ in range(25)
    )
    write(folder / "copenhagen_networks" / "sms.csv", "timestamp from to", sms)
    numbers = []
    for node in range(60):
        fraud = node % 3 == 0
        bills = chance.choice([0, 1, 2, 8] if fraud else [2, 8, 8, 8])
        mean = 20.5 if bills else ""
        numbers.append(
            (
                node,
                chance.choice(["", "1.0", "3.0"]),
                chance.choice(["", "0.0", "30.0"]),
                chance.choice([0, 8]),
                mean,
                bills * 20.5,
                int(fraud),
            )
        )
    write(
        folder / "sichuan_telecom_fraud" / "nodes.csv",
        "node imeis city_name_nunique month_ids arpu_mean arpu_sum label",
        numbers,
    )
    bots = [(f"{group}-{i}", group, int(group != "genuine_account"), "".join(chance.choices("ATC", k=20 * i)))
            for group in ("genuine_account", "social_bot1", "social_bot2", "traditional_spambot") for i in range(8)]  # fmt: skip
    write(folder / "cresci2017_ddna" / "sequences.csv", "account group bot dna", bots)
    return folder


def write(path, head, rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="") as lines:
        csv.writer(lines).writerows([head.split(), *rows])
