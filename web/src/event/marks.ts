/** Pictograms of the reactions, drawn here: not every machine has a font for them. */

import { drawn } from './dom'

const SHAPES: Record<string, string> = {
  clap: 'M5.6 12.5V7a1.5 1.5 0 0 1 3 0v4h.7V5a1.5 1.5 0 0 1 3 0v6h.7V5.8a1.5 1.5 0 0 1 3 0V11.5h.7V8.5a1.5 1.5 0 0 1 3 0V15c0 4.2-2.9 7-6.8 7-3.2 0-5-1.3-6.6-4L2.7 14.2a1.5 1.5 0 0 1 2.4-1.7zM7 .8l1.3 2.7-1.2.6L5.8 1.4zM2.3 3.9l2.5 1.6-.7 1.1-2.5-1.6zM17.6.8l1.2.6-1.3 2.7-1.2-.6zM22.3 3.9l.7 1.1-2.5 1.6-.7-1.1z',
  heart: 'M12 21S2 15.2 2 8.6C2 5.5 4.5 3.5 7.2 3.5c2 0 3.8 1.1 4.8 2.9 1-1.8 2.8-2.9 4.8-2.9C19.5 3.5 22 5.5 22 8.6 22 15.2 12 21 12 21z',
  laugh: 'M12 1.5a10.5 10.5 0 1 0 0 21a10.5 10.5 0 1 0 0-21zM5.5 10c.4-2 1-3 2.4-3s2 1 2.4 3H8.8c-.2-.8-.4-1.2-.9-1.2S7.2 9.2 7 10zm8.2 0c.4-2 1-3 2.4-3s2 1 2.4 3H17c-.2-.8-.4-1.2-.9-1.2s-.7.4-.9 1.2zM5.5 12.8h13c0 4-2.7 6.7-6.5 6.7s-6.5-2.7-6.5-6.7z',
  wow: 'M12 1.5a10.5 10.5 0 1 0 0 21a10.5 10.5 0 1 0 0-21zM8 7a1.6 2 0 1 1 0 4a1.6 2 0 1 1 0-4zm8 0a1.6 2 0 1 1 0 4a1.6 2 0 1 1 0-4zm-4 6a2.8 3.3 0 1 1 0 6.6a2.8 3.3 0 1 1 0-6.6z',
  thanks: 'M12 1.5a4 4 0 0 1 3.8 5.2 4 4 0 1 1 2.4 7.6 4 4 0 1 1-6.2 4.6 4 4 0 1 1-6.2-4.6 4 4 0 1 1 2.4-7.6A4 4 0 0 1 12 1.5zm0 8.2a2.5 2.5 0 1 0 0 5a2.5 2.5 0 1 0 0-5z',
}

export const KINDS = Object.keys(SHAPES)

/** A pictogram; beside words or under an aria-label. */
export const mark = (kind: string): SVGSVGElement => drawn(SHAPES[kind] ?? '')
