"""The self-checkout machine: a student borrows, returns and renews. A customer of the platform like the other two.

`states` what the desk knows, `pad` what lies there, `policy` the library's settings,
`reduce` decides, `picture` shows, `assemble` plugs it into the platform.
"""
