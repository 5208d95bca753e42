"""The glass: draws the Screen value it is given and sends touches back. It decides nothing and keeps nothing.

The only room that imports Kivy. What a screen says is decided in kiosk.checkout.picture; where it stands and how it
looks is decided here, in millimetres.
"""
