/** From a listener to a speaker, on the event page itself. Loaded when somebody asks to speak, and not before. */

import './speaking.css'
import { mount, unmount } from 'svelte'
import { askAt, speakAs } from '../backstage/api'
import { speak } from '../backstage/words.svelte'
import type { Listener } from '../event/floor'
import type { Boot } from '../event/status'
import Speaking from './Speaking.svelte'

export interface Way {
  space: string
  /** Of the event page. */
  path: string
  /** Where this tab keeps its secret. */
  slot: string
  /** Origin of backstage. */
  backstage: string
  /** Whether nobody new comes to the stage, as far as the door says. */
  locked(): Promise<boolean>
  /** Nothing of the programme is to be heard from now on. */
  hush(): void
  /** They are a listener again. */
  resume(): void
  /** Whether a request of theirs stands: the page does not go along with a space that moves. */
  asks(stands: boolean): void
  /** They would rather not. */
  closed(): void
}

/** Whoever asks, on the page that they asked on. */
export interface Asker extends Pick<Way, 'path' | 'slot' | 'closed'> {
  listener: Listener
  boot: Boot
}

/** Returns how to leave it, with whatever stands open. Rejects when the words are not reached. */
export async function open(target: HTMLElement, { listener, boot, path, slot, closed }: Asker): Promise<() => void> {
  const { backstage } = boot.urls
  const { dataset } = document.body
  const language = document.documentElement.dataset['words'] ?? 'en'
  await speak(language)
  askAt(backstage, language)
  const part = mount(Speaking, {
    target,
    props: {
      space: boot.space,
      path,
      slot,
      backstage,
      locked: async () => (await listener.ask())?.locked ?? false,
      hush: () => {
        dataset['speaking'] = ''
        listener.stop()
      },
      resume: () => {
        delete dataset['speaking']
        listener.resume()
      },
      asks: (stands: boolean) => {
        if (stands) dataset['asks'] = ''
        else delete dataset['asks']
      },
      closed: () => {
        leave()
        closed()
      },
    },
  })
  function leave(): void {
    void unmount(part)
    speakAs(null)
  }
  return leave
}
