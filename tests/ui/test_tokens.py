"""Colours, sizes and the panel."""

from __future__ import annotations

import pytest

from kiosk.screen import Modes, Tone
from kiosk.ui.panel import LANDSCAPE, PANELS, PORTRAIT, SMALL, Panel
from kiosk.ui.tokens import CONTRAST, DARK, LIGHT, Size, Theme, contrast, em_mm_min, look

GROUNDS = ("paper", "card", "mist", "go_mist", "care_mist", "stop_mist")


def test_black_on_white_has_the_ratio_of_the_standard() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21.0)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", [LIGHT, DARK, CONTRAST], ids=lambda t: t.name)
def test_every_text_colour_can_be_read_on_every_ground_it_is_meant_for(theme: Theme) -> None:
    for ground in GROUNDS:
        assert contrast(theme.ink, getattr(theme, ground)) >= 7.0
        assert contrast(theme.soft, getattr(theme, ground)) >= 4.5
    for tone in (Tone.GO, Tone.CARE, Tone.STOP):
        for ground in (theme.paper, theme.card, theme.mist_of(tone)):
            assert contrast(theme.of(tone), ground) >= 4.5
        assert contrast(theme.on(tone), theme.of(tone)) >= 4.5
    assert contrast(theme.go_soft, theme.go) >= 4.5


@pytest.mark.parametrize("theme", [LIGHT, DARK, CONTRAST], ids=lambda t: t.name)
def test_the_edge_of_a_control_stands_out_on_every_ground(theme: Theme) -> None:
    for ground in (*GROUNDS, "dock"):
        assert contrast(theme.edge, getattr(theme, ground)) >= 3.0


def test_high_contrast_is_high() -> None:
    for name in ("ink", "soft", "go", "care", "stop"):
        assert contrast(getattr(CONTRAST, name), CONTRAST.paper) >= 10.0


def test_the_large_panel_draws_the_type_scale_as_it_was_designed() -> None:
    plain = look(PORTRAIT, Modes(), dark=False)
    assert [plain.size(size) for size in Size] == [28, 32, 41, 48, 64, 88, 112, 168, 336]
    assert plain.px(20) == 81


@pytest.mark.parametrize("panel", PANELS, ids=lambda p: p.name)
def test_a_panel_has_at_most_ten_type_sizes(panel: Panel) -> None:
    sizes = {look(panel, Modes(large=large), dark=False).size(size) for size in Size for large in (False, True)}
    assert len(sizes) <= 10


@pytest.mark.parametrize("panel", PANELS, ids=lambda p: p.name)
def test_capitals_are_tall_enough_for_the_distance_they_are_read_from(panel: Panel) -> None:
    plain, large = (look(panel, Modes(large=on), dark=False) for on in (False, True))
    assert plain.size(Size.CAPTION) / panel.px_per_mm >= em_mm_min(panel, primary=False) - 0.05
    assert plain.size(Size.BODY) / panel.px_per_mm >= em_mm_min(panel, primary=True) - 0.05
    assert large.size(Size.CAPTION) / panel.px_per_mm >= em_mm_min(panel, primary=True) - 0.05


def test_a_panel_knows_its_size_in_the_hand() -> None:
    assert pytest.approx(4.03, abs=0.01) == PORTRAIT.px_per_mm
    assert (PORTRAIT.portrait, LANDSCAPE.portrait) == (True, False)
    assert SMALL.width_mm == pytest.approx(217.5, abs=0.5)
    assert not SMALL.roomy
