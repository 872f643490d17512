/** Draws figures over time with uPlot. Loaded late: only the door's page needs it. Colours follow the theme. */

import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'

const HEIGHT_PX = 170
const WIDTH_PX = 2

/** One line of a chart: its name, and the tone and stroke that tell it from the others in any colours. */
export interface Line {
  label: string
  tone: '--ink' | '--ink-soft'
  stroke?: 'dotted' | 'dashed'
}

const DASHES = { solid: [], dotted: [2, 4], dashed: [8, 5] }

export interface Chart {
  show(columns: number[][]): void
  remove(): void
}

const colour = (name: string) => () => getComputedStyle(document.documentElement).getPropertyValue(name)

/** Put a chart into `place`, as wide as it is. */
export function chart(place: HTMLElement, lines: Line[], locale: string): Chart {
  const axis: uPlot.Axis = { stroke: colour('--ink-soft'), grid: { stroke: colour('--line'), width: 1 }, ticks: { show: false }, font: '12px sans-serif' }
  const number = (value: number | null) => (value === null ? '–' : value.toLocaleString(locale, { maximumFractionDigits: 2 }))
  const clock = (at_s: number) => new Date(at_s * 1000).toLocaleTimeString(locale, { timeStyle: 'medium' })
  const plot = new uPlot(
    {
      width: place.clientWidth,
      height: HEIGHT_PX,
      cursor: { y: false },
      scales: { y: { range: (_, __, most) => [0, Math.max(1, most * 1.1)] } },
      axes: [
        { ...axis, space: 90, values: (_, splits) => splits.map(clock) },
        { ...axis, size: 60, values: (_, splits) => splits.map(number) },
      ],
      legend: { markers: { dash: (_, series) => lines[series - 1]?.stroke ?? 'solid' } },
      series: [
        { label: '', value: (_, at) => (at === null ? '–' : clock(at)) },
        ...lines.map((line): uPlot.Series => ({ label: line.label, stroke: colour(line.tone), dash: DASHES[line.stroke ?? 'solid'], width: WIDTH_PX, points: { show: false }, value: (_, value) => number(value) })),
      ],
    },
    [[], ...lines.map(() => [])],
    place,
  )
  const resized = new ResizeObserver(() => plot.setSize({ width: place.clientWidth, height: HEIGHT_PX }))
  const theme = matchMedia('(prefers-color-scheme: dark)')
  const redraw = () => plot.redraw()
  resized.observe(place)
  theme.addEventListener('change', redraw)
  return {
    show: (columns) => plot.setData(columns as uPlot.AlignedData),
    remove() {
      resized.disconnect()
      theme.removeEventListener('change', redraw)
      plot.destroy()
    },
  }
}
