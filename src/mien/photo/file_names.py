"""Capture times out of file names, as cameras, messengers and screenshots write them."""

import re
from datetime import UTC
from pathlib import PurePath

from mien.photo.dates import epoch_time, with_zone, written_time
from mien.photo.photo import CaptureTime

_DATE = r"(?<!\d)(?P<year>199\d|20\d\d)(?P<dash>[-_.]?)(?P<month>0[1-9]|1[0-2])(?P=dash)(?P<day>0[1-9]|[12]\d|3[01])"
_BETWEEN = r"(?:[-_.,\sT]{0,3}|\s(?:at|um|à|a las|alle|kl\.)\s)(?P<half_before>上午|下午)?\s?"
_CLOCK = r"(?P<hour>\d{1,2}(?=[-_.:h])|\d\d)(?P<colon>[-_.:h]?)(?P<minute>[0-5]\d)(?P=colon)(?P<second>[0-5]\d)"
_REST = r"(?:[-.]?(?P<fraction>\d{3}))?(?!\d)(?:[\s_]?(?P<half>[AaPp])\.?[Mm]\b)?"

_LONGEST = 255  # characters, as in every file system; an upload may claim any name
_MOMENT = re.compile(_DATE + _BETWEEN + _CLOCK + _REST)
_DAY = re.compile(_DATE + r"(?!\d)")
_EPOCH = re.compile(r"^[^\W\d]*[-_.]?(?:[^\W\d]+[-_.])?(?P<milliseconds>1\d{12})(?!\d)")
_IN_UTC = re.compile(r"^PXL_")  # Google's Pixel; everyone else writes local time


def time_in_name(name: str) -> CaptureTime | None:
    """The time that a file's name tells; None if it tells none.

    Date and clock (`IMG_20200102_030405`, `Screenshot 2020-01-02 at 3.04.05 PM`, `微信图片_20200102030405`) are local
    time, except on Pixel phones; a number of milliseconds (`mmexport1577934245000`, `wx_camera_…`) is in UTC: when a
    messenger saved the photo, the closest that is left. A date alone (`IMG-20200102-WA0001`) gives a day.
    """
    stem = PurePath(name).stem[:_LONGEST]
    if found := _MOMENT.search(stem):
        hour, half = int(found["hour"]), (found["half"] or found["half_before"] or "").lower()
        if half and hour <= 12:
            hour = hour % 12 + (12 if half in ("p", "下午") else 0)
        clock = f"{hour:02}:{found['minute']}:{found['second']}.{found['fraction'] or '0'}"
        time = written_time(f"{found['year']}-{found['month']}-{found['day']}T{clock}", "filename")
        return with_zone(time, UTC) if time and _IN_UTC.match(stem) else time
    if found := _EPOCH.match(stem):
        return epoch_time(int(found["milliseconds"]), "filename")
    if found := _DAY.search(stem):
        return written_time(f"{found['year']}-{found['month']}-{found['day']}", "filename")
    return None
