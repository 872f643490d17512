/** What was pressed keeps the focus while its work runs: it is told to be out of use, and no press of it does anything. */

import type { Action } from 'svelte/action'

/** By what a button or a field of files is pressed, Enter in its form too, and what opens and turns a choice. */
const PRESSES = ['click', 'mousedown', 'keydown']

/** Whether an event on a busy element is kept from it; who only goes on to the next thing may. */
function isPress(element: HTMLElement, event: Event): boolean {
  if (event.type === 'click') return true
  return element instanceof HTMLSelectElement && (event as KeyboardEvent).key !== 'Tab'
}

export const busy: Action<HTMLElement, boolean> = (element, working) => {
  let deaf = false
  const update = (on: boolean) => {
    deaf = on
    if (on) element.setAttribute('aria-disabled', 'true')
    else element.removeAttribute('aria-disabled')
  }
  const keep = (event: Event) => {
    if (!deaf || !isPress(element, event)) return
    event.preventDefault()
    event.stopImmediatePropagation()
  }
  for (const press of PRESSES) element.addEventListener(press, keep, true)
  update(working)
  return { update }
}
