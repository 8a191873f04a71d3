"""Pictures as bytes of red, green and blue: reading a PNG, and turning one as a panel is built in."""

import struct
import zlib


def png(data):
    """The size of a PNG of eight bits a colour, and its bytes (PNG specification, section 9)."""
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    packed = b""
    place = 8
    while place < len(data):
        length, kind = struct.unpack_from(">I4s", data, place)
        body = data[place + 8 :][:length]
        place += length + 12
        if kind == b"IHDR":
            width, height, depth, colour = struct.unpack_from(">IIBB", body)
            assert (depth, colour) == (8, 2)
        elif kind == b"IDAT":
            packed += body
    return (width, height), unfiltered(zlib.decompress(packed), width * 3)


def unfiltered(data, stride):
    """The rows of a PNG without their filters."""
    rows = bytearray()
    before = bytearray(stride)
    for start in range(0, len(data), stride + 1):
        kind = data[start]
        row = bytearray(data[start + 1 :][:stride])
        for column in range(stride) if kind else ():
            left = row[column - 3] if column >= 3 else 0
            above = before[column]
            corner = before[column - 3] if column >= 3 else 0
            guess = (0, left, above, (left + above) // 2, paeth(left, above, corner))[kind]
            row[column] = (row[column] + guess) & 0xFF
        rows += row
        before = row
    return bytes(rows)


def paeth(left, above, corner):
    """The one of three that is nearest to their plane."""
    guess = left + above - corner
    return min((left, above, corner), key=lambda value: abs(guess - value))


def turned(size, pixels, degrees):
    """A picture turned clockwise."""
    if not degrees:
        return size, pixels
    width, height = size
    rows = [[pixels[(y * width + x) * 3 :][:3] for x in range(width)] for y in range(height)]
    for _ in range(degrees // 90):
        rows = [list(row) for row in zip(*rows[::-1])]
    return (len(rows[0]), len(rows)), b"".join(pixel for row in rows for pixel in row)
