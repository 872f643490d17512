/** As much of a page as what stands on it touches: elements that keep what they are given. */

import { vi } from 'vitest'

export class Element extends EventTarget {
  readonly attributes = new Map<string, string>()
  readonly dataset: Record<string, string> = {}
  readonly style = { setProperty() {}, minBlockSize: '' }
  readonly offsetHeight = 0
  readonly classList = { add() {}, toggle: (_: string, on = false) => on }
  readonly isConnected = true
  children: unknown[] = []
  hidden = false
  href = ''
  textContent = ''
  constructor(readonly localName: string) {
    super()
  }
  setAttribute(name: string, value: string) {
    this.attributes.set(name, value)
    if (name === 'hidden') this.hidden = true
  }
  append(...children: unknown[]) {
    this.children.push(...children)
  }
  replaceChildren(...children: unknown[]) {
    this.children = children
  }
  getBoundingClientRect() {
    return { top: 0 }
  }
  after() {}
  before() {}
  remove() {}
  replaceWith() {}
  focus() {}
  contains(): boolean {
    return false
  }
  querySelector(): Element | null {
    return null
  }
  querySelectorAll(): Element[] {
    return []
  }
  /** What is shown of it and of what it holds. */
  get shown(): string {
    return this.hidden ? '' : this.textContent + this.children.map((child) => (child instanceof Element ? child.shown : String(child))).join(' ')
  }
  /** It and what it holds, in order. */
  get all(): Element[] {
    return [this, ...this.children.flatMap((child) => (child instanceof Element ? child.all : []))]
  }
}

/** One page in English for this test; there is every element that is asked for by its id. */
export function openPage(): void {
  vi.stubGlobal('window', globalThis)
  vi.stubGlobal('document', Object.assign(new EventTarget(), {
    cookie: '',
    documentElement: { dataset: { words: 'en' }, dir: 'ltr', lang: 'en' },
    body: new Element('body'),
    createElement: (name: string) => new Element(name),
    createElementNS: (_: string, name: string) => new Element(name),
    getElementById: (id: string) => new Element(id),
  }))
  vi.stubGlobal('navigator', { languages: [], onLine: true })
}
