/** Draws figures over time with uPlot. Loaded late: only the door's page needs it. Colours follow the theme. */

import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { toldClock } from '../zones'

const HEIGHT_PX = 170
const WIDTH_PX = 2
/** Half of a time, which may stand below the newest figure. */
const BESIDE_PX = 32

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

/** Between the marks of an axis: minutes, for the clock shows no less, and of people never a part. */
const MINUTES_S = [1, 2, 5, 10].map((minutes) => 60 * minutes)
const WHOLE = [...Array(9).keys()].flatMap((zeros) => [1, 2, 5].map((first) => first * 10 ** zeros))

/** Put a chart into `place`, as wide as it is; `whole`: its figures are people. */
export function chart(place: HTMLElement, lines: Line[], whole: boolean, locale: string): Chart {
  const axis: uPlot.Axis = { stroke: colour('--ink-soft'), grid: { stroke: colour('--line'), width: 1 }, ticks: { show: false }, font: '12px sans-serif' }
  const number = (value: number | null) => (value === null ? '–' : value.toLocaleString(locale, { maximumFractionDigits: whole ? 0 : 2 }))
  const clock = (at_s: number) => toldClock(at_s * 1000)
  const second = (at_s: number | null) => (at_s === null ? '–' : clock(at_s).replace(/:\d+/, `$&:${String(Math.floor(at_s % 60)).padStart(2, '0')}`))
  /** What is pointed at, else the newest: the figures stand there for whoever cannot point, too. */
  const shown = ({ data }: uPlot, series: number, at: number | null) => data[series]?.at(at ?? -1) ?? null
  const plot = new uPlot(
    {
      width: place.clientWidth,
      height: HEIGHT_PX,
      padding: [null, BESIDE_PX, null, null],
      cursor: { y: false },
      scales: { y: { range: (_, __, most) => [0, Math.max(1, most * 1.1)] } },
      axes: [
        { ...axis, space: 90, incrs: MINUTES_S, values: (_, splits) => splits.map(clock) },
        { ...axis, size: 60, ...(whole && { incrs: WHOLE }), values: (_, splits) => splits.map(number) },
      ],
      legend: { markers: { dash: (_, series) => lines[series - 1]?.stroke ?? 'solid' } },
      series: [
        { label: '', value: (plot, _, series, at) => second(shown(plot, series, at)) },
        ...lines.map((line): uPlot.Series => ({ label: line.label, stroke: colour(line.tone), dash: DASHES[line.stroke ?? 'solid'], width: WIDTH_PX, points: { show: false }, value: (plot, _, series, at) => number(shown(plot, series, at)) })),
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
