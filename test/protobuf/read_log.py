"""Prints the entries of a log, one a line: index, term, time, kind, key and data in hexadecimal digits.

usage: read_log.py <the log's directory>

Needs nothing of Tusk but tusk_pb2.py, which protoc makes of tusk.proto. Checks all checksums as format/README.md says.
"""

import struct
import sys
from pathlib import Path

from tusk_pb2 import Frame


def crc_table():
    for byte in range(256):
        for _ in range(8):
            byte = byte >> 1 ^ (0x82F63B78 if byte & 1 else 0)
        yield byte


TABLE = list(crc_table())
HEADER = 45    # bytes up to and with the header's checksum
CHECKED = 40   # of which it covers


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = crc >> 8 ^ TABLE[(crc ^ byte) & 255]
    return crc ^ 0xFFFFFFFF


def varint(data, at):
    value = shift = 0
    while True:
        value |= (data[at] & 127) << shift
        shift += 7
        at += 1
        if data[at - 1] < 128:
            return value, at


def frames(data, end):
    """Yields place, bytes and message of each frame of a segment, up to `end` or to where nothing was written yet."""
    at = 0
    while at < end:
        size, begin = varint(data, at)
        if size == 0:
            return
        frame = Frame.FromString(data[begin:begin + size])
        yield at, data[at:begin + size], frame
        at = begin + size


def fields(data, wanted):
    """The fields with this number among those of a message, with tag and length, each of them length-delimited."""
    at = 0
    while at < len(data):
        tag, begin = varint(data, at)
        size, begin = varint(data, begin)
        if tag >> 3 == wanted:
            yield data[at:begin + size]
        at = begin + size


def check(log, segment, at, data, frame):
    place = b"" if frame.type == Frame.HEADER else struct.pack("<QQQ", log, segment, at)
    assert frame.checksum == crc32c(place + data[:CHECKED]), "the header's checksum"
    assert frame.lead_checksum == crc32c(data[HEADER:frame.lead]), "the lead's checksum"
    assert frame.count == len(frame.entries) == len(frame.records), "entries without records"
    if frame.count > 1:
        records = list(fields(data[frame.lead:], 14))
        assert [e.checksum for e in frame.entries] == [crc32c(r) for r in records], "a record's checksum"
    assert not any(frame.padding), "padding that is not zero"
    assert len(data) % 8 == 0


def read_log(directory):
    segments = {int(path.stem): path.read_bytes() for path in sorted(directory.glob("*.wal"))}
    headers = {}
    for number, data in segments.items():
        for _, _, frame in frames(data, 1):
            assert frame.type == Frame.HEADER and frame.header.magic == "TUSKWAL\n" and frame.header.version == 1
            headers[number] = frame.header
    ends = {header.previous: header.previous_end for header in headers.values()}
    entries = {}
    for number, header in headers.items():
        assert header.segment == number
        for at, data, frame in frames(segments[number], ends.get(number, len(segments[number]))):
            check(header.log, number, at, data, frame)
            if frame.HasField("reset"):
                entries.clear()
            if frame.HasField("cut"):
                entries = {index: entry for index, entry in entries.items() if index <= frame.cut.keep}
            for i, (entry, record) in enumerate(zip(frame.entries, frame.records)):
                assert entry.codec == 0 and (entry.key_size, entry.data_size) == (len(record.key), len(record.data))
                entries[frame.first_index + i] = entry, record
    return entries


if __name__ == "__main__":
    for index, (entry, record) in read_log(Path(sys.argv[1])).items():
        print(index, entry.term, entry.time, entry.kind, record.key.hex() or "-", record.data.hex() or "-")
