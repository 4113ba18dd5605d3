"""A picture of NVML's samples: utilisation and memory during a statement, with the idle line."""

from collections.abc import Sequence

from sparkproof.gpu.samples import Sample


def draw(idle: Sequence[Sample], busy: Sequence[Sample]) -> bytes:
    """Return an SVG of the `busy` samples over time in seconds, with the maximum of the `idle` samples as a line."""
    # Imported here because only a run with a GPU draws a picture.
    import pygal

    start, line = busy[0].at_s, max(sample.utilisation for sample in idle)
    # Without scripts: a report must load nothing from other places.
    chart = pygal.XY(js=[], dots_size=1, height=320, x_title="seconds", y_title="% in use", legend_at_bottom=True)
    for gpu in sorted({sample.gpu for sample in busy}):
        own = [sample for sample in busy if sample.gpu == gpu]
        used = [(sample.at_s - start, sample.utilisation) for sample in own]
        taken = [(sample.at_s - start, sample.memory / 2**30) for sample in own]
        chart.add(f"GPU {gpu}: % in use", used)
        chart.add(f"GPU {gpu}: GiB taken", taken, secondary=True)
    chart.add("% in use when idle", [(0, line), (busy[-1].at_s - start, line)])
    return bytes(chart.render())
