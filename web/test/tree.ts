/** A page whose elements know where they stand and which has the focus, and tells an observer what was taken off it. */

import { vi } from 'vitest'

const OWN_CHILD = ':scope > '

interface Removal {
  removedNodes: Element[]
  nextSibling: Element | null
  previousSibling: Element | null
}

let tell: (removal: Removal) => void = () => {}

export class Element extends EventTarget {
  readonly attributes = new Map<string, string>()
  readonly dataset: Record<string, string> = {}
  parentElement: Element | null = null
  children: Element[] = []
  textContent = ''
  hidden = false
  value = ''
  checked = false
  readonly validity = { valid: true }
  constructor(readonly localName: string) {
    super()
  }
  /** Whether it stands on the page. */
  get isConnected(): boolean {
    return this === (document.body as unknown) || (this.parentElement?.isConnected ?? false)
  }
  get nextSibling(): Element | null {
    return this.#beside(1)
  }
  get previousSibling(): Element | null {
    return this.#beside(-1)
  }
  #beside(step: number): Element | null {
    const all = this.parentElement?.children ?? []
    return all[all.indexOf(this) + step] ?? null
  }
  setAttribute(name: string, value: string): void {
    this.attributes.set(name, value)
    if (name === 'hidden') this.hidden = true
  }
  append(...children: (Element | string)[]): void {
    for (const child of children) {
      if (typeof child === 'string') this.textContent += child
      else {
        child.remove()
        child.parentElement = this
        this.children.push(child)
      }
    }
  }
  replaceChildren(...children: Element[]): void {
    for (const child of [...this.children]) child.remove()
    this.append(...children)
  }
  /** As in browsers: what had the focus has it no more, and nothing else gets it. */
  remove(): void {
    const from = this.parentElement
    if (!from) return
    const removal = { removedNodes: [this], nextSibling: this.nextSibling, previousSibling: this.previousSibling }
    const wasSeen = this.isConnected
    from.children = from.children.filter((child) => child !== this)
    this.parentElement = null
    const page = document as unknown as { activeElement: Element; body: Element }
    if (this.contains(page.activeElement)) page.activeElement = page.body
    if (wasSeen) tell(removal)
  }
  contains(other: Element | null): boolean {
    return other !== null && (other === this || this.contains(other.parentElement))
  }
  closest(name: string): Element | null {
    return this.localName === name ? this : (this.parentElement?.closest(name) ?? null)
  }
  querySelector(names: string): Element | null {
    return this.querySelectorAll(names)[0] ?? null
  }
  /** By names alone, and by those of its own children (`:scope > …`). */
  querySelectorAll(names: string): Element[] {
    const known = names.split(', ')
    const fits = (each: Element) => known.includes(each.localName) || (each.parentElement === this && known.includes(OWN_CHILD + each.localName))
    return this.#within().filter(fits)
  }
  #within(): Element[] {
    return this.children.flatMap((child) => [child, ...child.#within()])
  }
  focus(): void {
    if (!this.isConnected) return
    Object.assign(document, { activeElement: this })
    this.#happen('focusin', {})
  }
  /** Press it by keyboard, or by hand. */
  press({ byHand = false } = {}): void {
    this.focus()
    this.#happen('click', { detail: byHand ? 1 : 0 })
  }
  /** Whether a key here does what it does. */
  hold(key: string, { repeat }: { repeat: boolean }): boolean {
    return !this.#happen('keydown', { key, repeat }).defaultPrevented
  }
  /** On it and on the page alone: nothing listens between. */
  #happen(type: string, facts: object): Event {
    const event = Object.assign(new Event(type, { cancelable: true }), facts)
    Object.defineProperty(event, 'target', { value: this })
    this.dispatchEvent(event)
    document.dispatchEvent(event)
    return event
  }
  showModal(): void {}
}

/** An element of these names, from the outermost, and what stands in it. */
export function stand(name: string, ...children: Element[]): Element {
  const element = new Element(name)
  element.append(...children)
  return element
}

/** An empty page in English for this test. */
export function openPage(): Element {
  const body = new Element('body')
  tell = () => {}
  vi.stubGlobal('window', globalThis)
  vi.stubGlobal('navigator', { languages: [], onLine: true })
  vi.stubGlobal('document', Object.assign(new EventTarget(), {
    documentElement: { dataset: { words: 'en' }, dir: 'ltr', lang: 'en' },
    body,
    activeElement: body,
    createElement: (name: string) => new Element(name),
    getElementById: () => body,
  }))
  vi.stubGlobal('MutationObserver', class {
    #removals: Removal[] = []
    constructor(private readonly seen: (removals: Removal[]) => void) {}
    observe() {
      tell = (removal) => {
        if (this.#removals.push(removal) === 1) queueMicrotask(() => this.seen(this.#removals.splice(0)))
      }
    }
  })
  return body
}
