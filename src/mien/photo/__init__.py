"""Reading photo files safely: bytes → an upright `Photo`, its times, place, key and thumbnails."""
