"""The MQTT contract: topics, envelopes, records, requests and answers. One copy, imported by both ends.

A machine writes `tx` (its journal, in order), `req/{op}` (a question, or an intent's record sent early), `tele`,
`state` and `evt`; it reads `rcpt`, `rsp` and `cmd/{op}`. docs/asyncapi.yaml describes the same for others, and a
test compares the two.
"""
