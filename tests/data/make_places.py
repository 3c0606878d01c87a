#!/usr/bin/env python3
"""Writes a small database of addresses in the MaxMind DB format (version 2.0) for tests: make_places.py OUT"""
import ipaddress
import struct
import sys

UINT16, UINT32, UINT64 = 5, 6, 9
PLACES = {
    "8.8.8.0/24": ("United States", "California", "Mountain View", 37.4223, -122.085),
    "203.0.113.0/24": ("Testland", None, 'Quote"ville', 10.5, 20.25),
    "2001:4860::/32": ("United States", None, None, 37.751, -97.822),
}


def encode(value) -> bytes:
    if isinstance(value, str):
        raw = value.encode()
        return head(2, len(raw)) + raw
    if isinstance(value, float):
        return head(3, 8) + struct.pack(">d", value)
    if isinstance(value, tuple):  # kind of integer, value
        raw = value[1].to_bytes(8, "big").lstrip(b"\0")
        return head(value[0], len(raw)) + raw
    if isinstance(value, list):
        return head(11, len(value)) + b"".join(map(encode, value))
    return head(7, len(value)) + b"".join(encode(k) + encode(v) for k, v in value.items())


def head(kind: int, size: int) -> bytes:
    length = min(size, 29)
    first = bytes([(kind << 5 if kind < 8 else 0) | length]) + (bytes([kind - 7]) if kind >= 8 else b"")
    return first + (bytes([size - 29]) if size >= 29 else b"")


def entry(country, state, city, latitude, longitude) -> dict:
    made = {"country": {"names": {"en": country}}, "location": {"latitude": latitude, "longitude": longitude}}
    if state:
        made["subdivisions"] = [{"names": {"en": state}}]
    if city:
        made["city"] = {"names": {"en": city}}
    return made


def main() -> None:
    nodes = [[None, None]]
    data = b""
    for network, place in PLACES.items():
        network = ipaddress.ip_network(network)
        bits, depth = int(network.network_address), network.prefixlen
        if network.version == 4:  # stands at ::/96
            depth += 96
        at = 0
        for i in range(depth):
            bit = bits >> (127 - i) & 1
            if i == depth - 1:
                nodes[at][bit] = ("data", len(data))
                break
            if nodes[at][bit] is None:
                nodes.append([None, None])
                nodes[at][bit] = len(nodes) - 1
            at = nodes[at][bit]
        data += encode(entry(*place))
    tree = b""
    for node in nodes:
        for record in node:
            if record is None:
                number = len(nodes)
            elif isinstance(record, tuple):
                number = len(nodes) + 16 + record[1]
            else:
                number = record
            tree += number.to_bytes(3, "big")
    metadata = {"node_count": (UINT32, len(nodes)), "record_size": (UINT16, 24), "ip_version": (UINT16, 6),
                "database_type": "Test-City", "languages": ["en"], "binary_format_major_version": (UINT16, 2),
                "binary_format_minor_version": (UINT16, 0), "build_epoch": (UINT64, 1700000000),
                "description": {"en": "places for tests"}}
    with open(sys.argv[1], "wb") as file:
        file.write(tree + bytes(16) + data + b"\xab\xcd\xefMaxMind.com" + encode(metadata))


main()
