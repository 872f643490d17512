/** As much of a page as what stands on it touches: elements that keep what they are given. */

import { vi } from 'vitest'

export class Element extends EventTarget {
  readonly attributes = new Map<string, string>()
  readonly dataset: Record<string, string> = {}
  readonly style = { setProperty() {} }
  children: unknown[] = []
  hidden = false
  href = ''
  textContent = ''
  constructor(readonly localName: string) {
    super()
  }
  setAttribute(name: string, value: string) {
    this.attributes.set(name, value)
  }
  append(...children: unknown[]) {
    this.children.push(...children)
  }
  replaceChildren(...children: unknown[]) {
    this.children = children
  }
  before() {}
  remove() {}
  /** It and what it holds, in order. */
  get all(): Element[] {
    return [this, ...this.children.flatMap((child) => (child instanceof Element ? child.all : []))]
  }
}

/** One page in English for this test; there is every element that is asked for by its id. */
export function openPage(): void {
  vi.stubGlobal('window', globalThis)
  vi.stubGlobal('document', Object.assign(new EventTarget(), {
    documentElement: { dataset: { words: 'en' }, dir: 'ltr', lang: 'en' },
    body: { dataset: {} },
    createElement: (name: string) => new Element(name),
    createElementNS: (_: string, name: string) => new Element(name),
    getElementById: (id: string) => new Element(id),
  }))
  vi.stubGlobal('navigator', { languages: [], onLine: true })
}
