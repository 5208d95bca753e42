"""Whole sites for demo, story, replay, bench and proofs: the only importer of simulators.

`folder` writes a site's files (certificates, keys, configurations), `processes` starts broker, library system and
gateway beside this process, `desktop` runs one self-checkout on simulated devices with hands to use it, `demo` tells
the story.
"""
