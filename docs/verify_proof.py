"""Check, with Python's standard library alone, that a capture is in a log of nianlun as it was made.

    python3 verify_proof.py proof.json [--head sha256:…] [--payload FILE]

``proof.json`` is what `nianlun log proof CAPTURE` printed.  ``--head`` is a head you kept yourself: without it the
proof only shows that capture and head belong together.  ``--payload`` is the captured file, to be compared with the
digest in the record.  Exit code 0: proven; 1: not proven.  The hashing is that of RFC 6962, the path that of
RFC 9162, section 2.1.3.2.
"""

import argparse
import hashlib
import json
import sys


def digest(text: str) -> bytes:
    """The bytes of ``sha256:<hex>``."""
    return bytes.fromhex(text.strip().removeprefix("sha256:"))


def leaf_of(record: str) -> bytes:
    """The leaf of a record: a zero byte before it tells leaves from nodes."""
    return hashlib.sha256(b"\x00" + record.encode("utf-8", "surrogatepass")).digest()


def root_over(leaf: bytes, entry: int, size: int, path: list[bytes]) -> bytes | None:
    """The root that the path leads to from the leaf, or None when the path does not fit."""
    at, last, found = entry, size - 1, leaf
    for step in path:
        if last == 0:
            return None
        if at & 1 or at == last:
            found = hashlib.sha256(b"\x01" + step + found).digest()
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            found = hashlib.sha256(b"\x01" + found + step).digest()
        at, last = at >> 1, last >> 1
    return found if last == 0 else None


def check(proof: dict, head: str | None, payload: str | None) -> str | None:
    """Why the proof does not hold; None when it does."""
    record = json.loads(proof["record"])
    leaf = leaf_of(proof["record"])
    if leaf != digest(proof["leaf"]):
        return "the record is not the one the leaf was made of"
    if not 0 <= proof["entry"] < proof["size"]:
        return "the entry is not in a log of that size"
    root = root_over(leaf, proof["entry"], proof["size"], [digest(step) for step in proof["path"]])
    if root is None or root != digest(proof["root"]):
        return "the path does not lead to the head"
    if head and root != digest(head):
        return "this is not the head you kept"
    if payload:
        with open(payload, "rb") as file:
            if hashlib.sha256(file.read()).hexdigest() != record["payload"]:
                return "the file is not the one that was captured"
    return None


def main() -> int:
    """Read the arguments, check, say the outcome in one sentence."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("proof")
    parser.add_argument("--head")
    parser.add_argument("--payload")
    arguments = parser.parse_args()
    with open(arguments.proof, encoding="utf-8") as file:
        proof = json.load(file)
    wrong = check(proof, arguments.head, arguments.payload)
    record = json.loads(proof["record"])
    if wrong:
        print(f"NOT PROVEN: {wrong}.")
        return 1
    print(f"Proven: {record['url']} was captured at {record['at']} ms since 1970 UTC with payload {record['payload']}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
