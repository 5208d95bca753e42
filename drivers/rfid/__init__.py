"""Book pads: what every pad promises (`contract`), the loop that owns one (`watch`), and one folder per model.

`tags` is what is written on a tag, and pure; `field` is the radio field that all pad simulators share.
"""
