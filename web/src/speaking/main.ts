/** From a listener to a speaker, on the event page itself. Loaded when somebody asks to speak, and not before. */

import './speaking.css'
import { mount, unmount } from 'svelte'
import { askAt, speakAs } from '../backstage/api'
import { speak } from '../backstage/words.svelte'
import Speaking from './Speaking.svelte'

export interface Way {
  space: string
  /** Of the event page. */
  path: string
  /** Where this tab keeps its secret. */
  slot: string
  /** Origin of backstage. */
  backstage: string
  /** Nothing of the programme is to be heard from now on. */
  hush(): void
  /** They are a listener again. */
  resume(): void
  /** They would rather not. */
  closed(): void
}

/** Returns how to leave it, with whatever stands open. */
export async function open(target: HTMLElement, way: Way): Promise<() => void> {
  const language = document.documentElement.dataset['words'] ?? 'en'
  await speak(language)
  askAt(way.backstage, language)
  const part = mount(Speaking, {
    target,
    props: {
      ...way,
      closed: () => {
        leave()
        way.closed()
      },
    },
  })
  function leave(): void {
    void unmount(part)
    speakAs(null)
  }
  return leave
}
