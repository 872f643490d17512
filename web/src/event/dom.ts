/** Making elements, without a framework: a listener's whole page has a budget of 25 kB. */

type Child = Node | string | null | undefined | false

/** Make an element. Properties that start with `on` are listeners; the others become attributes. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  properties: Record<string, string | number | boolean | EventListener | undefined> = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(properties)) {
    if (typeof value === 'function') element.addEventListener(name.slice(2), value)
    else if (value === true) element.setAttribute(name, '')
    else if (value !== false && value !== undefined) element.setAttribute(name, String(value))
  }
  element.append(...(children.filter(Boolean) as (Node | string)[]))
  return element
}

/** An element of the page as the door rendered it. */
export function byId(id: string): HTMLElement {
  const found = document.getElementById(id)
  if (!found) throw new Error(`no #${id} here`)
  return found
}

/** Set text only where it differs, so that screen readers are not told twice. */
export function say(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text
}

/** Paint the part of a slider that lies behind its thumb. */
export function fill(slider: HTMLInputElement): void {
  const share = slider.valueAsNumber / Number(slider.max || 1)
  slider.style.setProperty('--fill', `${(100 * share).toFixed(2)}%`)
}

const NS = 'http://www.w3.org/2000/svg'

const SHAPES = {
  play: 'M6 3.5v17l15-8.5z',
  stop: 'M4.5 4.5h15v15h-15z',
  sound: 'M3 8.5h4.5L13 4v16l-5.5-4.5H3zM16 8a5.5 5.5 0 0 1 0 8v-2.2a2.5 2.5 0 0 0 0-3.6zM16 3.7a9.5 9.5 0 0 1 0 16.6v-2.3a7.5 7.5 0 0 0 0-12z',
  verified: 'M12 2a10 10 0 1 0 0 20a10 10 0 1 0 0-20zM10.5 16.8l-4.7-4.7 1.8-1.8 2.9 2.9 6.1-6.1 1.8 1.8z',
  share: 'M12 2l5.5 5.5-1.5 1.5L13 6v10h-2V6L8 9 6.5 7.5zM4 13h2v7h12v-7h2v9H4z',
} as const

export type Shape = keyof typeof SHAPES

/** A pictogram; always beside words or under an aria-label. */
export const icon = (shape: Shape): SVGSVGElement => drawn(SHAPES[shape])

/** One path on 24 by 24, what it encloses twice left open. */
export function drawn(shape: string): SVGSVGElement {
  const svg = document.createElementNS(NS, 'svg')
  svg.setAttribute('viewBox', '0 0 24 24')
  svg.setAttribute('aria-hidden', 'true')
  const path = document.createElementNS(NS, 'path')
  path.setAttribute('d', shape)
  path.setAttribute('fill-rule', 'evenodd')
  svg.append(path)
  return svg
}
