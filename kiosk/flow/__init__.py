"""The engine: something happened -> a pure function decides -> it is written down -> only then is it done.

`step` is the front door for reducers (Step, Now, Private and the shared commands), `events` what the platform tells
every machine, `runtime` the loop (queue, timers, commit, then act, then show), `replay` the fold over a journal.
"""
