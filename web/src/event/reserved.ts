/** A reserved link: `#r=` of the address, kept in this browser for its space and taken out of the address bar. */

import { remembered } from './remembered'

const KEY = 'rostra.reserved.'
const SHAPE = /^#r=([A-Za-z0-9_-]{48})$/

/** Take what the address brings; return what this browser holds for `space`, or an empty text. */
export function reservedFor(space: string): string {
  const brought = SHAPE.exec(location.hash)?.[1]
  if (brought) history.replaceState(history.state, '', location.pathname + location.search)
  return remembered(KEY + space, brought) ?? ''
}
